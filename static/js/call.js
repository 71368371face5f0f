// While a call is logged: the caller is found as his number is typed, and no key needs the mouse.
const form = document.getElementById("call-form");
const phone = document.getElementById("id_callback_number");
const composes = (event) => event.isComposing || event.keyCode === 229;

// The lookup ------------------------------------------------------------------------------------------------
const FEWEST = 5;
const EXTENSION = /^\s*[^\d\s+(.,/-]+[\s.:]*\d{3,}\s*$/; // a mark such as # or ext and nothing before it
let timer, asked = phone?.value.trim() ?? "", isAsking = false, goesOn = false;
const digits = (text) => text.normalize("NFKC").replace(/\D/g, "").length;

function lookUp() {
  clearTimeout(timer);
  const text = phone.value.trim();
  if (text === asked) return;
  const matters = Math.max(digits(text), digits(asked)) >= FEWEST || EXTENSION.test(text.normalize("NFKC"));
  asked = text;
  if (matters) {
    isAsking = true;
    htmx.trigger("#lookup", "lookup");
  }
}

phone?.addEventListener("input", (event) => {
  clearTimeout(timer);
  if (!event.isComposing) timer = setTimeout(lookUp, 150);
});
phone?.addEventListener("compositionend", () => { timer = setTimeout(lookUp, 0); });
phone?.addEventListener("change", lookUp);

// What the number told fills the fields that nobody typed into, and leaves them when the number changes.
const wasFilled = (field) => field.value !== "" && field.value === field.dataset.filled;

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.name === "choose") goesOn = true;
  if (event.detail.elt.id !== "lookup") return;
  for (const field of form.querySelectorAll("[data-filled]")) {
    if (wasFilled(field)) event.detail.parameters.delete(field.name);
  }
});
document.addEventListener("htmx:afterSettle", (event) => {
  for (const fact of event.target.querySelectorAll("[data-fill]")) {
    const field = document.getElementById(fact.dataset.fill);
    if (!field || (field.value && !wasFilled(field))) continue;
    field.value = field.dataset.filled = fact.dataset.value;
  }
  if (event.target.id !== "caller-known") return;
  isAsking = false;
  if (goesOn) {
    goesOn = false;
    // The button that was pressed is gone by now, and the focus with it.
    if ([phone, document.body].includes(document.activeElement)) goOn(phone);
  }
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt.id === "lookup" && !event.detail.successful) isAsking = goesOn = false;
});

// Keys ------------------------------------------------------------------------------------------------------
// Enter goes on to what is still empty; only Ctrl-Enter saves.
function goOn(from) {
  const found = document.querySelector(".found button");
  if (from === phone && found) return found.focus();
  const fields = [...form.querySelectorAll('input:not([type="hidden"], [type="checkbox"], [type="radio"], [type="file"]), textarea, select, input[type="radio"]:checked')];
  const isNext = (field) => from.compareDocumentPosition(field) & Node.DOCUMENT_POSITION_FOLLOWING
    && field.value === "" && field.checkVisibility();
  (fields.find(isNext) ?? form.querySelector('[data-key="save"]')).focus();
}

form?.addEventListener("keydown", (event) => {
  if (composes(event) || event.key !== "Enter" || event.ctrlKey || event.metaKey || !event.target.matches("input")) return;
  event.preventDefault();
  // Who is known already is not waited for: the next letters belong into the next field.
  if (event.target === phone) lookUp();
  if (event.target === phone && isAsking && !document.getElementById("id_client").value) goesOn = true;
  else goOn(event.target);
});

// F2 goes to the open records and Escape back; the arrows choose among them.
let cameFrom;
document.addEventListener("keydown", (event) => {
  if (composes(event)) return;
  const records = [...document.querySelectorAll("[data-add-call]")], at = records.indexOf(document.activeElement);
  if (event.key === "F2" && records.length) {
    cameFrom = document.activeElement;
    records[0].focus();
  } else if (at >= 0 && event.key === "ArrowDown") records[Math.min(at + 1, records.length - 1)].focus();
  else if (at >= 0 && event.key === "ArrowUp") records[Math.max(at - 1, 0)].focus();
  else if (at >= 0 && event.key === "Escape") cameFrom?.focus();
  else return;
  event.preventDefault();
});
