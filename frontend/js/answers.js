// <form data-autosave data-answer>: what the server says after each saving. The version goes into the
// form, so that the next saving is not taken for a stranger's; the reasons stand under the rows, each
// leading to its field.
export function answers(form) {
  const list = form.querySelector("[data-reasons]");
  form.addEventListener("merilo:answer", (event) => {
    const { version, reasons } = event.detail;
    if (version !== undefined) form.elements.version.value = version;
    if (!reasons || !list) return;
    form.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
    list.replaceChildren(...reasons.map((one) => said(form, one)));
  });
}

function said(form, { text, source, warning, field }) {
  const item = document.createElement("li");
  item.className = warning ? "soon" : "late";
  const target = field && document.getElementById(field);
  const words = document.createElement(target ? "a" : "span");
  words.textContent = text;
  if (target) {
    words.href = `#${field}`;
    if (!warning && form.contains(target)) target.setAttribute("aria-invalid", "true");
    words.addEventListener("click", (event) => {
      event.preventDefault();
      target.closest("details")?.setAttribute("open", "");
      target.focus();
    });
  }
  item.append(words);
  if (source) {
    const act = document.createElement("span");
    act.className = "muted";
    act.textContent = ` ${source}`;
    item.append(act);
  }
  return item;
}
