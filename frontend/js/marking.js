// <form data-marking>: digits mark the current criterion and go on to the next; ↑ ↓ walk; Backspace
// takes the mark back; Enter saves when every criterion is marked, otherwise goes to the first
// empty one; S skips the work ([data-skip]). Keys are read by place (event.code), so the layout of
// the keyboard does not matter. After the last criterion comes the sum typed by hand ([data-sum]),
// Enter in it saves as anywhere. [data-total], [data-max-total] and [data-left] follow the marks.

export function marking(form) {
  const rows = [...form.querySelectorAll("[data-criterion]")];
  if (!rows.length) return;
  let here = Math.max(0, rows.findIndex((row) => !chosen(row)));
  const total = form.querySelector("[data-total]");
  const left = form.querySelector("[data-left]");
  const sum = form.querySelector("[data-sum]");

  function chosen(row) {
    return row.querySelector("input:checked");
  }

  function go(index) {
    here = Math.min(rows.length - 1, Math.max(0, index));
    rows.forEach((row, at) => row.classList.toggle("here", at === here));
    const target = chosen(rows[here]) ?? rows[here].querySelector("input:not([disabled])");
    target?.focus();
    rows[here].scrollIntoView({ block: "nearest" });
  }

  function count() {
    const marks = rows.map(chosen).filter(Boolean);
    if (total) total.textContent = marks.reduce((sum, one) => sum + (Number(one.value) || 0), 0);
    if (left) left.textContent = rows.length - marks.length;
    rows.forEach((row) => chosen(row) && row.classList.remove("missing"));
  }

  function set(key) {
    const option = [...rows[here].querySelectorAll("input")].find(
      (input) => input.value.toLowerCase() === key || input.dataset.key === key,
    );
    if (!option || option.disabled) return false;
    option.checked = true;
    option.dispatchEvent(new Event("change", { bubbles: true }));
    if (here < rows.length - 1) go(here + 1);
    else if (sum && rows.every(chosen)) sum.focus();
    else option.focus();
    return true;
  }

  form.addEventListener("change", count);
  form.addEventListener("focusin", (event) => {
    const at = rows.findIndex((row) => row.contains(event.target));
    if (at >= 0 && at !== here) {
      here = at;
      rows.forEach((row, index) => row.classList.toggle("here", index === here));
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    const typing = event.target.closest("textarea, select, input:not([type=radio]), [contenteditable]");
    if (typing) return;
    const button = event.target.closest("button, a, summary");
    const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
    if (digit !== undefined) {
      if (set(digit)) event.preventDefault();
    } else if (event.code === "Minus" || event.code === "NumpadSubtract") {
      if (set("-")) event.preventDefault();
    } else if (event.key === "ArrowDown" && !button) {
      event.preventDefault();
      go(here + 1);
    } else if (event.key === "ArrowUp" && !button) {
      event.preventDefault();
      go(here - 1);
    } else if (event.key === "Backspace") {
      event.preventDefault();
      if (!chosen(rows[here]) && here > 0) go(here - 1);
      const mark = chosen(rows[here]);
      if (mark) {
        mark.checked = false;
        mark.dispatchEvent(new Event("change", { bubbles: true }));
      }
    } else if (event.key === "Enter" && !button) {
      event.preventDefault();
      const empty = rows.findIndex((row) => !chosen(row));
      if (empty >= 0) {
        rows[empty].classList.add("missing");
        go(empty);
      } else if (sum && !sum.value.trim()) {
        sum.focus();
      } else {
        form.requestSubmit(form.querySelector("[data-save]") ?? undefined);
      }
    } else if (event.code === "KeyS" && !button) {
      const skip = document.querySelector("[data-skip]");
      if (skip) {
        event.preventDefault();
        skip.click();
      }
    }
  });

  // The sum is the last line of the same column: arrow up goes back to the criteria, and Enter with
  // a criterion left empty shows it instead of asking the server.
  sum?.addEventListener("keydown", (event) => {
    const empty = rows.findIndex((row) => !chosen(row));
    if (event.key === "ArrowUp" || (event.key === "Enter" && empty >= 0)) {
      event.preventDefault();
      if (empty >= 0) rows[empty].classList.add("missing");
      go(empty >= 0 ? empty : rows.length - 1);
    }
  });

  count();
  if (sum && rows.every(chosen)) sum.focus();
  else go(here);
}
