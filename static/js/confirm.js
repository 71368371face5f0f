// Asks before what cannot be undone: data-confirm on a form or a button, or hx-confirm.
const dialog = document.getElementById("confirm");

function ask(question, verb) {
  dialog.querySelector("p").textContent = question;
  const button = dialog.querySelector("[data-verb]");
  button.dataset.usual ??= button.textContent;
  button.textContent = verb || button.dataset.usual;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
  });
}

if (dialog) {
  document.addEventListener("submit", async (event) => {
    const form = event.target, source = event.submitter?.dataset.confirm ? event.submitter : form;
    if (!source.dataset.confirm || form.dataset.confirmed) {
      delete form.dataset.confirmed;
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!(await ask(source.dataset.confirm, source.dataset.confirmVerb))) return;
    form.dataset.confirmed = "yes";
    form.requestSubmit(event.submitter);
  }, true);

  document.addEventListener("htmx:confirm", async (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    if (await ask(event.detail.question, event.detail.elt.dataset.confirmVerb)) event.detail.issueRequest(true);
  });
}
