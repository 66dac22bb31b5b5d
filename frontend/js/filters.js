// <form data-autosubmit>: choosing in a list applies the filter at once; typed text waits for Enter.
// Empty fields do not go into the address.
export function filters(form) {
  form.addEventListener("change", (event) => {
    if (event.target.matches("select, input[type=checkbox], input[type=radio]")) form.requestSubmit();
  });
  form.addEventListener("submit", () => {
    for (const field of form.elements) {
      if (field.name && field.value === "" && !field.disabled) {
        field.disabled = true;
        setTimeout(() => (field.disabled = false));
      }
    }
  });
}
