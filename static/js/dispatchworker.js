// The service worker of the engineer's page: keeps the page and what it is made of, so that it opens without a
// network. It sends nothing: what was reported is kept and sent by the page itself (dispatches.js).
const KEPT = "dispatches-1", PAGE = new URL("./", self.location).pathname, PATIENCE = 4000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event, address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate" && address.pathname === PAGE) event.respondWith(newest(request, PAGE));
  else if (address.pathname.startsWith("/static/")) event.respondWith(newest(request, request.url));
});

// From the network while there is one that answers soon, else as it was kept. A way to the sign-in page is an
// answer too, and is not kept in the page's place.
async function newest(request, name) {
  const kept = await caches.open(KEPT);
  const asked = fetch(request).then(async (answer) => {
    if (answer.ok && !answer.redirected) await kept.put(name, answer.clone());
    return answer;
  });
  const known = await kept.match(name, { ignoreVary: true });
  if (!known) return asked;
  const waited = new Promise((resolve) => setTimeout(resolve, PATIENCE, known));
  const answer = await Promise.race([asked.catch(() => known), waited]);
  return answer.status >= 500 ? known : answer;
}
