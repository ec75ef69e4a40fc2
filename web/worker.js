// Decodes tiles away from the page, in a module that knows no engine.
//
//   in:  { id, url, bytes: ArrayBuffer }               bytes are transferred
//   out: { id, ok: true, buffer: ArrayBuffer }         transferred: PreparedTile::from_bytes reads it
//        { id, ok: false, error: string }
//
// Before the first answer the worker says { ready: true }, or { ready: false, error } when
// the module cannot be loaded. Jobs that come earlier wait.

import initialise, { decode, decode_with, list_external } from "./city_worker.js";

/** The most that one file beside a tile may weigh, and how long it may take to come. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_MILLISECONDS = 30_000;

const loaded = initialise({ module_or_path: new URL("./city_worker_bg.wasm", import.meta.url) });

loaded.then(
  () => postMessage({ ready: true }),
  (error) => postMessage({ ready: false, error: String(error) }),
);

onmessage = async ({ data: job }) => {
  try {
    await loaded;
    const { buffer } = await prepare(job.url, new Uint8Array(job.bytes));
    postMessage({ id: job.id, ok: true, buffer }, [buffer]);
  } catch (error) {
    postMessage({ id: job.id, ok: false, error: error instanceof Error ? error.message : String(error) });
  }
};

/** Most tiles are one file. Some name buffers and pictures beside it, which are fetched first. */
async function prepare(url, bytes) {
  const wanted = list_external(url, bytes);
  if (wanted.length === 0) return decode(url, bytes);
  const files = await Promise.all(wanted.map(fetchFile));
  const present = wanted.map((name, i) => [name, files[i]]).filter(([, file]) => file);
  return decode_with(
    url,
    bytes,
    present.map(([name]) => name),
    present.map(([, file]) => file),
  );
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
