// Toasts: from the page, from the header HX-Trigger {"toast": {level, text}}, and for requests that failed.
const box = document.getElementById("toasts");
const pattern = document.getElementById("toast-template");

// Good news leaves by itself, not while one reads it; warnings and errors stay.
function expire(toast) {
  if (!["success", "info", "debug"].includes(toast.dataset.level)) return;
  let timer;
  const wait = () => { timer = setTimeout(() => toast.remove(), 8000); };
  const hold = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("pointerleave", wait);
  toast.addEventListener("focusout", wait);
  wait();
}

// `more` is put behind the text: a link.
export function say(level, text, ...more) {
  const toast = pattern.content.firstElementChild.cloneNode(true);
  toast.dataset.level = level;
  toast.querySelector("p").append(text, ...more);
  box.append(toast);
  expire(toast);
}

if (box) {
  box.querySelectorAll(".toast-note").forEach(expire);
  document.addEventListener("click", (event) => {
    event.target.closest?.("[data-dismiss]")?.closest(".toast-note, .alert")?.remove();
  });
  document.addEventListener("toast", (event) => say(event.detail.level ?? "info", event.detail.text));
  // A background refresh that fails is not news: the engine light and the next refresh tell.
  const silent = (event) => event.detail.elt.closest("[hx-trigger*='every']");
  document.addEventListener("htmx:responseError", (event) => silent(event) || say("error", box.dataset.failed));
  document.addEventListener("htmx:sendError", (event) => silent(event) || say("error", box.dataset.offline));
}
