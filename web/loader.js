// Picks a graphics API, loads the build of the viewer that belongs to it, and starts it.
//
// The viewer draws on `#belvedere`, reads the page's address by itself, and finds the decode
// worker's script (see worker.js for its protocol) in `<meta name="belvedere-worker">`, and what
// WebGPU said of its adapter in `<meta name="belvedere-adapter">`.
// It starts while its module is initialised, and exports `belvedere_status()`: JSON with at least
// {ready, frames, tiles_loaded, tiles_failed, in_flight, api}. The page hands that on, as an
// object, as `globalThis.belvedere_status()`.

import { acceptDrops } from "./drop.js";
import { Stages } from "./stages.js";

const parameters = new URLSearchParams(location.search);
const stages = new Stages(parameters.get("lang"));
let isRunning = false;
let lastWords = "";

listenToConsole();
window.addEventListener("error", (event) => stopped(event.error ?? event.message));
window.addEventListener("unhandledrejection", (event) => stopped(event.reason));

load().catch((error) => {
  stages.fail("failed", ["adviceNetwork", "adviceServer"], describe(error));
});

async function load() {
  stages.show("looking");
  const manifest = await fetchJson("manifest.json");
  const api = await chooseApi(manifest, parameters.get("gpu"));
  if (!api) {
    stages.fail("noApi", ["adviceHardware", "adviceUpdate", "adviceDriver"], navigator.userAgent);
    return;
  }
  const url = (path) => new URL(path, document.baseURI).href;
  leave("belvedere-worker", url(manifest.worker.script));

  stages.show("loading");
  const build = manifest[api];
  const [glue, wasm] = await Promise.all([
    import(url(build.script)),
    compile(url(build.wasm), build.wasm_bytes),
  ]);

  stages.show("starting");
  await nextPaint();
  isRunning = true;
  await glue.default({ module_or_path: wasm });
  document.getElementById("belvedere").addEventListener("webglcontextlost", contextLost);
  acceptDrops((kind, address) => glue.belvedere_open(kind, address));
  globalThis.belvedere_look = glue.belvedere_look;
  globalThis.belvedere_open = glue.belvedere_open;
  globalThis.belvedere_status = () => JSON.parse(glue.belvedere_status() || "{}");
  await untilReady();
  stages.finish();
  keepForLater();
}

/** More losses than so many within so long, and starting again does not help. */
const MOST_LOSSES = 3;
const LOSSES_WITHIN_MS = 5 * 60_000;

/**
 * The driver was reset or ran out of memory; what was uploaded is gone with the context, and nothing brings a WebGL
 * context back to the viewer. The page's address holds camera, clock, layers and selection, and the browser keeps the
 * tiles, so a fresh page goes on where this one stopped.
 */
function contextLost() {
  const now = Date.now();
  let losses = [];
  try {
    losses = JSON.parse(sessionStorage.getItem("belvedere/lost") ?? "[]").filter((at) => now - at < LOSSES_WITHIN_MS);
    sessionStorage.setItem("belvedere/lost", JSON.stringify([...losses, now]));
  } catch {
    // Nothing is kept for this page: better to stop than to start for ever.
    losses = Array(MOST_LOSSES).fill(now);
  }
  if (losses.length < MOST_LOSSES) {
    location.reload();
    return;
  }
  stages.fail("lost", ["adviceGraphics", "adviceDriver"], "the graphics context is lost (webglcontextlost)");
}

/** From now on what is fetched is kept, so that the city opens without a network too. See keep.js. */
async function keepForLater() {
  try {
    // Absent where the page is not secure (https, or this machine).
    const registration = await navigator.serviceWorker?.register(new URL("keep.js", document.baseURI));
    if (!registration) return;
    const { active } = await navigator.serviceWorker.ready;
    // From when it rules over the page it sees for itself what is fetched.
    if (!navigator.serviceWorker.controller) {
      await new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done, { once: true }));
    }
    const fetched = performance.getEntriesByType("resource").map(({ name }) => name);
    active.postMessage({ keep: [document.baseURI, ...fetched] });
  } catch (error) {
    console.warn(`nothing is kept for visits without a network: ${error}`);
  }
}

