import { word } from "./words.js";

// <button data-copy="text" hidden>: puts the text on the clipboard and says so.
export function copy(button) {
  if (!navigator.clipboard) return;
  button.hidden = false;
  const words = button.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = word("copied");
    button.classList.add("copy-done");
    setTimeout(() => {
      button.textContent = words;
      button.classList.remove("copy-done");
    }, 2500);
  });
}

export function print(button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// <select|input data-reveal="#id" data-reveal-value="other">: shows a part of the form with it.
export function reveal(control) {
  const target = document.querySelector(control.dataset.reveal);
  if (!target) return;
  const wanted = control.dataset.revealValue?.split(" ");
  const group = control.type === "radio" ? `input[name="${CSS.escape(control.name)}"]` : null;
  const show = () => {
    const on = ["radio", "checkbox"].includes(control.type)
      ? control.checked
      : wanted ? wanted.includes(control.value) : control.value !== "";
    target.hidden = !on;
  };
  (group ? [...document.querySelectorAll(group)] : [control]).forEach((one) =>
    one.addEventListener("change", show),
  );
  show();
}

// <span class="timer" data-since|data-until="ISO">: minutes and seconds, spoken only when asked.
export function timers(element) {
  const since = element.dataset.since && Date.parse(element.dataset.since);
  const until = element.dataset.until && Date.parse(element.dataset.until);
  const start = element.dataset.now ? Date.parse(element.dataset.now) - Date.now() : 0;
  const tick = () => {
    const now = Date.now() + start; // the server's clock, not the tablet's
    const left = Math.round((until ? until - now : now - since) / 1000);
    const whole = Math.abs(left);
    const parts = [Math.floor(whole / 60), whole % 60].map((n) => String(n).padStart(2, "0"));
    element.textContent = `${left < 0 ? "−" : ""}${parts.join(":")}`;
    element.classList.toggle("over", Boolean(until) && left < 0);
    if (!element.isConnected) clearInterval(timer);
  };
  const timer = setInterval(tick, 1000);
  tick();
}
