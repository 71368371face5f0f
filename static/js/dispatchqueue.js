// What an engineer has reported and what he has begun to report, kept in this browser until the server has it.
// reports: {key, person, dispatch, step, url, happenedAt, fields, photos, signature, state, says, sentAt}
//   state: kept (to be sent), sent, refused. drafts: {id, person, photos, signature, fields}, by the card's form.
const opened = new Promise((resolve, reject) => {
  const request = indexedDB.open("opsdesk-dispatches", 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("reports", { keyPath: "key" });
    request.result.createObjectStore("drafts", { keyPath: "id" });
  };
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
opened.catch(() => {}); // whoever asks is told

// Settled when what was written is on the disk, not when it was merely asked for.
async function within(store, mode, act) {
  const transaction = (await opened).transaction(store, mode);
  const request = act(transaction.objectStore(store));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

export const keep = (report) => within("reports", "readwrite", (store) => store.put(report));
export const forget = (key) => within("reports", "readwrite", (store) => store.delete(key));
export const keepDraft = (draft) => within("drafts", "readwrite", (store) => store.put(draft));
export const forgetDraft = (id) => within("drafts", "readwrite", (store) => store.delete(id));
export const draft = (id) => within("drafts", "readonly", (store) => store.get(id));

// In the order in which they happened.
export async function reports() {
  const all = await within("reports", "readonly", (store) => store.getAll());
  return all.sort((a, b) => Date.parse(a.happenedAt) - Date.parse(b.happenedAt));
}

// A key that no other report has; randomUUID exists on secure addresses alone.
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
