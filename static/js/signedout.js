// When the session has ended while a page is open. What asks for a part of the page is told 401 and where to sign in, and
// htmx takes the whole page there. It stays where something is typed that would be lost: then the page says so.
import { say } from "./toasts.js";

const FIELDS = 'form[method="post" i] :is(input:not([type=hidden], [type=submit], [type=button]), textarea, select)';
let isSaid = false;

function isTyped(field) {
  if (field.type === "file") return field.files.length > 0;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (!field.options) return field.value !== field.defaultValue;
  const options = [...field.options], first = field.multiple ? null : options[0];
  const given = options.filter((one) => one.defaultSelected);
  const wanted = given.length || !first ? given : [first];
  return options.some((one) => one.selected !== wanted.includes(one));
}

function sayOnce(address) {
  const here = document.getElementById("signed-out"), words = document.getElementById("toasts").dataset;
  if (here) here.hidden = false;
  if (here || isSaid) return;
  isSaid = true;
  const link = Object.assign(document.createElement("a"), { href: address, target: "_blank", rel: "noopener" });
  link.textContent = words.enter;
  say("warning", words.ended, " ", link);
}

document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr } = event.detail;
  if (xhr.status < 400) isSaid = false;
  if (xhr.status !== 401 || event.defaultPrevented) return;
  if (![...document.querySelectorAll(FIELDS)].some(isTyped)) return;
  event.preventDefault();
  sayOnce(xhr.getResponseHeader("HX-Redirect"));
});

// Signing in again, in another tab, gives the browser another token than this page was made with.
export const newestToken = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1];

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = newestToken() ?? event.detail.headers["X-CSRFToken"];
});
addEventListener("submit", (event) => {
  const field = event.target.elements.csrfmiddlewaretoken, token = newestToken();
  if (field && token) field.value = token;
}, true);
