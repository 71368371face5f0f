// A field for a record's number that finds it by words too: what is typed is asked for, arrow keys and Enter choose.
import { composes } from "./command.js";

const PATIENCE = 150; // milliseconds between the last letter and the question

function pick(box) {
  const field = box.querySelector("[role=combobox]"), list = box.querySelector("[role=listbox]"), said = box.querySelector("[role=status]");
  const hits = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");
  // What is shown may not yet be the answer to what was typed: an Enter then waits for it.
  let timer, isBehind = false, isEntered = false;

  function choose(hit) {
    chosen()?.setAttribute("aria-selected", "false");
    hit?.setAttribute("aria-selected", "true");
    hit?.scrollIntoView({ block: "nearest" });
    if (hit) field.setAttribute("aria-activedescendant", hit.id);
    else field.removeAttribute("aria-activedescendant");
  }

  function open(isOpen) {
    list.hidden = !isOpen;
    field.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) field.removeAttribute("aria-activedescendant");
  }

  function take(hit) {
    clearTimeout(timer);
    isBehind = isEntered = false;
    field.value = hit.dataset.number;
    said.textContent = hit.querySelector(".picker-title").textContent;
    open(false);
    field.focus();
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function ask() {
    clearTimeout(timer);
    isBehind = field.value.trim() !== "";
    said.textContent = "";
    if (!isBehind) return open(false);
    timer = setTimeout(() => field.dispatchEvent(new Event("ask")), PATIENCE);
  }

  list.addEventListener("htmx:afterSwap", () => {
    if (!isBehind) return; // chosen or emptied meanwhile
    const found = hits();
    open(found.length > 0);
    said.textContent = found.length ? said.dataset.some.replace("{count}", found.length) : said.dataset.none;
    choose(found[0]);
    isBehind = false;
    if (isEntered && found[0]) take(found[0]);
    isEntered = false;
  });
  field.addEventListener("htmx:afterRequest", (event) => event.detail.failed && open(false));
  field.addEventListener("input", (event) => event.isComposing || ask());
  field.addEventListener("compositionend", ask);
  field.addEventListener("keydown", (event) => {
    if (composes(event)) return;
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      // Enter chooses, and never sends a form that is only half filled in.
      event.preventDefault();
      if (isBehind) isEntered = true;
      else if (!list.hidden && chosen()) take(chosen());
      return;
    }
    if (list.hidden) return;
    const all = hits(), at = all.indexOf(chosen());
    if (event.key === "ArrowDown") choose(all[(at + 1) % all.length]);
    else if (event.key === "ArrowUp") choose(all.at((at - 1) % all.length));
    else if (event.key === "Escape") open(false);
    else return;
    event.preventDefault();
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const hit = event.target.closest("[role=option]");
    if (hit) take(hit);
  });
  field.addEventListener("blur", () => open(false));
}

const equip = (root) => root.querySelectorAll("[data-picker]").forEach(pick);
equip(document);
document.addEventListener("form", (event) => equip(event.target)); // one that came later (verbforms.js)
