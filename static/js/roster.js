// A draft of a roster: a duty is dragged to another person of its day. By keyboard it is opened, and given there.
const boards = () => document.querySelectorAll("[data-draft]");
let dragged = null;

const cellOf = (event) => {
  const cell = event.target.closest?.("[data-draft] td[data-day]");
  return dragged && cell?.dataset.day === dragged.closest("td").dataset.day ? cell : null;
};

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-draft] [data-slot]") ?? null;
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.textContent.trim());
});
document.addEventListener("dragover", (event) => {
  const cell = cellOf(event);
  boards().forEach((board) => board.querySelectorAll(".is-target").forEach((one) => one !== cell && one.classList.remove("is-target")));
  if (!cell) return;
  event.preventDefault();
  cell.classList.add("is-target");
});
document.addEventListener("dragend", () => {
  document.querySelectorAll(".is-target").forEach((one) => one.classList.remove("is-target"));
  dragged = null;
});
document.addEventListener("drop", (event) => {
  const cell = cellOf(event);
  if (!cell) return;
  event.preventDefault();
  const form = document.createElement("form");
  const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
  form.method = "post";
  form.action = dragged.href;
  for (const [name, value] of [["csrfmiddlewaretoken", token], ["user", cell.parentElement.dataset.person]]) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(form);
  form.submit();
});
