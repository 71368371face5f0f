// Small services for forms: sent once, focus on what is wrong, Ctrl-Enter, digits for radio cards, printing.

// A second click while the first is under way would make a second record.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]") || event.defaultPrevented) return;
  if (form.getAttribute("aria-busy") === "true") event.preventDefault();
  else form.setAttribute("aria-busy", "true");
});
const free = (form) => form?.closest?.("form")?.removeAttribute("aria-busy");
document.addEventListener("htmx:afterRequest", (event) => free(event.detail.elt));
addEventListener("pageshow", () => document.querySelectorAll("form[aria-busy]").forEach(free));

function showErrors(root) {
  const first = root.querySelector(".error-summary, [data-look-here]") ?? root.querySelector(".is-invalid");
  if (!first?.closest(".guide-pane")) first?.focus();
}
showErrors(document);
// An address with #… takes the focus away when the page has loaded.
addEventListener("load", () => setTimeout(() => document.activeElement === document.body && showErrors(document)));
document.addEventListener("htmx:load", (event) => event.detail.elt !== document.body && showErrors(event.detail.elt));

// While a Chinese input method composes, Enter and digits belong to it.
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return;
  const form = event.target.closest?.("form[data-keys]");
  if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.querySelector(`[data-key="${event.shiftKey ? "save-next" : "save"}"]`)?.click();
    return;
  }
  const cards = event.target.matches?.('input[type="radio"], fieldset') && event.target.closest("[data-digit-keys]");
  if (!cards || event.ctrlKey || event.altKey || event.metaKey || !/^[1-9]$/.test(event.key)) return;
  const radio = [...cards.querySelectorAll('input[type="radio"]')][Number(event.key) - 1];
  if (!radio) return;
  event.preventDefault();
  radio.focus();
  radio.click();
});

document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => print());
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit();
});
