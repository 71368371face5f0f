// Lets clocks run on by the server's time. No words here: they come from <template id="clock-words">.
const words = JSON.parse(document.getElementById("clock-words")?.dataset.words ?? "null");
const stamp = document.querySelector('meta[name="server-now"]')?.content;

// The page was made when its answer began to arrive; the reader's own clock may be hours wrong.
const [page] = performance.getEntriesByType("navigation");
let offset = stamp ? Date.parse(stamp) - (performance.timeOrigin + (page?.responseStart ?? 0)) : 0;
const now = () => Date.now() + offset;

function inWords(milliseconds) {
  const whole = Math.floor(Math.abs(milliseconds) / 1000);
  const parts = [["d", Math.floor(whole / 86400)], ["h", Math.floor(whole / 3600) % 24], ["m", Math.floor(whole / 60) % 60], ["s", whole < 600 ? whole % 60 : 0]];
  const largest = Math.max(0, parts.findIndex(([unit, amount]) => amount || unit === "s"));
  return parts.slice(largest, largest + 2).filter(([unit, amount]) => amount || (unit === "s" && whole === 0))
    .map(([unit, amount]) => words.units[unit].replace("%(n)s", amount)).join(" ");
}

function stateOf(clock, instant) {
  if (!["running", "near", "breached"].includes(clock.dataset.state)) return clock.dataset.state;
  if (instant >= Date.parse(clock.dataset.due)) return "breached";
  return clock.dataset.near && instant >= Date.parse(clock.dataset.near) ? "near" : "running";
}

function tickClock(clock, instant) {
  const due = Date.parse(clock.dataset.due), start = Date.parse(clock.dataset.start);
  const state = stateOf(clock, instant);
  if (clock.dataset.state !== state) clock.dataset.state = state;
  if (!["running", "near", "breached"].includes(state)) return;
  const text = clock.querySelector(".clock-text"), said = words.states[state].replace("%(time)s", inWords(due - instant));
  if (text.textContent !== said) text.textContent = said;
  const left = Math.round(100 * Math.min(1, Math.max(0, (due - instant) / Math.max(1000, due - start))));
  clock.querySelector(".clock-arc").setAttribute("stroke-dasharray", `${left} 100`);
}

function tickStopwatch(watch, instant) {
  const whole = Math.max(0, Math.floor((instant - Date.parse(watch.dataset.since)) / 1000));
  const two = (n) => String(n).padStart(2, "0");
  watch.textContent = (whole >= 3600 ? [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60] : [Math.floor(whole / 60), whole % 60]).map(two).join(":");
}

let lastWall = Date.now(), lastSteady = performance.now();
function tick() {
  const wall = Date.now(), steady = performance.now();
  // After sleep, or when somebody corrects the computer's clock, the two disagree: ask the server again.
  if (Math.abs(wall - lastWall - (steady - lastSteady)) > 1500 || steady - lastSteady > 90000) askServer();
  lastWall = wall;
  lastSteady = steady;
  const instant = now();
  if (words) document.querySelectorAll(".clock[data-due]").forEach((clock) => tickClock(clock, instant));
  document.querySelectorAll("[data-since]").forEach((watch) => tickStopwatch(watch, instant));
}

// The Date header has whole seconds: half a second is added, and small differences are not believed.
function believe(header) {
  if (!header) return;
  const seen = Date.parse(header) + 500 - Date.now();
  if (Math.abs(seen - offset) > 1500) offset = seen;
}

async function askServer() {
  const icon = document.querySelector('link[rel="icon"]');
  try {
    believe((await fetch(icon.href, { method: "HEAD", cache: "no-store" })).headers.get("Date"));
  } catch { /* offline: the old offset stays */ }
}

document.addEventListener("htmx:afterRequest", (event) => believe(event.detail.xhr?.getResponseHeader("Date")));
document.addEventListener("htmx:afterSwap", tick);
document.addEventListener("visibilitychange", () => document.hidden || tick());
addEventListener("pageshow", (event) => event.persisted && askServer().then(tick));
tick();
setTimeout(() => { tick(); setInterval(tick, 1000); }, 1000 - (now() % 1000));
