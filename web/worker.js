// Decodes tiles away from the page, in a module that knows no engine.
//
//   in:  { id, url, bytes: ArrayBuffer, up, images, names, blobs: [Uint8Array] }
//        bytes and the blobs' buffers are transferred. `up` is the axis that points up in its models (0: x, 1: y,
//        2: z; y without); `images` says which are of use (1: BC, 2: ETC2, 4: ASTC, 8: maps of roughness and the
//        like; none of them without). names and blobs are files beside it that the page has fetched, both may be left
//        out.
//   out: { id, ok: true, buffer: ArrayBuffer }         transferred: PreparedTile::from_bytes reads it
//        { id, ok: false, error: string }
//
// Before the first answer the worker says { ready: true }, or { ready: false, error } when
// the module cannot be loaded. Jobs that come earlier wait.

import initialise, { decode, list_external } from "./city_worker.js";

/** The most that one file beside a tile may weigh, and how long it may take to come. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_MILLISECONDS = 30_000;

/** A tile names a model, the model names buffers and pictures; no more. */
const MAX_ROUNDS = 2;

const loaded = initialise({ module_or_path: new URL("./city_worker_bg.wasm", import.meta.url) });

loaded.then(
  () => postMessage({ ready: true }),
  (error) => postMessage({ ready: false, error: String(error) }),
);

onmessage = async ({ data: job }) => {
  try {
    await loaded;
    const { buffer } = await prepare(job);
    postMessage({ id: job.id, ok: true, buffer }, [buffer]);
  } catch (error) {
    postMessage({ id: job.id, ok: false, error: error instanceof Error ? error.message : String(error) });
  }
};

/** Most tiles are one file. Some name models, buffers and pictures beside it; those that the page has not are fetched. */
async function prepare({ url, bytes: buffer, up = 1, images = 0, names = [], blobs = [] }) {
  const bytes = new Uint8Array(buffer);
  const asked = new Set(names);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const wanted = list_external(url, bytes, names, blobs).filter((name) => !asked.has(name));
    if (wanted.length === 0) break;
    wanted.forEach((name) => asked.add(name));
    const files = await Promise.all(wanted.map(fetchFile));
    names = names.concat(wanted.filter((_, i) => files[i]));
    blobs = blobs.concat(files.filter(Boolean));
  }
  return decode(url, bytes, up, images, names, blobs);
}

/** A file's bytes; undefined when it cannot be had. The decoder then says which one is missing. */
async function fetchFile(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(MAX_MILLISECONDS) });
    if (!response.ok || Number(response.headers.get("content-length")) > MAX_BYTES) return undefined;
    const parts = [];
    let length = 0;
    for (const reader = response.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > MAX_BYTES) {
        await reader.cancel();
        return undefined;
      }
      parts.push(value);
    }
    return new Uint8Array(await new Blob(parts).arrayBuffer());
  } catch {
    return undefined;
  }
}
