// Decodes tiles away from the page, in a module that knows no engine.
//
//   in:  { id, url, bytes: ArrayBuffer }               bytes are transferred
//   out: { id, ok: true, buffer: ArrayBuffer }         transferred: PreparedTile::from_bytes reads it
//        { id, ok: false, error: string }
//
// Before the first answer the worker says { ready: true }, or { ready: false, error } when
// the module cannot be loaded. Jobs that come earlier wait.

import initialise, { decode } from "./city_worker.js";

const loaded = initialise({ module_or_path: new URL("./city_worker_bg.wasm", import.meta.url) });

loaded.then(
  () => postMessage({ ready: true }),
  (error) => postMessage({ ready: false, error: String(error) }),
);

onmessage = async ({ data: job }) => {
  try {
    await loaded;
    const { buffer } = decode(job.url, new Uint8Array(job.bytes));
    postMessage({ id: job.id, ok: true, buffer }, [buffer]);
  } catch (error) {
    postMessage({ id: job.id, ok: false, error: error instanceof Error ? error.message : String(error) });
  }
};
