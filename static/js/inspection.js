// An inspection under the thumb: a value takes its colour at once, and says what it means (duty/readings.py is the rule).
const form = document.querySelector("[data-inspection]");
const state = form.querySelector("[data-state]");

const typed = (check) => check.querySelector(".check-input input")?.value.normalize("NFKC").trim()
  ?? check.querySelector(".check-choices:not(.check-results) :checked")?.value ?? "";

function numberLevel(text, limits) {
  const number = Number(text), is = (name, side) => limits[name] !== undefined && (side < 0 ? number <= limits[name] : number >= limits[name]);
  if (Number.isNaN(number)) return "";
  if (is("critical_low", -1) || is("critical_high", 1)) return "critical";
  return is("warn_low", -1) || is("warn_high", 1) ? "warn" : "normal";
}

function levelOf(check) {
  const text = typed(check), { kind, limits, expected, levels } = check.dataset;
  if (!text || kind === "text") return "";
  if (kind === "yes_no") return !expected || text === expected ? "normal" : "critical";
  return kind === "choice" ? JSON.parse(levels)[text] : numberLevel(text, JSON.parse(limits));
}

// What the person has said himself stays; what only followed from the value follows it.
function follow(check, level) {
  if (check.dataset.said !== undefined || !level) return;
  const result = level === "critical" ? "abnormal" : "normal";
  check.querySelector(`[data-result="${result}"] input`).checked = true;
}

function colour(check) {
  const level = levelOf(check), word = check.querySelector(".check-level");
  check.dataset.level = level;
  if (word) word.textContent = { warn: word.dataset.wordWarn, critical: word.dataset.wordCritical }[level] ?? "";
  return level;
}

for (const check of form.querySelectorAll(".check")) {
  if (check.querySelector(".check-results :checked")) check.dataset.said = "";
  colour(check);
}

// Nothing typed is lost by going away.
let isUnsaved = false;
form.addEventListener("submit", () => (isUnsaved = false));
addEventListener("beforeunload", (event) => isUnsaved && event.preventDefault());

form.addEventListener("input", (event) => {
  isUnsaved = true;
  state.textContent = form.dataset.unsaved;
  const check = event.target.closest(".check");
  if (!check) return;
  if (event.target.closest(".check-results")) check.dataset.said = "";
  else if (!event.target.matches("textarea, [type=file]")) follow(check, colour(check));
});
