// On a record's page: the heartbeat says whether a form is open, and an answer that brings nothing new is not repeated.
const box = document.getElementById("presence");

if (box) {
  const UNSEEN = 12_000; // milliseconds: so often is enough where the page lies behind others
  let last = "", said = 0;
  box.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden && performance.now() - said < UNSEEN) event.preventDefault();
    else said = performance.now();
  });
  box.addEventListener("htmx:configRequest", (event) => {
    event.detail.parameters.writing = document.querySelector("details.verb[open]") ? "1" : "";
  });
  box.addEventListener("htmx:beforeSwap", (event) => {
    const text = event.detail.serverResponse;
    // A screen reader would hear the same words every few seconds.
    event.detail.shouldSwap &&= text !== last;
    last = text;
  });
  document.addEventListener("toggle", (event) => event.target.matches("details.verb") && box.dispatchEvent(new Event("look")), true);
}
