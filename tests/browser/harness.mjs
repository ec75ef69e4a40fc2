// What the browser tests share: servers, the browser, and reading pictures.

import { spawn } from "node:child_process";
import { createReadStream, existsSync, mkdirSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSocket } from "node:net";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const DIST = join(ROOT, "web/dist");
export const API = process.env.BELVEDERE_GPU ?? "webgl2";
const OUT = process.env.BELVEDERE_TEST_OUT ?? join(ROOT, "target/test-logs/browser");

/** What the page may do; the hub sends the same. */
export const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "img-src 'self' data: blob:",
  "connect-src 'self' http: https: ws: wss:",
  "object-src 'none'",
  "base-uri 'none'",
].join("; ");

/** Where hubs of tests keep the demo city and their readings. */
const DATA = process.env.BELVEDERE_TEST_DATA ?? join(ROOT, "target/test-data/browser");

/** The real sample data, where it is; tests that need it skip without. */
export const SAMPLES = [process.env.BELVEDERE_SAMPLES, join(ROOT, "../shared/data")].find(
  (directory) => directory && existsSync(directory),
);

/** No part of loading tiles is to keep the page busy for longer, milliseconds. */
export const LONGEST_TASK_MS = 50;

/**
 * What fails a test: 50 ms on a machine that does nothing else (`BELVEDERE_QUIET_MACHINE=1`), elsewhere four times as
 * much, so that only our own doing fails it. The number itself is always told.
 */
export const LONGEST_TASK_LIMIT_MS = LONGEST_TASK_MS * (process.env.BELVEDERE_QUIET_MACHINE ? 1 : 4);

const QUIET = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-quic",
  "--no-first-run",
];

/** Flags with which Debian's Chromium draws without a GPU, by what it is to offer. */
const FLAGS = {
  webgl2: ["--headless=new", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
  webgpu: [
    "--headless=new",
    "--enable-gpu",
    "--enable-unsafe-webgpu",
    "--enable-features=Vulkan",
    "--use-vulkan=swiftshader",
    // Without it newer versions find no adapter.
    "--use-angle=swiftshader",
    "--ignore-gpu-blocklist",
    "--use-webgpu-adapter=swiftshader",
  ],
  none: ["--headless=new", "--disable-gpu", "--disable-3d-apis"],
};

/** Chromium that offers "webgl2", "webgpu" or "none". */
export function launch(api = API) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    // Ours alone decide what Chromium draws with.
    ignoreDefaultArgs: ["--headless", "--hide-scrollbars", "--mute-audio"],
    args: [...QUIET, ...FLAGS[api]],
    timeout: 60_000,
  });
}

