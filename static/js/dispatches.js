// The engineer's page. Every report is kept on the phone first, under a key of its own, and then sent until the
// server says that it has it; sent twice under one key it is one report. Only its own person's are sent.
import { forget, keep, newKey, reports } from "./dispatchqueue.js";
import { filesOf, prepare, settle } from "./dispatchform.js";

const road = document.querySelector("[data-road]"), words = road.dataset, person = Number(words.person);
const line = road.querySelector("[data-line]"), signIn = road.querySelector("[data-sign-in]");
const pattern = road.querySelector("[data-unsent]"), STEPS = ["depart", "arrive", "leave"];
const SOON = 1500, LATER = 60000;

// The phone's clock may be wrong: what the server said last is remembered, for it may be long ago.
let offset = Number(localStorage.getItem("dispatches-offset") ?? 0);
const now = () => new Date(Date.now() + offset);
const clock = (instant) => new Date(instant).toLocaleTimeString("sv", { hour: "2-digit", minute: "2-digit" });

function believe(instant, asked) {
  const seen = Date.parse(instant) - (asked + Date.now()) / 2;
  offset = Math.abs(seen) < 2000 ? 0 : Math.round(seen);
  localStorage.setItem("dispatches-offset", offset);
}

// What is seen --------------------------------------------------------------------------------------------------
function say(state, text) {
  line.dataset.state = state;
  line.textContent = text;
}

function show(all) {
  const mine = all.filter((report) => report.person === person);
  for (const card of road.querySelectorAll("[data-dispatch]")) {
    const its = mine.filter((report) => report.dispatch === card.dataset.dispatch);
    its.forEach((report) => mark(card, report));
    const said = its.map((report) => report.step), forms = [...card.querySelectorAll("form[data-step]")];
    const next = forms.find((form) => !said.includes(form.dataset.step));
    forms.forEach((form) => (form.hidden = form !== next));
    if (next) prepare(next, person);
  }
  const problems = mine.filter((report) => report.state === "refused" || report.notTaken?.length);
  const shown = new Set(problems.map((report) => report.key));
  road.querySelectorAll("[data-problem]").forEach((box) => shown.has(box.dataset.problem) || box.remove());
  problems.forEach(explain);
}

function mark(card, report) {
  const row = card.querySelector(`[data-time="${report.step}"]`), note = row.querySelector("em"), time = row.querySelector("time");
  row.hidden = false;
  time.dateTime = report.happenedAt;
  time.textContent = clock(report.happenedAt);
  note.dataset.state = report.state;
  note.textContent = report.state === "sent" ? words.sent.replace("{time}", clock(report.sentAt)) : words[report.state];
}

