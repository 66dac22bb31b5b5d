// A button with data-confirm asks in a dialog before its form goes; without scripts it just goes,
// and the server keeps its own rules.
export function confirm(document) {
  const dialog = document.querySelector("[data-confirm-dialog]");
  if (!dialog) return;
  const part = (name) => dialog.querySelector(`[data-confirm-${name}]`);
  const words = part("yes").textContent;
  let waiting = null;

  document.addEventListener(
    "submit",
    (event) => {
      const button = event.submitter;
      if (!button?.dataset.confirm || button === waiting) {
        waiting = null;
        return;
      }
      event.preventDefault();
      event.stopImmediatePropagation();
      part("title").textContent = button.dataset.confirm;
      part("detail").textContent = button.dataset.confirmDetail ?? "";
      part("detail").hidden = !button.dataset.confirmDetail;
      part("yes").textContent = button.dataset.confirmYes ?? words;
      part("yes").classList.toggle("danger", button.classList.contains("danger"));
      waiting = button;
      dialog.showModal();
      part("title").focus();
    },
    true,
  );
  part("yes").addEventListener("click", () => {
    dialog.close("yes");
  });
  part("no").addEventListener("click", () => dialog.close("no"));
  dialog.addEventListener("close", () => {
    const button = waiting;
    if (dialog.returnValue === "yes" && button) {
      button.form.requestSubmit(button);
    } else {
      waiting = null;
      button?.focus();
    }
    dialog.returnValue = "";
  });
}
