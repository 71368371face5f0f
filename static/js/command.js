// A command is a button of the page that has a name: <button data-command="theme">. The palette and single keys press
// it, so that there is nothing they can do that cannot be done by mouse or with a screen reader.
import { bring, comes } from "./verbforms.js";

export function press(button) {
  if (button.tagName !== "SUMMARY") {
    button.click();
    return;
  }
  const details = button.parentElement, field = () => details.querySelector("input:not([type=hidden]), select, textarea");
  const show = () => {
    details.scrollIntoView({ block: "nearest" });
    (field() ?? button).focus();
  };
  details.open = true;
  if (field() || !comes(details)) return show();
  button.focus();
  const typed = typedMeanwhile();
  bring(details).finally(() => {
    const keys = typed();
    if (document.activeElement !== button) return; // he has gone elsewhere
    show();
    if (document.activeElement !== button) keys.forEach(type);
  });
}

// What is typed while a form is on its way is meant for its first field, and for no single key.
function typedMeanwhile() {
  const keys = [];
  const keep = (event) => {
    const isKept = event.key === "Enter" || (!event.ctrlKey && !event.metaKey && (event.key === "Tab" || event.key.length === 1));
    if (composes(event) || event.altKey || !isKept) return;
    keys.push(event);
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.addEventListener("keydown", keep, true);
  return () => {
    document.removeEventListener("keydown", keep, true);
    return keys;
  };
}

function type({ key, ctrlKey, metaKey, shiftKey }) {
  const field = document.activeElement, isText = field.matches("textarea, input:not([type=radio], [type=checkbox])");
  const fields = [...(field.form?.querySelectorAll("input:not([type=hidden]), select, textarea, button") ?? [])];
  if (key === "Tab") fields[fields.indexOf(field) + (shiftKey ? -1 : 1)]?.focus();
  else if (isText && key.length === 1) document.execCommand("insertText", false, key);
  else field.dispatchEvent(new KeyboardEvent("keydown", { key, ctrlKey, metaKey, shiftKey, bubbles: true, cancelable: true }));
}

// The first one that can be seen, else the first: the same button may stand in the top bar and in a menu.
export function find(selector) {
  const all = [...document.querySelectorAll(selector)].filter((button) => !button.disabled);
  return all.find((button) => button.checkVisibility()) ?? all[0];
}

// While a Chinese input method composes, every key belongs to it.
export const composes = (event) => event.isComposing || event.keyCode === 229;