// A report that the server did not take stays here with all that belongs to it.
function explain(report) {
  if (road.querySelector(`[data-problem="${report.key}"]`)) return;
  const place = road.querySelector(`[data-dispatch="${report.dispatch}"] [data-problems]`) ?? road;
  const box = pattern.content.firstElementChild.cloneNode(true), when = box.querySelector("input");
  box.dataset.problem = report.key;
  box.querySelector("[data-says]").textContent = [report.says, ...(report.notTaken ?? [])].filter(Boolean).join(" ");
  const local = new Date(report.happenedAt);
  when.value = new Date(local - local.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  box.querySelector("[data-files]").append(...filesOf(report));
  if (report.state === "sent") box.querySelectorAll("label, [data-again]").forEach((part) => part.remove());
  box.querySelector("[data-again]")?.addEventListener("click", async () => {
    const changed = when.value && Math.abs(new Date(when.value) - local) >= 60000;
    await keep({ ...report, state: "kept", says: "", happenedAt: (changed ? new Date(when.value) : local).toISOString() });
    box.remove();
    await flush();
  });
  box.querySelector("[data-throw-away]").addEventListener("click", async () => {
    if (!confirm(words.sure)) return;
    if (report.state === "sent") await keep({ ...report, photos: [], signature: null, notTaken: [] });
    else await forget(report.key);
    location.reload();
  });
  place.append(box);
}

// This page is kept on the phone and goes on without a session: it says so itself.
document.addEventListener("htmx:beforeOnLoad", (event) => event.detail.xhr.status === 401 && event.preventDefault(), true);

// What is sent --------------------------------------------------------------------------------------------------
// null: no network. Otherwise who is signed in, if anybody.
async function session() {
  if (!navigator.onLine) return null;
  const asked = Date.now();
  try {
    const answer = await fetch(words.session, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (answer.status >= 500) return null;
    if (answer.redirected || !answer.headers.get("Content-Type")?.includes("json")) return { person: null };
    const facts = await answer.json();
    believe(facts.now, asked);
    return facts;
  } catch {
    return null;
  }
}

function bodyOf(report) {
  const body = new FormData();
  body.append("key", report.key);
  body.append("person", report.person);
  body.append("happened_at", report.happenedAt);
  for (const [name, value] of report.fields) body.append(name, value);
  report.photos.forEach((photo) => body.append("photos", photo.blob, photo.name));
  if (report.signature) body.append("signature", report.signature, "signature.png");
  return body;
}

// True when the next one may be tried.
async function send(report, csrf) {
  let answer, said;
  try {
    const headers = { Accept: "application/json", "X-CSRFToken": csrf };
    answer = await fetch(report.url, { method: "POST", body: bodyOf(report), headers });
    said = await answer.json();
  } catch {
    if (!answer || answer.status < 400 || answer.status >= 500) return false; // no network, or no longer signed in
    said = { faults: [{ says: words.forbidden }] };
  }
  if (answer.status >= 500 || answer.status === 409) return false;
  if (answer.ok) {
    const lost = said.not_taken.length > 0;
    const rest = lost ? {} : { photos: [], signature: null };
    await keep({ ...report, ...rest, state: "sent", sentAt: now().toISOString(), happenedAt: said.happened_at, notTaken: said.not_taken, says: "" });
  } else {
    await keep({ ...report, state: "refused", says: said.faults.map((fault) => fault.says).join(" ") });
  }
  return true;
}

let running = false, again = false, patience = SOON, timer;
async function flush() {
  if (running) {
    again = true;
    return;
  }
  running = true;
  try {
    do {
      again = false;
      await flushOnce();
    } while (again);
  } catch {
    say("stopped", words.notKept);
  } finally {
    running = false;
  }
}

async function flushOnce() {
  let all = await reports();
  const waits = (report) => report.state === "kept" && report.person === person;
  show(all);
  const others = all.filter((report) => report.state !== "sent" && report.person !== person).length;
  const known = await session();
  signIn.hidden = !known || known.person !== null;
  if (known?.person === null) return say("stopped", words.signedOut);
  if (known && known.person !== person) { // another person has signed in elsewhere: this is not his page
    await globalThis.caches?.delete("dispatches-1");
    return location.reload();
  }
  if (known) {
    for (const report of all.filter(waits)) if (!(await send(report, known.csrf))) break;
    all = await reports();
    show(all);
  }
  const left = all.filter(waits).length;
  clearTimeout(timer);
  if (left) timer = setTimeout(flush, patience);
  patience = left ? Math.min(2 * patience, LATER) : SOON;
  if (left) say("kept", words.waiting.replace("{n}", left));
  else if (others) say("stopped", words.other.replace("{n}", others));
  else if (all.some((report) => report.state === "sent" && report.person === person)) say("sent", words.allSent);
  else say("", "");
}

// What is pressed -----------------------------------------------------------------------------------------------
road.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-step]")) return;
  event.preventDefault();
  if (form.getAttribute("aria-busy") === "true") return;
  form.setAttribute("aria-busy", "true");
  const happenedAt = now().toISOString();
  const report = await settle(form);
  form.removeAttribute("aria-busy");
  if (!report) return;
  const { dispatch } = form.closest("[data-dispatch]").dataset;
  try {
    await keep({ key: newKey(), person, dispatch, step: form.dataset.step, url: form.action, happenedAt, state: "kept", says: "", ...report });
  } catch {
    say("stopped", words.notKept);
    form.submit(); // at once, as a plain form
    return;
  }
  await flush();
  const card = form.closest("[data-dispatch]");
  card.querySelector("form[data-step]:not([hidden]) [type=submit]")?.focus({ preventScroll: true });
});

// Nobody reads the last person's addresses on a phone that he has signed out of.
road.querySelector("[data-sign-out]").addEventListener("submit", async (event) => {
  event.preventDefault();
  await globalThis.caches?.delete("dispatches-1");
  event.target.submit();
});

// What was sent before today stands on the server's page, or is over.
async function tidy() {
  const midnight = new Date().setHours(0, 0, 0, 0);
  for (const report of await reports()) {
    if (report.state === "sent" && !report.notTaken?.length && Date.parse(report.sentAt) < midnight) await forget(report.key);
  }
}

function atOnce() {
  patience = SOON;
  return flush();
}
addEventListener("online", atOnce);
document.addEventListener("visibilitychange", () => document.hidden || atOnce());

// The page and its parts are kept from the first visit on, before the worker has served them once.
async function stayReadable() {
  if (!navigator.serviceWorker || !navigator.onLine) return;
  await navigator.serviceWorker.register(words.worker);
  await navigator.serviceWorker.ready;
  const parts = performance.getEntriesByType("resource").map((part) => part.name.split("#")[0]);
  const drawn = [...document.querySelectorAll("use")].map((use) => use.getAttribute("href").split("#")[0]);
  const statics = [...parts, ...drawn].filter((name) => new URL(name, location).pathname.startsWith("/static/"));
  const kept = await caches.open("dispatches-1");
  await kept.addAll([location.pathname, ...new Set(statics.map((name) => new URL(name, location).href))]);
  road.dataset.readable = "";
}

await tidy().catch(() => {});
await flush();
stayReadable().catch(() => {}); // where nothing may be kept, the page needs a network to open
