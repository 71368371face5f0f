// The command palette: Ctrl-K, type, arrow keys, Enter. The server decides what is offered (opsdesk/palette.py).
import { composes, find, press } from "./command.js";

const dialog = document.getElementById("palette");
const PATIENCE = 120; // milliseconds between the last letter and the question

function start() {
  const field = document.getElementById("palette-words"), list = document.getElementById("palette-list");
  const said = dialog.querySelector("[role=status]");
  const choices = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");
  // What is shown may not yet be the answer to what was typed: an Enter then waits for it.
  let timer, origin, isBehind = false, isEntered = false;

  function choose(option) {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
  }

  // What this page offers, by the names that its buttons give themselves.
  function offerPage(words) {
    const section = document.getElementById("palette-page").content.cloneNode(true).firstElementChild;
    const pattern = document.getElementById("palette-page-choice").content.firstElementChild;
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    document.querySelectorAll("[data-page-command]").forEach((button, at) => {
      const name = button.dataset.pageCommand;
      if (button.hidden || button.disabled || !wanted.every((word) => name.toLowerCase().includes(word))) return;
      const choice = pattern.cloneNode(true);
      choice.id = `palette-page-${at}`;
      choice.querySelector(".palette-label").textContent = name;
      choice.addEventListener("click", (event) => {
        event.preventDefault();
        event.stopPropagation();
        dialog.close();
        press(button);
      });
      section.append(choice);
    });
    if (section.querySelector("[role=option]")) list.insertBefore(section, list.querySelector('[aria-labelledby="palette-actions"]'));
  }

  function show(event) {
    offerPage(new URL(event.detail.xhr.responseURL).searchParams.get("q") ?? "");
    const found = choices();
    list.hidden = !found.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
    said.textContent = found.length ? said.dataset.some.replace("{count}", found.length) : said.dataset.none;
    said.classList.toggle("visually-hidden", found.length > 0);
    choose(found[0]);
    if (new URL(event.detail.xhr.responseURL).searchParams.get("q") !== field.value) return;
    isBehind = false;
    if (isEntered) found[0]?.click();
    isEntered = false;
  }

  function open() {
    if (document.querySelector("dialog[open]")) return;
    origin = document.activeElement;
    document.getElementById("palette-record").value = document.querySelector("[data-record]")?.dataset.record ?? "";
    field.value = "";
    isEntered = false;
    list.replaceChildren();
    list.hidden = true;
    dialog.showModal();
    field.dispatchEvent(new Event("ask"));
  }

  const ask = () => {
    isBehind = true;
    clearTimeout(timer);
    timer = setTimeout(() => field.dispatchEvent(new Event("ask")), PATIENCE);
  };
  field.addEventListener("input", (event) => event.isComposing || ask());
  field.addEventListener("compositionend", ask);

  field.addEventListener("keydown", (event) => {
    if (composes(event)) return;
    const all = choices(), at = all.indexOf(chosen());
    const next = { ArrowDown: all[(at + 1) % all.length], ArrowUp: all.at((at - 1) % all.length), PageDown: all[Math.min(at + 7, all.length - 1)], PageUp: all[Math.max(at - 7, 0)] }[event.key];
    if (event.key === "Enter" && isBehind) isEntered = true;
    else if (event.key === "Enter") chosen()?.click();
    else if (next) choose(next);
    else return;
    event.preventDefault();
  });

  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const button = option.dataset.commandOf && find(`[data-command="${option.dataset.commandOf}"]`);
    dialog.close();
    if (!button) return;
    event.preventDefault();
    press(button);
  });
  list.addEventListener("mousemove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== chosen()) choose(option);
  });

  list.addEventListener("htmx:afterSwap", show);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  field.addEventListener("htmx:afterRequest", (event) => { if (event.detail.failed) isBehind = isEntered = false; });
  dialog.addEventListener("close", () => {
    isEntered = false;
    if (document.activeElement === document.body) origin?.focus();
  });

  document.querySelectorAll('[data-command="palette"]').forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", open);
  });
  document.addEventListener("keydown", (event) => {
    if (composes(event) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else open();
  });
}

if (dialog) start();
