import { word } from "./words.js";

// A button that shows the password; hidden again before the form goes.
export function password(box) {
  const input = box.querySelector("input");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button quiet small";
  button.setAttribute("aria-controls", input.id);
  const set = (shown) => {
    input.type = shown ? "text" : "password";
    button.textContent = word(shown ? "hide" : "show");
    button.setAttribute("aria-label", word(shown ? "hidePassword" : "showPassword"));
  };
  button.addEventListener("click", () => set(input.type === "password"));
  input.form?.addEventListener("submit", () => set(false));
  set(false);
  box.append(button);
}
