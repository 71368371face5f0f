// One step's form: photos made small, a signature, and a draft of both that outlasts a page that is thrown away
// while the camera is open.
import { draft, forgetDraft, keepDraft } from "./dispatchqueue.js";
import { signatureOn } from "./signature.js";

const LONGEST_SIDE = 2000, THUMB = 192;
const prepared = new WeakMap();
const idOf = (form) => `${form.closest("[data-dispatch]").dataset.dispatch}:${form.dataset.step}`;

// Small enough for a weak network, turned as it was held; what cannot be drawn goes as it is.
async function small(file) {
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = drawn(picture, Math.round(picture.width * scale), Math.round(picture.height * scale));
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
    return { blob, name: file.name.replace(/\.\w+$/, "") + ".jpg" };
  } catch {
    return { blob: file, name: file.name };
  }
}

function drawn(picture, width, height) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  canvas.getContext("2d").drawImage(picture, 0, 0, width, height);
  return canvas;
}

async function thumb(photo, remove) {
  const row = document.createElement("li"), button = document.createElement("button");
  const picture = await createImageBitmap(photo.blob).catch(() => null);
  if (picture) row.append(drawn(picture, THUMB, Math.round((THUMB * picture.height) / picture.width)));
  else row.append(photo.name);
  button.type = "button";
  button.className = "btn";
  button.textContent = "×";
  button.setAttribute("aria-label", document.querySelector("[data-road]").dataset.removePhoto);
  button.addEventListener("click", () => {
    row.remove();
    remove();
  });
  row.append(button);
  return row;
}

// Called whenever a form is the one to be filled in next; the first time it becomes alive.
export async function prepare(form, person) {
  if (prepared.has(form)) return;
  const state = { photos: [], signature: null };
  prepared.set(form, state);
  const thumbs = form.querySelector("[data-thumbs]"), signing = form.querySelector("[data-signature]");
  const fields = () => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !["csrfmiddlewaretoken", "key"].includes(name));
  const remember = async () => {
    const signature = state.signature ? await state.signature.picture() : null;
    await keepDraft({ id: idOf(form), person, photos: state.photos, signature, fields: fields() }).catch(() => {});
  };
  const add = async (photo) => {
    state.photos.push(photo);
    thumbs.append(await thumb(photo, () => {
      state.photos = state.photos.filter((other) => other !== photo);
      remember();
    }));
  };
  state.fields = fields;
  if (signing) {
    signing.hidden = false;
    state.signature = signatureOn(signing.querySelector("canvas"), remember);
    state.signature.clear();
    signing.querySelector("[data-wipe]").addEventListener("click", () => {
      state.signature.clear();
      remember();
    });
  }
  form.addEventListener("change", async (event) => {
    if (event.target.matches("[data-photos]")) {
      const chosen = [...event.target.files];
      event.target.value = ""; // they are ours now, and the same one may be chosen again
      state.coming = Promise.all(chosen.map(async (file) => add(await small(file))));
      await state.coming;
    }
    remember();
  });
  const begun = await draft(idOf(form)).catch(() => null);
  if (begun?.person !== person) return;
  for (const photo of begun.photos) if (thumbs) await add(photo);
  if (begun.signature && state.signature) await state.signature.show(begun.signature);
  for (const control of form.elements) {
    const values = begun.fields.filter(([name]) => name === control.name).map(([, value]) => value);
    if (control.matches('[type="checkbox"], [type="radio"]')) control.checked = values.includes(control.value);
    else if (control.matches('textarea, input:not([type="hidden"], [type="file"])') && values.length) [control.value] = values;
  }
}

function blame(form, name, text) {
  const fault = form.querySelector("[data-fault]");
  fault.textContent = text;
  fault.hidden = false;
  form.querySelector(`[name="${name}"]`)?.focus();
}

// What the form says, ready to be kept; null where something is missing, which is shown.
export async function settle(form) {
  const state = prepared.get(form), fault = form.querySelector("[data-fault]");
  await state.coming;
  fault.hidden = true;
  const fields = state.fields(), said = Object.fromEntries(fields);
  const wanted = form.querySelector("[name=outcome]");
  if (wanted && !said.outcome) return blame(form, "outcome", form.querySelector(".road-outcome legend").textContent), null;
  if (said.outcome === "not_solved" && !said.reason.trim()) return blame(form, "reason", form.querySelector(".road-reason").firstChild.textContent), null;
  const signature = state.signature ? await state.signature.picture() : null;
  if (signature && !said.signed_by.trim()) return blame(form, "signed_by", form.querySelector("[name=signed_by]").labels[0].firstChild.textContent), null;
  if (!signature && wanted) fields.splice(fields.findIndex(([name]) => name === "signed_by"), 1);
  forgetDraft(idOf(form)).catch(() => {});
  return { fields, photos: state.photos, signature };
}

// Links by which the pictures of a report can be saved that the server did not take.
export function filesOf(report) {
  const files = report.photos.map((photo) => [photo.blob, photo.name]);
  if (report.signature) files.push([report.signature, "signature.png"]);
  return files.map(([blob, name]) => {
    const link = document.createElement("a");
    Object.assign(link, { href: URL.createObjectURL(blob), download: name, textContent: name });
    return link;
  });
}
