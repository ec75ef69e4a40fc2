// The page and its loader, with a stand-in for the viewer: choosing an API, progress, and
// a page that people can read when something is missing.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { DIST, launch, newPage, servePage } from "./harness.mjs";

const manifest = JSON.parse(readFileSync(join(DIST, "manifest.json"), "utf8"));

/** A module with nothing in it: magic number and version. */
const EMPTY_WASM = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

/** Says on the page what it was started with, and then that it is ready. */
const STAND_IN = `
  let asked = 0;
  export default async function ({ module_or_path }) {
    globalThis.started = {
      api: import.meta.url.includes("webgpu") ? "webgpu" : "webgl2",
      module: module_or_path instanceof WebAssembly.Module,
      worker: document.querySelector("meta[name=belvedere-worker]").content,
    };
  }
  export function belvedere_open(kind, address) {
    globalThis.opened = [kind, address];
  }
  export function belvedere_status() {
    asked += 1;
    return asked < 3 ? "" : JSON.stringify({ ready: true, frames: 1 });
  }`;

function answer(type, body) {
  return (_, response) => response.writeHead(200, { "Content-Type": type }).end(body);
}

/** Serves the real page with stand-ins for both builds of the viewer. */
function serveStandIn(overrides = {}) {
  const build = (api) => ({ script: `v/${api}/x.js`, wasm: `v/${api}/x.wasm`, wasm_bytes: EMPTY_WASM.length });
  const both = { webgl2: build("webgl2"), webgpu: build("webgpu"), worker: manifest.worker };
  const routes = { "/manifest.json": answer("application/json", JSON.stringify(both)) };
  for (const api of ["webgl2", "webgpu"]) {
    routes[`/v/${api}/x.js`] = answer("text/javascript", STAND_IN);
    routes[`/v/${api}/x.wasm`] = answer("application/wasm", EMPTY_WASM);
  }
  return servePage({ ...routes, ...overrides });
}

const browsers = {};
before(async () => {
  browsers.webgl2 = await launch("webgl2");
  browsers.none = await launch("none");
});
after(() => Promise.all(Object.values(browsers).map((browser) => browser.close())));

/** Loads the page and hands it to the test, and stops everything afterwards. */
async function withPage({ offers = "webgl2", query = "", overrides, options }, check) {
  const server = await serveStandIn(overrides);
  const page = await newPage(browsers[offers], options);
  try {
    await page.goto(server.url + query);
    await check(page, server);
  } finally {
    await page.context().close();
    await server.stop();
  }
}

test("starts the WebGL 2 build where there is no WebGPU", () =>
  withPage({}, async (page, server) => {
    await page.waitForFunction(() => globalThis.started);
    const started = await page.evaluate(() => globalThis.started);
    assert.equal(started.api, "webgl2");
    assert.equal(started.module, true, "the module is compiled while it is read");
    assert.equal(started.worker, server.url + manifest.worker.script);
    await page.locator("#loading").waitFor({ state: "hidden" });
    assert.equal(await page.evaluate(() => document.activeElement.id), "belvedere");
    assert.deepEqual(page.problems, [], "the page keeps to its content security policy");
  }));

test("falls back when the wanted API is not there", () =>
  withPage({ query: "?gpu=webgpu" }, async (page) => {
    await page.waitForFunction(() => globalThis.started);
    assert.equal(await page.evaluate(() => globalThis.started.api), "webgl2");
  }));

test("marks each stage for whoever measures the start", () =>
  withPage({}, async (page) => {
    await page.locator("#loading").waitFor({ state: "hidden" });
    const marks = await page.evaluate(() => performance.getEntriesByType("mark").map((mark) => mark.name));
    const stages = ["looking", "loading", "compiling", "starting", "ready"].map((name) => `belvedere:${name}`);
    assert.deepEqual(marks.filter((name) => name.startsWith("belvedere:")), stages);
  }));

test("shows how many bytes have come", async () => {
  let finish;
  const wasm = (_, response) => {
    response.writeHead(200, { "Content-Type": "application/wasm" });
    response.write(EMPTY_WASM.subarray(0, 4));
    finish = () => response.end(EMPTY_WASM.subarray(4));
  };
  await withPage({ overrides: { "/v/webgl2/x.wasm": wasm } }, async (page) => {
    await page.waitForFunction(() => document.getElementById("progress").value === 0.5);
    assert.match(await page.locator("#detail").textContent(), /^\d+\.\d of \d+\.\d MB$/);
    finish();
    await page.waitForFunction(() => globalThis.started);
  });
});

