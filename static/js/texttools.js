// Below a text that one writes: canned replies, inserted at the caret, and the list that opens behind an @.
import { composes } from "./command.js";

const dialog = document.getElementById("replies"), pattern = document.getElementById("text-tools");
const PATIENCE = 120; // milliseconds between the last letter and the question
const AT = /(?:^|[^A-Za-z0-9_.+-])[@\uff20]([^\s@\uff20]{0,20})$/;

// Put a text where the caret is, as if it were typed: the field can undo it, and drafts notice it.
function insert(field, text, start = field.selectionStart, end = field.selectionEnd) {
  field.focus();
  field.setSelectionRange(start, end);
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, start, end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

// A list of options that a field walks through with the arrow keys.
function walker(field, list) {
  const all = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");
  function choose(option) {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
  }
  function walk(key) {
    const options = all(), at = options.indexOf(chosen());
    const next = { ArrowDown: options[(at + 1) % options.length], ArrowUp: options.at((at - 1) % options.length) }[key];
    if (next) choose(next);
    return Boolean(next);
  }
  list.addEventListener("mousemove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== chosen()) choose(option);
  });
  return { all, chosen, choose, walk };
}

// The answer to a question, or nothing where a newer one was asked since; a page of sign-in is no answer.
async function ask(url, turn, isNewest) {
  const answer = await fetch(url, { redirect: "manual" });
  if (!answer.ok) throw new Error(`${answer.status || "signed out"}`);
  const text = await answer.text();
  return isNewest(turn) ? text : null;
}

function startReplies() {
  const words = document.getElementById("reply-words"), list = document.getElementById("reply-list");
  const said = dialog.querySelector("[role=status]"), walking = walker(words, list);
  let field, turn = 0, timer, isBehind = false, isEntered = false;

  async function find() {
    const mine = ++turn;
    const query = new URLSearchParams({ q: words.value, kind: field.dataset.replies });
    try {
      const html = await ask(`${dialog.dataset.url}?${query}`, mine, (one) => one === turn);
      if (html === null) return;
      list.innerHTML = html;
    } catch {
      list.replaceChildren();
      said.textContent = dialog.dataset.failed;
      said.classList.remove("visually-hidden");
      isEntered = false;
      return;
    }
    const found = walking.all();
    said.textContent = found.length ? said.dataset.some.replace("{count}", found.length) : said.dataset.none;
    said.classList.toggle("visually-hidden", found.length > 0);
    walking.choose(found[0]);
    isBehind = false;
    if (isEntered) take(found[0]);
    isEntered = false;
  }

  async function take(option) {
    if (!option) return;
    const place = [field.selectionStart, field.selectionEnd];
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? field.form.elements.csrfmiddlewaretoken.value;
    const body = new URLSearchParams({ language: option.dataset.language });
    let text;
    try {
      const answer = await fetch(option.dataset.url, { method: "POST", body, headers: { "X-CSRFToken": token }, redirect: "manual" });
      if (!answer.ok) throw new Error();
      ({ text } = await answer.json());
    } catch {
      said.textContent = dialog.dataset.failed;
      said.classList.remove("visually-hidden");
      return;
    }
    dialog.close();
    insert(field, text, ...place);
  }

  const later = () => {
    isBehind = true;
    clearTimeout(timer);
    timer = setTimeout(find, PATIENCE);
  };
  words.addEventListener("input", (event) => event.isComposing || later());
  words.addEventListener("compositionend", later);
  words.addEventListener("keydown", (event) => {
    if (composes(event)) return;
    if (event.key === "Enter" && isBehind) isEntered = true;
    else if (event.key === "Enter") take(walking.chosen());
    else if (!walking.walk(event.key)) return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => take(event.target.closest("[role=option]")));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => field.focus());

  return (of) => {
    field = of;
    words.value = "";
    list.replaceChildren();
    isEntered = false;
    dialog.showModal();
    find();
  };
}

function startMentions(field) {
  const box = document.createElement("div"), list = document.createElement("div");
  box.className = "mention-field";
  list.className = "mention-list";
  list.id = `${field.id}_people`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", dialog.dataset.label);
  field.after(box);
  box.append(list);
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  const walking = walker(field, list);
  let turn = 0;

  const typed = () => AT.exec(field.value.slice(0, field.selectionStart))?.[1];
  function close() {
    turn += 1;
    list.hidden = true;
    walking.choose(null);
    list.replaceChildren();
  }
  async function look() {
    const words = typed();
    if (words === undefined) return close();
    const mine = ++turn;
    let html = "";
    try {
      html = await ask(`${dialog.dataset.mentionable}?${new URLSearchParams({ q: words })}`, mine, (one) => one === turn);
    } catch { /* whoever is mentioned by hand is told all the same */ }
    if (html === null) return;
    list.innerHTML = html;
    list.querySelectorAll("[role=option]").forEach((option) => { option.id = `${list.id}_${option.id}`; });
    list.hidden = !walking.all().length;
    walking.choose(walking.all()[0]);
  }
  function take(option) {
    const end = field.selectionStart, start = end - (typed() ?? "").length;
    const handle = option.dataset.handle;
    close();
    insert(field, `${handle} `, start, end);
    close();
  }

  field.addEventListener("input", (event) => event.isComposing || look());
  field.addEventListener("compositionend", look);
  field.addEventListener("click", () => list.hidden || look());
  field.addEventListener("blur", () => setTimeout(() => box.contains(document.activeElement) || close(), 150));
  field.addEventListener("keydown", (event) => {
    if (list.hidden || composes(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (["Enter", "Tab"].includes(event.key) && walking.chosen()) take(walking.chosen());
    else if (event.key === "Escape") close();
    else if (!walking.walk(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => event.target.closest("[role=option]") && take(event.target.closest("[role=option]")));
}

if (dialog) {
  const open = startReplies();
  const equip = (root) => root.querySelectorAll("textarea[data-replies]").forEach((field) => {
    const tools = pattern.content.firstElementChild.cloneNode(true);
    tools.querySelector("[data-open-replies]").addEventListener("click", () => open(field));
    const at = tools.querySelector("[data-open-mentions]");
    field.after(tools);
    if (field.dataset.mentions === undefined) {
      at.remove();
      return;
    }
    startMentions(field);
    at.addEventListener("click", () => {
      const before = field.value.slice(0, field.selectionStart);
      insert(field, /(^|\s)$/.test(before) || !/[A-Za-z0-9_.+-]$/.test(before) ? "@" : " @");
    });
  });
  equip(document);
  document.addEventListener("form", (event) => equip(event.target));
}
