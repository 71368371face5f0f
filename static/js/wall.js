// A board on the wall asks for itself anew, says how old its data are, and turns red when no answer comes. It asks
// on when it is out of sight too: a screen on the wall has nobody to come back to it. What time it is, the server
// says: the clock of whatever drives the screen may be wrong.
const wall = document.getElementById("wall"), age = document.getElementById("wall-age");
const alarm = document.getElementById("wall-alarm"), words = wall.dataset;
const clock = document.getElementById("wall-clock"), day = document.getElementById("wall-day");
const EVERY = 10000, LONGEST = 40000, PATIENCE = 8000, RELOADED_EVERY = 600000; // milliseconds
const zone = { timeZone: words.zone, hourCycle: "h23" };
const as = (options) => new Intl.DateTimeFormat(document.documentElement.lang, { ...zone, ...options });
const TIME = as({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = as({ month: "long", day: "numeric", weekday: "long" });

let etag = words.etag, dataAt = Number(words.at), failures = 0, isRefused = false, timer;
let told = { server: Number(words.now), wallClock: Date.now(), steady: performance.now() };

// The steady clock stands still while a machine sleeps, the other one may be set back: what is later, counts.
const elapsed = () => Math.max(performance.now() - told.steady, Date.now() - told.wallClock);
const now = () => told.server + elapsed();

async function refresh() {
  try {
    // Signed out, or revoked: the answer is no board, and what is shown grows old.
    const answer = await fetch(words.part, {
      redirect: "manual",
      cache: "no-store",
      headers: { "If-None-Match": etag },
      signal: AbortSignal.timeout(PATIENCE),
    });
    isRefused = answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status);
    // A 200 without our headers comes from whatever stands between the server and the screen.
    const isBoard = [200, 304].includes(answer.status) && answer.headers.has("X-Board-At");
    if (isBoard && answer.status === 200) show(await answer.text());
    if (isBoard) keepTime(answer);
    failures = isBoard ? 0 : failures + 1;
  } catch { // no answer: its age tells
    failures += 1;
  }
  tell();
  clearTimeout(timer);
  timer = setTimeout(refresh, Math.min(EVERY * 2 ** Math.max(0, failures - 1), LONGEST));
}

function show(text) {
  wall.replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.childNodes);
}

function keepTime(answer) {
  const header = (name) => answer.headers.get(`X-Board-${name}`);
  etag = answer.headers.get("ETag");
  dataAt = Number(header("At"));
  told = { server: Number(header("Now")), wallClock: Date.now(), steady: performance.now() };
  if (header("Edition") !== words.edition) reload(header("Edition"));
}

// The page itself was deployed anew. Not again and again, should an old server answer beside the new one; and only
// when the page can be had: in the place of a board that cannot be loaded a browser shows nothing that tries again.
async function reload(edition) {
  const [last, at] = (sessionStorage.getItem("board") ?? "").split(" ");
  if (last === edition && Date.now() - Number(at) < RELOADED_EVERY) return;
  sessionStorage.setItem("board", `${edition} ${Date.now()}`);
  const page = await fetch(location.href, { redirect: "manual", cache: "no-store" }).catch(() => null);
  if (page?.status === 200) location.reload();
}

function tell() {
  const instant = now(), seconds = Math.max(0, Math.round((instant - dataAt) / 1000));
  const trouble = seconds <= Number(words.staleAfter) ? "" : isRefused ? "refused" : "stale";
  const text = words[trouble || "fresh"];
  write(clock, TIME.format(instant));
  write(day, DAY.format(instant));
  write(age, text.replace("{at}", TIME.format(dataAt)).replace("{age}", lasting(seconds)));
  for (const cell of wall.querySelectorAll("[data-due]")) countDown(cell, instant);
  document.body.classList.toggle("is-stale", Boolean(trouble));
  if (alarm.dataset.trouble === trouble) return;
  alarm.dataset.trouble = trouble; // said once, not each second
  alarm.textContent = trouble ? age.textContent : "";
}

function countDown(cell, instant) {
  const due = Number(cell.dataset.due), left = Math.round(Math.abs(due - instant) / 1000);
  const state = instant >= due ? "overdue" : instant >= Number(cell.dataset.near) ? "near" : "running";
  write(cell, (state === "overdue" ? "+" : "") + counted(left));
  if (cell.dataset.state !== state) cell.dataset.state = state;
}

function counted(seconds) {
  const two = (number) => String(Math.floor(number)).padStart(2, "0");
  const [days, hours] = [Math.floor(seconds / 86400), Math.floor((seconds % 86400) / 3600)];
  const rest = `${two((seconds % 3600) / 60)}:${two(seconds % 60)}`;
  if (days) return `${words.days.replace("#", days)} ${two(hours)}:${two((seconds % 3600) / 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

function lasting(seconds) {
  if (seconds < 120) return words.seconds.replace("#", seconds);
  return seconds < 7200
    ? words.minutes.replace("#", Math.floor(seconds / 60))
    : words.hours.replace("#", Math.floor(seconds / 3600));
}

function write(place, text) {
  if (place && place.textContent !== text) place.textContent = text;
}

tell();
setInterval(tell, 1000);
timer = setTimeout(refresh, EVERY);
addEventListener("online", refresh);
