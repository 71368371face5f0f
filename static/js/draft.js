// Keeps what is typed as a draft on the server, and lets nothing be sent that a signed-out page would lose.
import { newestToken } from "./signedout.js";

const form = document.querySelector("form[data-draft]");
const state = document.getElementById("draft-state"), signedOut = document.getElementById("signed-out");
const PAUSE = 1200, AGAIN = 5000;
let timer, kept = typed(), isChecking = false, isLeaving = false, isChecked = false;

function typed() {
  const data = new FormData(form);
  data.delete("csrfmiddlewaretoken");
  data.delete("files"); // a draft is words
  return new URLSearchParams(data).toString();
}

const token = () => newestToken() ?? form.elements.csrfmiddlewaretoken.value;

async function keep() {
  const now = typed();
  let answer;
  try {
    answer = await fetch(form.dataset.draft, {
      method: "POST", redirect: "manual", body: new URLSearchParams(now), headers: { "X-CSRFToken": token() },
    });
  } catch {
    state.textContent = state.dataset.offline;
    return "offline";
  }
  signedOut.hidden = !(answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403);
  if (!signedOut.hidden) return "signed out";
  if (!answer.ok) return "failed";
  state.innerHTML = await answer.text();
  kept = now;
  return "kept";
}

function later(wait) {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    if (isLeaving || isChecking || kept === typed()) return;
    if ((await keep()) !== "kept") later(AGAIN);
  }, wait);
}

form.addEventListener("input", () => later(PAUSE));
form.addEventListener("change", () => later(PAUSE));

// What was typed before this script came is not kept yet, though the form holds it.
const wasTyped = (field) => "defaultValue" in field && field.type !== "hidden" && field.value !== field.defaultValue;
if ([...form.elements].some(wasTyped)) {
  kept = "";
  later(PAUSE);
}

form.addEventListener("submit", async (event) => {
  clearTimeout(timer);
  if (isChecked || event.submitter?.matches("[data-no-draft]")) {
    isLeaving = true;
    return;
  }
  event.preventDefault();
  if (isChecking) return;
  isChecking = true;
  const outcome = await keep();
  isChecking = false;
  if (outcome === "signed out" || outcome === "offline") {
    (outcome === "offline" ? form : signedOut).scrollIntoView({ block: "start" });
    return later(AGAIN);
  }
  isChecked = true;
  form.requestSubmit(event.submitter ?? undefined);
  isChecked = false;
});

// "Back" after saving would show a form that is saved already.
addEventListener("pageshow", (event) => event.persisted && isLeaving && location.reload());
