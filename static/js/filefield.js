// The field for files in a form: what is chosen has its row, its progress and its fault (static/js/files.js brings more).
import { recall, remember } from "./keptfiles.js";

export function start(field) {
  const input = field.querySelector('input[type="file"]'), form = input.form;
  const list = field.querySelector("[data-file-list]"), pattern = field.querySelector("[data-file-row]");
  const fault = field.querySelector("[data-file-fault]"), words = field.dataset;
  const kinds = input.accept.split(","), mostBytes = Number(input.dataset.mostBytes), mostFiles = Number(input.dataset.mostFiles);
  // While a call is logged, its files outlast a page that comes back with something to correct.
  const call = form.elements.started_at?.value;
  let chosen = [];

  field.querySelector("[data-file-hint]").hidden = false;

  // What is chosen ----------------------------------------------------------------------------------------------
  const good = () => chosen.filter((one) => !one.says);

  function size(bytes) {
    if (bytes < 1024) return `${bytes} B`;
    return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
  }

  function wrongWith(file) {
    const extension = `.${file.name.split(".").pop().toLowerCase()}`;
    if (!kinds.includes(extension)) return words.wrongKind;
    if (file.size === 0) return words.empty;
    if (file.size > mostBytes) return words.tooLarge.replace("{most}", input.dataset.most);
    return good().length < mostFiles ? "" : words.tooMany.replace("{most}", mostFiles);
  }

  function blame(one, says) {
    one.says = says;
    const feedback = one.row.querySelector(".invalid-feedback");
    feedback.textContent = says;
    feedback.hidden = !says;
    one.row.querySelector("progress").hidden = true;
  }

  function settle() {
    const kept = new DataTransfer();
    good().forEach((one) => kept.items.add(one.file));
    input.files = kept.files;
    if (call) remember(call, good().map((one) => one.file));
  }

  function drop(one) {
    const next = one.row.nextElementSibling ?? one.row.previousElementSibling;
    chosen = chosen.filter((other) => other !== one);
    one.row.remove();
    (next?.querySelector("button") ?? input).focus();
    settle();
  }

  function add(files) {
    if (form.getAttribute("aria-busy") === "true") return;
    for (const file of files) {
      const row = pattern.content.firstElementChild.cloneNode(true), one = { file, row, says: "" };
      row.querySelector(".file-row-name").textContent = file.name;
      row.querySelector(".file-note").textContent = size(file.size);
      row.querySelector("button").addEventListener("click", () => drop(one));
      const says = wrongWith(file);
      chosen.push(one);
      if (says) blame(one, says);
      list.append(row);
    }
    settle();
  }

  function reveal() {
    const details = field.closest("details");
    if (details) details.open = true;
    field.scrollIntoView({ block: "nearest" });
    form.querySelector('[type="submit"]').focus({ preventScroll: true });
  }

  input.addEventListener("change", () => add([...input.files]));

  // Sent --------------------------------------------------------------------------------------------------------
  function complain(says) {
    fault.textContent = says;
    fault.hidden = !says;
    if (says) fault.scrollIntoView({ block: "nearest" });
  }

  function progress(loaded) {
    let before = 0;
    for (const { file, row } of good()) {
      const bar = row.querySelector("progress");
      bar.hidden = false;
      bar.value = Math.min(Math.max((loaded - before) / file.size, 0), 1);
      before += file.size;
    }
  }

  function answered(request, sent) {
    form.removeAttribute("aria-busy");
    let answer;
    try {
      answer = JSON.parse(request.responseText);
    } catch {
      return complain(words.failed); // a page to sign in, or none at all
    }
    if (answer.url) return location.assign(answer.url);
    for (const { row } of sent) row.querySelector("progress").hidden = true;
    const general = answer.faults.filter((one) => one.place === undefined);
    answer.faults.filter((one) => one.place !== undefined).forEach((one) => blame(sent[one.place], one.says));
    complain(general.map((one) => one.says).join(" "));
    list.querySelector(".invalid-feedback:not([hidden])")?.scrollIntoView({ block: "nearest" });
    settle();
  }

  if (form.dataset.filesTo) {
    form.addEventListener("submit", (event) => {
      const sent = good();
      if (!sent.length) return;
      event.preventDefault();
      if (form.getAttribute("aria-busy") === "true") return;
      complain("");
      const request = new XMLHttpRequest(), body = new FormData(form);
      form.setAttribute("aria-busy", "true");
      request.open("POST", form.dataset.filesTo);
      request.upload.addEventListener("progress", (at) => progress(at.loaded));
      request.addEventListener("load", () => answered(request, sent));
      request.addEventListener("error", () => answered(request, sent));
      request.send(body);
    });
  }

  if (call) {
    recall(call).then((files) => {
      if (!files.length) return;
      add(files);
      field.querySelector("[data-file-lost]")?.remove();
    });
  }

  return { add, reveal, input, pasted: words.pasted };
}
