// Single keys. What they press stands on the page itself: data-shortcut="n", or "g d" for one key after the other.
import { composes, find, press } from "./command.js";

const sheet = document.getElementById("shortcuts");
const PAUSE = 1500; // milliseconds in which the second key must follow the first
let first = "", forget;

const isField = (element) => element.isContentEditable || element.matches?.('input:not([type="checkbox"], [type="radio"], [type="button"], [type="submit"]), textarea, select');

const rows = () => [...document.querySelectorAll(".ticket-table tbody tr")].filter((row) => row.querySelector("a[href]"));
const here = () => document.activeElement?.closest(".ticket-table tbody tr");
const link = (row) => row.querySelector("a.number") ?? row.querySelector("a[href]");

function walk(step) {
  const all = rows(), row = all[here() ? all.indexOf(here()) + step : step > 0 ? 0 : all.length - 1];
  if (row) link(row).focus();
  row?.scrollIntoView({ block: "nearest" });
  return all.length > 0;
}

const LIST = {
  j: () => walk(1),
  k: () => walk(-1),
  o: () => here() && (link(here()).click(), true),
  x: () => here()?.querySelector('input[type="checkbox"]') && (here().querySelector('input[type="checkbox"]').click(), true),
  "?": () => (showSheet(), true),
};

function pressFor(keys) {
  const button = find(`[data-shortcut="${CSS.escape(keys)}"]`);
  if (!button) return false;
  if (isField(button)) button.focus();
  else press(button);
  button.select?.();
  return true;
}

function showSheet() {
  const list = sheet.querySelector("dl"), pattern = document.getElementById("shortcut-row").content;
  sheet.querySelectorAll("[data-needs]").forEach((row) => { row.hidden = !document.querySelector(row.dataset.needs); });
  list.querySelectorAll("[data-own]").forEach((row) => row.remove());
  const seen = new Set();
  document.querySelectorAll("[data-shortcut]").forEach((button) => {
    const keys = button.dataset.shortcut;
    if (seen.has(keys)) return;
    seen.add(keys);
    const row = pattern.firstElementChild.cloneNode(true);
    row.dataset.own = "";
    row.querySelector("dt").append(...keys.split(" ").flatMap((key) => [Object.assign(document.createElement("kbd"), { textContent: key }), " "]));
    row.querySelector("dd").textContent = button.dataset.shortcutLabel;
    list.append(row);
  });
  sheet.showModal();
}

function onKey(event) {
  if (composes(event) || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.key.length !== 1) return;
  // A dialog that has just closed may still have the focus in a field that is no longer there.
  if ((isField(event.target) && event.target.checkVisibility()) || document.querySelector("dialog[open]")) return;
  const keys = first ? `${first} ${event.key}` : event.key;
  clearTimeout(forget);
  first = "";
  if (keys === "g" && document.querySelector('[data-shortcut^="g "]')) {
    first = "g";
    forget = setTimeout(() => { first = ""; }, PAUSE);
  } else if (LIST[keys]?.() || pressFor(keys)) event.preventDefault();
}

if (sheet) {
  document.querySelectorAll('[data-command="shortcuts"]').forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", showSheet);
  });
  sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());
  if (sheet.dataset.singleKeys === "on") document.addEventListener("keydown", onKey);
}