/** A page that remembers what went wrong in it: `page.problems`. */
export async function newPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, ...options });
  const page = await context.newPage();
  page.problems = [];
  page.on("console", (message) => {
    if (message.type() === "error") page.problems.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.fonts = [];
  page.on("response", (response) => {
    const name = new URL(response.url()).pathname.split("/fonts/")[1];
    if (name && response.ok()) page.fonts.push(name);
  });
  page.on("pageerror", (error) => {
    if (!error.message.includes("Using exceptions for control flow")) {
      page.problems.push(`uncaught: ${error.message}`);
    }
  });
  return page;
}

/** Serves web/dist as the hub does, for tests that need no hub. `overrides` maps paths to handlers. */
export async function servePage(overrides = {}) {
  const server = createServer((request, response) => {
    const path = new URL(request.url, "http://x").pathname;
    response.setHeader("Content-Security-Policy", POLICY);
    if (overrides[path]) {
      overrides[path](request, response);
      return;
    }
    const file = join(DIST, path === "/" ? "index.html" : path);
    if (!file.startsWith(DIST) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader("Content-Type", TYPES[extname(file)] ?? "application/octet-stream");
    const compressed = existsSync(`${file}.br`) && /\bbr\b/.test(request.headers["accept-encoding"] ?? "");
    if (compressed) response.setHeader("Content-Encoding", "br");
    createReadStream(compressed ? `${file}.br` : file).pipe(response);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    stop: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

/** Serves a directory to every page, as a tile server elsewhere does (CORS). */
export async function serveFiles(directory) {
  const server = createServer((request, response) => {
    const file = join(directory, decodeURIComponent(new URL(request.url, "http://x").pathname));
    response.setHeader("Access-Control-Allow-Origin", "*");
    if (!file.startsWith(directory) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader("Content-Type", TYPES[extname(file)] ?? "application/octet-stream");
    createReadStream(file).pipe(response);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    stop: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** Starts the real hub on a free port, and waits until it is well. */
export async function serveHub({ scene = "scenes/harbour.toml", data = DATA, more = [] } = {}) {
  const program = process.env.BELVEDERE ?? join(ROOT, "target/debug/belvedere");
  mkdirSync(data, { recursive: true });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const hub = spawn(
    program,
    ["serve", "--scene", scene, "--listen", `127.0.0.1:${port}`, "--data", data, ...more],
    { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] },
  );
  let said = "";
  hub.stdout.on("data", (text) => (said += text));
  hub.stderr.on("data", (text) => (said += text));
  const ended = new Promise((done) => hub.once("exit", done));
  const stop = async () => {
    hub.kill("SIGTERM");
    const timer = setTimeout(() => hub.kill("SIGKILL"), 10_000);
    await ended;
    clearTimeout(timer);
  };
  // The first start makes the demo city.
  const deadline = Date.now() + 300_000;
  while (!(await answers(`${url}api/health`))) {
    if (hub.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`the hub does not answer at ${url}:\n${said}`);
    }
    await sleep(200);
  }
  return { url, port, stop, said: () => said };
}

async function answers(url) {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

export function freePort() {
  return new Promise((done, fail) => {
    const socket = createSocket();
    socket.once("error", fail);
    socket.listen(0, "127.0.0.1", () => {
      const { port } = socket.address();
      socket.close(() => done(port));
    });
  });
}

export function sleep(milliseconds) {
  return new Promise((done) => setTimeout(done, milliseconds));
}

/** What the viewer says about itself; undefined before it has started. */
export function status(page) {
  return page.evaluate(() => globalThis.belvedere_status?.());
}

/** Waits until the viewer's status satisfies a condition; fails with the last status. */
export async function until(page, condition, what, timeout = 180_000) {
  const deadline = Date.now() + timeout;
  let last;
  while (Date.now() < deadline) {
    last = await status(page);
    if (last && condition(last)) return last;
    await sleep(250);
  }
  const stage = await page.locator("#stage").textContent().catch(() => "?");
  throw new Error(
    `not within ${timeout / 1000} s: ${what}; status ${JSON.stringify(last)}; page says "${stage}"; ${page.problems.join(" | ")}`,
  );
}

/** Longitude, latitude, height, heading and pitch of a pose as status and links carry it. */
export function pose(text) {
  const [lon, lat, height, heading, pitch] = text.split(",").map(Number);
  return { lon, lat, height, heading, pitch };
}

/** Keeps a picture of the page in the test logs, and returns its bytes. */
export async function screenshot(page, name) {
  mkdirSync(OUT, { recursive: true });
  return page.screenshot({ path: join(OUT, `${name}.png`) });
}

/**
 * Statistics of a picture: how many different colours (of 4096), the share of its commonest
 * colour, and the mean brightness (0 to 255). Reads it in the browser, on a page of its own.
 */
export async function statistics(browser, png) {
  const page = await browser.newPage();
  try {
    return await page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = canvas.getContext("2d");
      context.drawImage(bitmap, 0, 0);
      const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
      const counts = new Map();
      let sum = 0;
      for (let i = 0; i < data.length; i += 4) {
        const colour = ((data[i] >> 4) << 8) | ((data[i + 1] >> 4) << 4) | (data[i + 2] >> 4);
        counts.set(colour, (counts.get(colour) ?? 0) + 1);
        sum += (data[i] + data[i + 1] + data[i + 2]) / 3;
      }
      const pixels = data.length / 4;
      return {
        colours: counts.size,
        commonest: Math.max(...counts.values()) / pixels,
        brightness: sum / pixels,
      };
    }, png.toString("base64"));
  } finally {
    await page.close();
  }
}

/** Where pixels of a picture fulfil `is(red, green, blue)`: how many, and the box around them. */
export async function pixelsThat(browser, png, is) {
  const page = await browser.newPage();
  try {
    return await page.evaluate(
      async ([base64, source]) => {
        const is = new Function(`return (${source})`)();
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
        const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
        const context = canvas.getContext("2d");
        context.drawImage(bitmap, 0, 0);
        const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
        const found = { count: 0, left: Infinity, top: Infinity, right: -1, bottom: -1 };
        for (let i = 0; i < data.length; i += 4) {
          if (!is(data[i], data[i + 1], data[i + 2])) continue;
          const [x, y] = [(i / 4) % bitmap.width, Math.floor(i / 4 / bitmap.width)];
          found.count += 1;
          found.left = Math.min(found.left, x);
          found.right = Math.max(found.right, x);
          found.top = Math.min(found.top, y);
          found.bottom = Math.max(found.bottom, y);
        }
        return found;
      },
      [png.toString("base64"), is.toString()],
    );
  } finally {
    await page.close();
  }
}

/** Red, green and blue of one pixel of a picture. */
export async function pixel(browser, png, x, y) {
  const page = await browser.newPage();
  try {
    return await page.evaluate(
      async ([base64, x, y]) => {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
        const canvas = new OffscreenCanvas(1, 1);
        const context = canvas.getContext("2d");
        context.drawImage(bitmap, -x, -y);
        return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
      },
      [png.toString("base64"), x, y],
    );
  } finally {
    await page.close();
  }
}
