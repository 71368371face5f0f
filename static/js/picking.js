// The boxes at the rows of a list: how many are ticked, all of the page at once; and the end of the time to undo.
const form = document.getElementById("bulk");
const boxes = () => [...document.querySelectorAll('input[form="bulk"][name="row"]')];

function count() {
  const all = document.querySelector("[data-pick-all]"), every = boxes();
  const picked = every.filter((box) => box.checked).length;
  if (all) {
    all.hidden = false;
    all.checked = picked > 0 && picked === every.length;
    all.indeterminate = picked > 0 && picked < every.length;
  }
  const words = form.querySelector("[data-picked]");
  words.dataset.usual ??= words.textContent;
  words.textContent = picked ? words.dataset.picked.replace("#", picked) : words.dataset.usual;
}

if (form) {
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick-all]")) boxes().forEach((box) => { box.checked = event.target.checked; });
    if (event.target.matches('[data-pick-all], input[form="bulk"][name="row"]')) count();
  });
  document.addEventListener("live", count);
  count();
}

document.querySelectorAll("[data-undo]").forEach((undo) => {
  setTimeout(() => undo.contains(document.activeElement) || undo.remove(), 1000 * undo.dataset.undo);
});
