// Keeps the lists of a page up to date: asks every ten seconds, and changes only what has changed, so that focus,
// caret, selection, ticked boxes and scroll stay where they are. Nothing is asked while the page is out of sight,
// nothing is changed while somebody types or an input method composes.
const live = document.getElementById("live");
const EVERY = 10000, STILL = 1500; // milliseconds; after a stroke of a key it counts as typing for so long
let etag = live?.dataset.etag, composing = false, lastKey = 0, asking = false, timer;

const busy = () => composing || performance.now() - lastKey < STILL;

function later(wait = EVERY) {
  clearTimeout(timer);
  timer = setTimeout(refresh, wait);
}

async function refresh() {
  if (document.hidden || asking) return;
  if (busy()) return later(STILL);
  asking = true;
  try {
    // Signed out: the answer leads to the sign-in page, and there is nothing more to ask.
    const answer = await fetch(live.dataset.live, { headers: { "If-None-Match": etag }, redirect: "manual" });
    if (answer.type === "opaqueredirect") return;
    if (answer.status === 200) {
      const text = await answer.text();
      if (busy()) return later(STILL);
      etag = answer.headers.get("ETag");
      show(new DOMParser().parseFromString(text, "text/html"));
    }
  } catch { /* offline: the engine light tells, and the next time may do */ } finally {
    asking = false;
  }
  later();
}

function show(fresh) {
  const changed = new Set();
  keepingFocus(() => {
    for (const part of fresh.querySelectorAll("[data-live-part]")) {
      const here = document.getElementById(part.id);
      if (here) bringUpToDate(here, part, changed);
    }
  });
  document.dispatchEvent(new CustomEvent("live"));
  if (!changed.size) return;
  live.textContent = changed.size === 1 ? live.dataset.one : live.dataset.many.replace("#", changed.size);
}

function bringUpToDate(here, part, changed) {
  const rows = here.querySelector("tbody"), freshRows = part.querySelector("tbody");
  if (rows && freshRows) return mergeRows(rows, freshRows, changed);
  if (here.innerHTML === part.innerHTML) return;
  for (const row of (rows ?? freshRows)?.rows ?? []) changed.add(numberOf(row));
  here.replaceChildren(...part.childNodes);
}

function mergeRows(rows, freshRows, changed) {
  const wanted = new Set([...freshRows.rows].map((row) => row.id));
  for (const row of [...rows.rows]) {
    if (wanted.has(row.id)) continue;
    changed.add(numberOf(row));
    if (row.contains(document.activeElement)) neighbour(row)?.focus({ preventScroll: true });
    row.remove();
  }
  let place = rows.rows[0] ?? null;
  for (const fresh of [...freshRows.rows]) {
    const row = document.getElementById(fresh.id);
    if (!row) {
      changed.add(numberOf(fresh));
      rows.insertBefore(fresh, place);
      continue;
    }
    if (row.dataset.version !== fresh.dataset.version) {
      changed.add(numberOf(row));
      mergeCells(row, fresh);
    }
    if (row === place) place = row.nextElementSibling;
    else if (rows.moveBefore) rows.moveBefore(row, place);
    else rows.insertBefore(row, place);
  }
}

// A box stays the box that was ticked; only what it stands for is brought up to date.
function mergeCells(row, fresh) {
  [...row.cells].forEach((cell, index) => {
    const box = cell.querySelector('input[name="row"]');
    if (box) box.value = fresh.cells[index].querySelector("input").value;
    else if (cell.innerHTML !== fresh.cells[index].innerHTML) cell.replaceChildren(...fresh.cells[index].childNodes);
  });
  row.dataset.version = fresh.dataset.version;
}

const numberOf = (row) => row.id.split("-").pop();
const neighbour = (row) => (row.nextElementSibling ?? row.previousElementSibling)?.querySelector("a");

// Whoever had the focus and was replaced gives it to the one of the same id.
function keepingFocus(change) {
  const id = document.activeElement?.id;
  change();
  if (id && document.activeElement?.id !== id && (document.activeElement ?? document.body) === document.body) {
    document.getElementById(id)?.focus({ preventScroll: true });
  }
}

if (live) {
  document.addEventListener("compositionstart", () => { composing = true; });
  document.addEventListener("compositionend", () => { composing = false; });
  document.addEventListener("input", () => { lastKey = performance.now(); });
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
  later();
}
