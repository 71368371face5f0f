// Files for a record: chosen, dropped anywhere on the page, or pasted. They go into the form's field (filefield.js).
import { start } from "./filefield.js";
import { bring } from "./verbforms.js";

const there = document.querySelector("[data-file-field]");
let field = there && start(there);

// On a record's page the field stands in the form of a note, which comes when it is wanted.
document.addEventListener("form", (event) => {
  const late = event.target.querySelector("[data-file-field]");
  if (late) field = start(late);
});
async function ready() {
  const note = document.getElementById("verb-note");
  if (!field) await bring(note);
  if (!field) note.open = true; // it says what is the matter
  return field;
}

// The way to the form from elsewhere on the page; without script the address alone leads there.
document.addEventListener("click", async (event) => {
  if (!event.target.closest?.("[data-to-files]")) return;
  event.preventDefault();
  if (!(await ready())) return;
  field.reveal();
  field.input.click();
});

async function take(files, name = (file) => file) {
  if (!(await ready())) return;
  field.add(files.map((file) => name(file, field.pasted)));
  field.reveal();
}

// Dropped or pasted -------------------------------------------------------------------------------------------
const bringsFiles = (event) => event.dataTransfer?.types.includes("Files");

document.addEventListener("dragover", (event) => {
  if (!bringsFiles(event)) return;
  event.preventDefault();
  document.body.dataset.dropping = "";
});
document.addEventListener("dragleave", (event) => event.relatedTarget === null && delete document.body.dataset.dropping);
document.addEventListener("drop", (event) => {
  delete document.body.dataset.dropping;
  if (!bringsFiles(event)) return;
  event.preventDefault();
  take([...event.dataTransfer.files]);
});

// A picture from the clipboard is called "image.png" everywhere; the time tells it apart.
function named(file, pasted) {
  if (!/^image\.\w+$/.test(file.name)) return file;
  const two = (number) => String(number).padStart(2, "0"), now = new Date();
  const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join("-");
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(".");
  return new File([file], `${pasted} ${day} ${time}.${file.name.split(".").pop()}`, { type: file.type });
}

document.addEventListener("paste", (event) => {
  const files = [...event.clipboardData.files];
  // Office copies a picture of the text beside the text: into a field goes the text.
  const isText = event.clipboardData.types.includes("text/plain") && event.target.matches?.("input, textarea");
  if (!files.length || isText) return;
  event.preventDefault();
  take(files, named);
});
