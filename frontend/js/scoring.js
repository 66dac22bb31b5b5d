// <form data-scoring>: one position scored by keyboard. Digits give the points, C goes to the comment,
// Shift+1…6 names a ground of deduction, D goes to the document, J and K to the next and the previous
// position, Enter saves and goes on; Ctrl+Enter does so from any field, Esc leaves a field. Keys are
// read by place (event.code), so the layout of the keyboard does not matter.

export function scoring(form) {
  const marks = [...form.querySelectorAll("input[type=radio][name=points]")];
  const typed = form.querySelector("[data-points]");
  const comment = form.querySelector("textarea[name=comment]");
  const save = () => form.requestSubmit(form.querySelector("[data-save]") ?? undefined);

  function set(digit) {
    if (typed) {
      typed.focus();
      typed.value = digit;
    } else {
      const mark = marks.find((one) => one.value === digit);
      if (!mark) return false;
      mark.checked = true;
      mark.focus();
    }
    (typed ?? marks[0]).dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  }

  function take(number) {
    const ground = form.querySelector(`[data-deduction="${number}"]`);
    if (!ground) return false;
    ground.closest("details").open = true;
    ground.click();
    ground.focus();
    return true;
  }

  function follow(selector) {
    const link = form.querySelector(selector);
    link?.click();
    return Boolean(link);
  }

  const letters = {
    KeyC: () => (comment?.focus(), true),
    KeyD: () => (document.getElementById("evidence")?.focus(), true),
    KeyJ: () => follow("[data-following]"),
    KeyK: () => follow("[data-before]"),
  };

  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      save();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const field = event.target.closest("textarea, select, input:not([type=radio], [type=checkbox])");
    if (field) {
      if (event.key === "Escape") (marks.find((one) => one.checked) ?? marks[0] ?? field).focus();
      if (event.key === "Escape" && document.activeElement === field) field.blur();
      return;
    }
    const button = event.target.closest("button, a, summary");
    const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
    let done = false;
    if (digit !== undefined) done = event.shiftKey ? take(digit) : set(digit);
    else if (event.key === "Enter" && !button) done = (save(), true);
    else if (letters[event.code] && !event.shiftKey) done = letters[event.code]();
    if (done) event.preventDefault();
  });

  if (!document.querySelector(".govuk-error-summary")) {
    (marks.find((one) => one.checked) ?? marks[0] ?? typed)?.focus({ preventScroll: true });
  }
}
