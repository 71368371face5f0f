// Keeps the files of the call that is being logged in this browser, until the next call is begun. One call at a time.
const opened = new Promise((resolve, reject) => {
  const request = indexedDB.open("opsdesk", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("files");
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
opened.catch(() => {}); // where nothing may be kept, the page says that files must be chosen again

async function store(mode) {
  return (await opened).transaction("files", mode).objectStore("files");
}

export async function remember(call, files) {
  try {
    (await store("readwrite")).put(files, call);
  } catch { /* as above */ }
}

export async function recall(call) {
  try {
    const kept = await store("readwrite");
    const files = await new Promise((resolve) => {
      const request = kept.get(call);
      request.onsuccess = () => resolve(request.result ?? []);
      request.onerror = () => resolve([]);
    });
    kept.clear();
    return files;
  } catch {
    return [];
  }
}
