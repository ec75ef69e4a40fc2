// Keeps what the page fetches, and answers from it when the network does not.
//
// The network always goes first, so nothing is ever older than it need be; the browser's own cache sees to it that what
// has not changed is not sent again. A service worker: it has no page, and may be stopped and started at any time.

const STORE = "belvedere-1";
/** The most that all answers together and each of them may weigh. */
const MOST_BYTES = 1024 * 1024 * 1024;
const MOST_BYTES_EACH = 64 * 1024 * 1024;
/** A check of the whole store costs; it is done once for so many answers. */
const CHECK_EVERY = 64;

let kept = 0;

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(activate()));
addEventListener("message", (event) => event.waitUntil(keepAll(event.data?.keep ?? [])));
addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !/^https?:/.test(request.url) || request.headers.has("range")) return;
  event.respondWith(answer(event));
});

async function activate() {
  for (const name of await caches.keys()) {
    if (name.startsWith("belvedere-") && name !== STORE) await caches.delete(name);
  }
  await clients.claim();
}

/** What the page had fetched before this worker was there; the browser has most of it at hand. */
async function keepAll(urls) {
  const store = await caches.open(STORE);
  for (const url of new Set(urls)) {
    try {
      if (!/^https?:/.test(url) || (await store.match(url))) continue;
      const response = await fetch(url, { cache: "force-cache" });
      await keep(store, new Request(url), response);
    } catch {
      // Gone in the meantime; it will be kept when it is fetched again.
    }
  }
}

async function answer(event) {
  const { request } = event;
  let response;
  try {
    response = await fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    const known = await match(request);
    if (known) return known;
    // A network that changes breaks all that is under way at once, and is there again: once more.
    response = await fetch(request);
  }
  const copy = isWorthKeeping(response) ? response.clone() : undefined;
  if (copy) event.waitUntil(caches.open(STORE).then((store) => keep(store, request, copy)).catch(() => {}));
  return response;
}

/** Whole answers that this page may read, and that their server does not forbid to keep. */
function isWorthKeeping(response) {
  return (
    response.status === 200 &&
    response.type !== "opaque" &&
    Number(response.headers.get("content-length") ?? 0) <= MOST_BYTES_EACH &&
    !/no-store/.test(response.headers.get("cache-control") ?? "")
  );
}

async function keep(store, request, response) {
  if (!isWorthKeeping(response)) return;
  const known = await store.match(request, { ignoreVary: true });
  if (known && isSame(known, response)) {
    await response.body?.cancel();
    return;
  }
  // The length as it is now: what the disk gives back must be as long.
  const body = await response.arrayBuffer();
  if (body.byteLength > MOST_BYTES_EACH) return;
  const headers = new Headers(response.headers);
  headers.delete("content-encoding");
  headers.set("content-length", String(body.byteLength));
  // Anew at the end: keys() is the order in which answers came.
  await store.delete(request, { ignoreVary: true });
  await store.put(request, new Response(body, { status: 200, headers }));
  kept += 1;
  if (kept % CHECK_EVERY === 0) await shrink(store);
}

/** Whether a server's tag, or its date, says that nothing has changed. */
function isSame(known, response) {
  for (const name of ["etag", "last-modified"]) {
    const tag = response.headers.get(name);
    if (tag) return known.headers.get(name) === tag;
  }
  return false;
}

/** The kept answer; what the disk has damaged is thrown away. */
async function match(request) {
  const store = await caches.open(STORE);
  const known = await store.match(request, { ignoreVary: true, ignoreSearch: request.mode === "navigate" });
  if (!known) return undefined;
  const body = await known.arrayBuffer().catch(() => undefined);
  if (body?.byteLength !== Number(known.headers.get("content-length"))) {
    await store.delete(request, { ignoreVary: true });
    return undefined;
  }
  return new Response(body, { status: known.status, headers: known.headers });
}

/** Throws away the oldest answers until the rest weighs less than the limit. */
async function shrink(store) {
  const keys = await store.keys();
  const weights = [];
  for (const key of keys) {
    const known = await store.match(key, { ignoreVary: true });
    weights.push(Number(known?.headers.get("content-length") ?? 0));
  }
  let total = weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, key] of keys.entries()) {
    if (total <= MOST_BYTES) return;
    await store.delete(key, { ignoreVary: true });
    total -= weights[index];
  }
}