test("explains itself where there is neither WebGPU nor WebGL 2", () =>
  withPage({ offers: "none" }, async (page) => {
    const problem = page.locator("#problem");
    await problem.waitFor({ state: "visible" });
    assert.match(await problem.textContent(), /neither WebGPU nor WebGL 2/);
    assert.equal(await page.locator("#problem-advice li").count(), 3);
    assert.equal(await page.locator("#loading").isVisible(), false);
    assert.equal(await problem.getAttribute("role"), "alert");
  }));

test("explains itself in the reader's language", () =>
  withPage({ offers: "none", options: { locale: "zh-HK" } }, async (page) => {
    await page.locator("#problem").waitFor({ state: "visible" });
    assert.match(await page.locator("#problem-text").textContent(), /瀏覽器/);
    assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-Hant");
  }));

test("a language asked for in the address wins", () =>
  withPage({ offers: "none", query: "?lang=zh-CN", options: { locale: "en-GB" } }, async (page) => {
    await page.locator("#problem").waitFor({ state: "visible" });
    assert.match(await page.locator("#problem-text").textContent(), /浏览器/);
  }));

for (const [what, broken] of [
  ["the module is missing", { "/v/webgl2/x.wasm": (_, response) => response.writeHead(404).end() }],
  ["the module is broken", { "/v/webgl2/x.wasm": answer("application/wasm", "<html>not found</html>") }],
  ["the connection breaks off", { "/v/webgl2/x.wasm": (request) => request.socket.destroy() }],
  ["the manifest is not JSON", { "/manifest.json": answer("application/json", "{") }],
]) {
  test(`explains itself when ${what}`, () =>
    withPage({ overrides: broken }, async (page) => {
      await page.locator("#problem").waitFor({ state: "visible" });
      assert.match(await page.locator("#problem-text").textContent(), /could not be loaded/);
      assert.notEqual(await page.locator("#problem-details").textContent(), "");
    }));
}

test("starts again when the graphics card drops the picture, and says so when that does not help", () =>
  withPage({}, async (page) => {
    const lose = async () => {
      await page.locator("#loading").waitFor({ state: "hidden" });
      await page.evaluate(() => document.getElementById("belvedere").dispatchEvent(new Event("webglcontextlost")));
    };
    for (let loss = 0; loss < 3; loss++) {
      const again = page.waitForNavigation();
      await lose();
      await again;
    }
    await lose();
    await page.locator("#problem").waitFor({ state: "visible" });
    assert.match(await page.locator("#problem-text").textContent(), /has stopped/);
    assert.match(await page.locator("#problem-advice").textContent(), /starting again/);
  }));

for (const [what, dropped, kind, address] of [
  ["a link to a tileset", { link: "https://example.org/city/tileset.json?key=1" }, "tileset", "https://example.org/city/tileset.json?key=1"],
  ["a link to a scene", { link: "https://example.org/town.toml" }, "scene", "https://example.org/town.toml"],
  ["a file of features", { file: "trees 1.json", text: '{"type": "FeatureCollection", "features": []}' }, "geojson", "dropped:/trees%201.json"],
  ["a tileset's file", { file: "tileset.json", text: '{"asset": {"version": "1.1"}}' }, "tileset", "dropped:/tileset.json"],
]) {
  test(`takes ${what} that is dropped on it`, () =>
    withPage({}, async (page) => {
      await page.locator("#loading").waitFor({ state: "hidden" });
      await page.evaluate(({ link, file, text }) => {
        const dataTransfer = new DataTransfer();
        if (link) dataTransfer.setData("text/uri-list", link);
        if (file) dataTransfer.items.add(new File([text], file));
        window.dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));
      }, dropped);
      await page.waitForFunction(() => globalThis.opened);
      assert.deepEqual(await page.evaluate(() => globalThis.opened), [kind, address]);
      if (dropped.file) {
        const read = (address) => globalThis.belvedere_dropped(address).then((bytes) => new TextDecoder().decode(bytes));
        assert.equal(await page.evaluate(read, address), dropped.text);
        assert.equal(await page.evaluate(() => globalThis.belvedere_dropped("dropped:/x")), undefined);
      }
    }));
}

test("says so when the viewer dies while it runs", async () => {
  const dying = `${STAND_IN}
    setTimeout(() => {
      console.error("Belvedere stopped: panicked at src/x.rs");
      throw new WebAssembly.RuntimeError("unreachable");
    }, 500);`;
  await withPage({ overrides: { "/v/webgl2/x.js": answer("text/javascript", dying) } }, async (page) => {
    await page.locator("#problem").waitFor({ state: "visible" });
    assert.match(await page.locator("#problem-text").textContent(), /has stopped/);
    assert.match(await page.locator("#problem-details").textContent(), /panicked at src\/x.rs/);
  });
});
