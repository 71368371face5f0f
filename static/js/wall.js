// The wall-board asks for itself anew, says how old its data are, and turns red when no answer comes. It asks on
// when it is out of sight too: a screen on the wall has nobody to come back to it.
const wall = document.getElementById("wall"), age = document.getElementById("wall-age");
const alarm = document.getElementById("wall-alarm");
const EVERY = 10000, PATIENCE = 8000; // milliseconds
let read = Date.now();

async function refresh() {
  try {
    // Signed out, or revoked: the answer is no board, and what is shown grows old.
    const options = { redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) };
    const answer = await fetch(wall.dataset.part, options);
    if (answer.status === 200) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      wall.replaceChildren(...fresh.body.childNodes);
      read = Date.now();
    }
  } catch { /* no answer: its age tells */ }
  tell();
  setTimeout(refresh, EVERY);
}

function tell() {
  const seconds = Math.max(0, Math.round((Date.now() - read) / 1000));
  const isStale = seconds > Number(wall.dataset.staleAfter);
  age.textContent = (isStale ? age.dataset.stale : age.dataset.fresh).replace("#", seconds);
  if (document.body.classList.toggle("is-stale", isStale) !== Boolean(alarm.textContent)) {
    alarm.textContent = isStale ? age.textContent : "";
  }
}

tell();
setInterval(tell, 1000);
setTimeout(refresh, EVERY);