/** "webgpu" or "webgl2", among those that were built; undefined when there is neither. */
async function chooseApi(manifest, wanted) {
  const offered = ["webgpu", "webgl2"].filter((api) => manifest[api]);
  const order = offered.includes(wanted) ? [wanted, ...offered.filter((api) => api !== wanted)] : offered;
  for (const api of order) {
    const works = api === "webgpu" ? await hasWebGpu() : hasWebGl2();
    if (works) return api;
  }
  return undefined;
}

/** Puts a word for the viewer into the page's head. */
function leave(name, content) {
  const meta = document.createElement("meta");
  Object.assign(meta, { name, content });
  document.head.append(meta);
}

/** Browsers may have navigator.gpu and yet no adapter, or one that gives no device. */
async function hasWebGpu() {
  try {
    const adapter = await navigator.gpu?.requestAdapter();
    if (!adapter) return false;
    const device = await adapter.requestDevice();
    device.destroy();
    leave("belvedere-adapter", nameOf(adapter));
    return true;
  } catch {
    return false;
  }
}

/** The adapter in words; with "software" where the CPU draws. wgpu learns only the description, mostly empty. */
function nameOf(adapter) {
  const { description, vendor, architecture, device, isFallbackAdapter } = adapter.info ?? {};
  const isSoftware = isFallbackAdapter ?? adapter.isFallbackAdapter;
  const words = description ? [description] : [vendor, architecture, device];
  return [...words, isSoftware ? "(software)" : ""].filter(Boolean).join(" ");
}

function hasWebGl2() {
  try {
    const context = document.createElement("canvas").getContext("webgl2");
    // Browsers allow few contexts at a time: give this one back.
    context?.getExtension("WEBGL_lose_context")?.loseContext();
    return Boolean(context);
  } catch {
    return false;
  }
}

/** Compiles while the bytes come in, and shows how many have. */
async function compile(url, wasmBytes) {
  const response = await fetchOk(url);
  let read = 0;
  const counter = new TransformStream({
    transform(chunk, controller) {
      read += chunk.byteLength;
      stages.bytes(read, wasmBytes);
      controller.enqueue(chunk);
    },
    flush() {
      stages.show("compiling");
    },
  });
  const counted = new Response(response.body.pipeThrough(counter), {
    headers: { "Content-Type": "application/wasm" },
  });
  return WebAssembly.compileStreaming(counted);
}

async function fetchOk(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: the server answered ${response.status} ${response.statusText}`);
  return response;
}

async function fetchJson(path) {
  const response = await fetchOk(new URL(path, document.baseURI).href);
  return response.json();
}

/** Lets the browser draw the page before it is busy for a while. */
function nextPaint() {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
}

/** The first frame of the city is on screen. */
async function untilReady() {
  while (!globalThis.belvedere_status().ready) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** An error that nobody caught, once the viewer runs: it will not draw again. */
function stopped(error) {
  const text = describe(error);
  // winit leaves the start function by throwing this; it means that all is well.
  if (text.includes("Using exceptions for control flow")) return;
  if (isRunning && error instanceof WebAssembly.RuntimeError) {
    stages.fail("lost", ["adviceServer"], [lastWords, text].filter(Boolean).join("\n"));
  }
}

/** A panic is told on the console before the module traps; people who report it need its text. */
function listenToConsole() {
  const tell = console.error;
  console.error = (...things) => {
    if (typeof things[0] === "string" && things[0].startsWith("Belvedere stopped")) lastWords = things[0];
    tell.apply(console, things);
  };
}

function describe(error) {
  return error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : String(error);
}
