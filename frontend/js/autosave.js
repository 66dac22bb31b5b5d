// <form data-autosave="URL">: sends the form two seconds after the last change, says «сохранено 12:03»
// in [data-saved], says in red when it could not, and tries again. The server may answer JSON
// {"saved_at": "12:03"}; any 2xx counts as saved, 4xx as refused (no retry until the next change).
// What it answered goes to the form as the event «merilo:answer».
import { word } from "./words.js";

const PAUSE = 2000;
const RETRIES = [3000, 10000, 30000];

export function autosave(form) {
  const state = form.querySelector("[data-saved]") ?? document.querySelector("[data-saved]");
  let timer = 0;
  let attempt = 0;
  let version = 0;
  let saving = null;

  const say = (text, kind) => {
    if (!state) return;
    state.textContent = text;
    state.classList.toggle("ok", kind === "ok");
    state.classList.toggle("late", kind === "late");
  };

  const later = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  };

  async function save() {
    if (saving) return; // the running request ends by looking whether anything changed meanwhile
    const sent = version;
    say(word("saving"), "");
    try {
      saving = fetch(form.dataset.autosave, {
        method: "POST",
        body: textOf(form),
        headers: { "X-Autosave": "1", Accept: "application/json" },
        credentials: "same-origin",
      });
      const answer = await saving;
      if (answer.status >= 500 || answer.redirected) throw new Error(String(answer.status));
      attempt = 0;
      const body = await bodyOf(answer);
      form.dispatchEvent(new CustomEvent("merilo:answer", { detail: body }));
      if (!answer.ok) {
        say(word("refused"), "late");
        return;
      }
      const at = body.saved_at ?? new Date().toTimeString().slice(0, 5);
      say(`${word("saved")} ${at}`, "ok");
      if (sent === version) form.dispatchEvent(new CustomEvent("merilo:saved"));
    } catch {
      say(word("unsaved"), "late");
      later(RETRIES[Math.min(attempt++, RETRIES.length - 1)]);
    } finally {
      saving = null;
      if (sent !== version) later(PAUSE);
    }
  }

  const changed = () => {
    version += 1;
    later(PAUSE);
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", () => clearTimeout(timer));
  addEventListener("online", () => version && later(0));
}

// Files are never autosaved: they go once, with the form itself.
function textOf(form) {
  const data = new FormData(form);
  for (const [name, value] of [...data.entries()]) if (value instanceof File) data.delete(name);
  return data;
}

async function bodyOf(answer) {
  const json = answer.headers.get("Content-Type")?.includes("json");
  return json ? await answer.json() : {};
}
