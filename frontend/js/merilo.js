// Every part below only adds to a page that already works without it.
import { Checkboxes, ErrorSummary, Radios, SkipLink, Tabs } from "govuk-frontend";
import { answers } from "./answers.js";
import { autosave } from "./autosave.js";
import { bulk } from "./bulk.js";
import { confirm } from "./confirm.js";
import { filters } from "./filters.js";
import { guard } from "./guard.js";
import { marking } from "./marking.js";
import { navigation } from "./navigation.js";
import { password } from "./password.js";
import { scoring } from "./scoring.js";
import { copy, print, reveal, timers } from "./small.js";
import { word } from "./words.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");

const parts = {
  "govuk-checkboxes": Checkboxes,
  "govuk-error-summary": ErrorSummary,
  "govuk-radios": Radios,
  "govuk-skip-link": SkipLink,
  "govuk-tabs": Tabs,
};

function start(root) {
  for (const element of find(root, "[data-module]")) {
    const Part = parts[element.dataset.module];
    if (!Part || element.dataset.started) continue;
    element.dataset.started = "yes";
    try {
      new Part(element);
    } catch (error) {
      console.warn(error); // a broken decoration must not take the page with it
    }
  }
  find(root, "[data-autosave]").forEach(once("autosave", autosave));
  find(root, "form[data-answer]").forEach(once("answers", answers));
  find(root, "[data-guard]").forEach(once("guard", guard));
  find(root, "form[data-marking]").forEach(once("marking", marking));
  find(root, "form[data-scoring]").forEach(once("scoring", scoring));
  find(root, "form[data-bulk]").forEach(once("bulk", bulk));
  find(root, "form[data-autosubmit]").forEach(once("filters", filters));
  find(root, "[data-password]").forEach(once("password", password));
  find(root, "[data-copy]").forEach(once("copy", copy));
  find(root, "[data-print]").forEach(once("print", print));
  find(root, "[data-reveal]").forEach(once("reveal", reveal));
  find(root, ".timer").forEach(once("timer", timers));
}

function find(root, selector) {
  const inside = [...root.querySelectorAll(selector)];
  return root.matches?.(selector) ? [root, ...inside] : inside;
}

const once = (name, act) => (element) => {
  element.merilo ??= new Set();
  if (element.merilo.has(name)) return;
  element.merilo.add(name);
  act(element);
};

navigation(document);
confirm(document);
start(document.body);

// What htmx brings later gets the same treatment.
document.addEventListener("htmx:after:process", (event) => {
  if (event.target instanceof Element) start(event.target);
});

// A page that came back with errors says so in its title, before anything else is read.
if (document.querySelector(".govuk-error-summary")) {
  document.title = `${word("error")} ${document.title}`;
}
