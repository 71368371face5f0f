// While a call is logged: what the phone number tells fills the fields that are still empty, never a typed one.
document.addEventListener("htmx:afterSettle", (event) => {
  for (const fact of event.target.querySelectorAll("[data-fill]")) {
    const field = document.getElementById(fact.dataset.fill);
    if (field && !field.value) field.value = fact.dataset.value;
  }
});
