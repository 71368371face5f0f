// The forms of a record's verbs come when they are wanted: when a <details> is opened, and already when the pointer or
// the focus comes near it. Without script a link in their place leads to a page that has the form.
const coming = new Map(); // the <details> whose form is on its way, with the promise of it

async function fetchInto(details, place) {
  try {
    // Signed out: the answer leads to the sign-in page, and that belongs in no form.
    const answer = await fetch(place.dataset.fetchFrom, { redirect: "manual" });
    if (!answer.ok) throw new Error(`${answer.status || "signed out"}`);
    const came = document.createRange().createContextualFragment(await answer.text());
    place.replaceWith(came);
    window.htmx?.process(details);
    details.dispatchEvent(new CustomEvent("form", { bubbles: true }));
  } catch {
    place.firstElementChild.hidden = false; // the link does the same, or says what is the matter
    coming.delete(details);
  }
}

// Whether the form of a <details> is not there yet.
export const comes = (details) => details.querySelector(":scope > [data-fetch-from]") !== null;

// Resolves when the form stands in its <details>, at once where it does so already.
export function bring(details) {
  const place = details.querySelector(":scope > [data-fetch-from]");
  if (place && !coming.has(details)) coming.set(details, fetchInto(details, place));
  return coming.get(details) ?? Promise.resolve();
}

const DWELL = 60; // milliseconds: a pointer on its way elsewhere wants nothing
const at = (event) => event.target.closest?.("details.verb");
let timer;

document.querySelectorAll("details.verb > [data-fetch-from]").forEach((place) => { place.firstElementChild.hidden = true; });
document.addEventListener("pointerover", (event) => {
  const details = at(event);
  clearTimeout(timer);
  if (details) timer = setTimeout(bring, DWELL, details);
});
document.addEventListener("focusin", (event) => at(event) && bring(at(event)));
document.addEventListener("toggle", (event) => event.target.open && at(event) && bring(at(event)), true);
