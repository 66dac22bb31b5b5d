// <form data-bulk>: the bar of actions appears when a row is ticked and says how many are.
export function bulk(form) {
  const bar = form.querySelector("[data-bulk-bar]");
  const count = form.querySelector("[data-bulk-count]");
  const all = form.querySelector("[data-bulk-all]");
  const items = () => [...form.querySelectorAll("[data-bulk-item]:not([disabled])")];
  form.querySelectorAll("[data-bulk-all-label]").forEach((label) => (label.hidden = false));

  function show() {
    const every = items();
    const picked = every.filter((item) => item.checked).length;
    if (bar) bar.hidden = picked === 0;
    if (count) count.textContent = `${count.dataset.words}: ${picked}`;
    if (all) {
      all.checked = picked > 0 && picked === every.length;
      all.indeterminate = picked > 0 && picked < every.length;
    }
  }

  // Shift+click ticks the whole run, as in mail programmes.
  let last = null;
  form.addEventListener("click", (event) => {
    const item = event.target.closest("[data-bulk-item]");
    if (!item) return;
    const every = items();
    if (event.shiftKey && last) {
      const [from, to] = [every.indexOf(last), every.indexOf(item)].sort((a, b) => a - b);
      every.slice(from, to + 1).forEach((one) => (one.checked = item.checked));
    }
    last = item;
    show();
  });
  all?.addEventListener("change", () => {
    items().forEach((item) => (item.checked = all.checked));
    show();
  });
  form.addEventListener("change", show);
  show();
}
