// The viewer, served by the real hub, drawing a small made-up city: tiles, text, fingers, links.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { CAMERA, COUNTS, writeCity } from "./city.mjs";
import { API, LONGEST_TASK_LIMIT_MS, launch, newPage, pose, screenshot, serveHub, sleep, statistics, status, until } from "./harness.mjs";

let browser, hub, page, cdp;
const directory = mkdtempSync(join(tmpdir(), "belvedere-viewer-"));
before(
  async () => {
    hub = await serveHub({ scene: writeCity(directory), data: join(directory, "data") });
    browser = await launch();
    page = await newPage(browser, { permissions: ["clipboard-read", "clipboard-write"] });
    cdp = await page.context().newCDPSession(page);
    await page.addInitScript(() => {
      // How long the machine keeps a busy thread waiting: no measurement is better than that.
      globalThis.longestWaitMs = 0;
      setInterval(() => {
        const end = performance.now() + 4;
        for (let last = performance.now(); last < end; ) {
          const now = performance.now();
          globalThis.longestWaitMs = Math.max(globalThis.longestWaitMs, now - last);
          last = now;
        }
      }, 100);
      globalThis.longTasks = [];
      new PerformanceObserver((list) => {
        for (const { startTime, duration } of list.getEntries()) {
          globalThis.longTasks.push({ startTime, duration, loading: !globalThis.belvedere_status?.().complete });
        }
      }).observe({ type: "longtask", buffered: true });
    });
    await page.goto(`${hub.url}?gpu=${API}`);
  },
  { timeout: 600_000 },
);
after(async () => {
  await browser?.close();
  await hub?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const camera = async () => pose((await status(page)).camera);

test("opens the scene that the hub serves", { timeout: 240_000 }, async () => {
  const status = await until(page, (status) => status.ready, "the first frame");
  assert.equal(status.api, API);
  await page.locator("#loading").waitFor({ state: "hidden" });
  assert.equal(await page.evaluate(() => document.activeElement.id), "belvedere");
});

test("draws by the lean path where the CPU draws", async () => {
  const { adapter, full } = await status(page);
  assert.match(adapter, /swiftshader|llvmpipe|software/i);
  assert.equal(full, false);
});

test("loads every tile of the view", { timeout: 240_000 }, async () => {
  const status = await until(page, (status) => status.complete && status.tiles_shown > 0, "all tiles");
  assert.equal(status.tiles_failed, 0);
  assert.equal(status.tiles_loaded, COUNTS.contents);
  assert.equal(status.tiles_shown, COUNTS.shown);
  assert.equal(status.triangles, COUNTS.triangles);
});

test("decodes tiles in workers", async () => {
  const workers = page.workers().map((worker) => new URL(worker.url()).pathname);
  assert.ok(workers.length > 0);
  for (const path of workers) assert.match(path, /^\/v\/worker-[0-9a-f]+\/worker\.js$/);
});

test("counts its memory against a budget", async () => {
  const { tile_bytes, tile_budget_bytes } = await status(page);
  assert.equal(tile_budget_bytes, 256 * 1024 * 1024);
  // Positions, normals and indices alone.
  const least = (COUNTS.triangles / 12) * (24 * 24 + 36 * 4);
  assert.ok(tile_bytes > least && tile_bytes < tile_budget_bytes, `${tile_bytes} bytes, at least ${least}`);
});

test("tiles keep the main thread free", { timeout: 120_000 }, async (t) => {
  const { tile_work_longest_ms } = await status(page);
  const { tasks, ready, wait } = await page.evaluate(() => ({
    wait: globalThis.longestWaitMs,
    tasks: globalThis.longTasks,
    ready: performance.getEntriesByName("belvedere:ready")[0].startTime,
  }));
  const late = tasks.filter(({ startTime }) => startTime > ready);
  const lengths = late.map(({ duration, loading }) => `${duration}${loading ? "" : " (nothing to load)"}`);
  t.diagnostic(`tiles took ${tile_work_longest_ms.toFixed(1)} ms at most; the machine kept threads waiting for up to ${wait.toFixed(1)} ms`);
  t.diagnostic(`tasks over 50 ms, drawing on the CPU included: ${lengths.join(", ")}`);
  assert.ok(tile_work_longest_ms > 0 && tile_work_longest_ms < LONGEST_TASK_LIMIT_MS + wait, `${tile_work_longest_ms} ms`);
});

test("draws a picture", { timeout: 120_000 }, async () => {
  await sleep(500);
  const picture = await screenshot(page, `viewer-${API}`);
  const { colours, commonest, brightness } = await statistics(browser, picture);
  assert.ok(colours > 64, `${colours} colours`);
  assert.ok(commonest < 0.7, `one colour covers ${commonest} of the picture`);
  assert.ok(brightness > 8 && brightness < 247, `mean brightness ${brightness}`);
});

test("goes on drawing", { timeout: 60_000 }, async () => {
  const { frames } = await until(page, () => true, "a status");
  await until(page, (status) => status.frames > frames, "another frame", 30_000);
});

test("a text field takes composed text", { timeout: 60_000 }, async () => {
  await page.keyboard.press("/");
  await until(page, (status) => status.typing, "the search field", 20_000);
  await page.waitForFunction(() => document.activeElement.tagName === "INPUT");
  await cdp.send("Input.imeSetComposition", { text: "港", selectionStart: 1, selectionEnd: 1 });
  await until(page, (status) => status.search === "港", "the composition in the field", 20_000);
  await cdp.send("Input.imeSetComposition", { text: "海港", selectionStart: 2, selectionEnd: 2 });
  await until(page, (status) => status.search === "海港", "the longer composition", 20_000);
  await cdp.send("Input.insertText", { text: "港" });
  await until(page, (status) => status.search === "港", "what was chosen", 20_000);
  const until1 = Date.now() + 20_000;
  while (!page.fonts.some((name) => name.startsWith("zh-")) && Date.now() < until1) await sleep(100);
  assert.ok(page.fonts.some((name) => name.startsWith("zh-")), `a Chinese font is fetched: ${page.fonts}`);
  await sleep(1500);
  await screenshot(page, `composed-${API}`);
});

test("a text field takes typed and pasted text and its keys", { timeout: 60_000 }, async () => {
  await page.keyboard.type("ab c");
  await until(page, (status) => status.search === "港ab c", "what was typed", 20_000);
  await page.keyboard.press("Backspace");
  await page.keyboard.type("é");
  await until(page, (status) => status.search === "港ab é", "what was corrected", 20_000);
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Control+x");
  await until(page, (status) => status.search === "", "nothing", 20_000);
  const cut = await page.waitForFunction(() => navigator.clipboard.readText().then((text) => text || null));
  assert.equal(await cut.jsonValue(), "港ab é");
  await page.keyboard.press("Control+v");
  await until(page, (status) => status.search === "港ab é", "what was pasted", 20_000);
  const before = await camera();
  await page.keyboard.type("wasd");
  await until(page, (status) => status.search === "港ab éwasd", "more text", 20_000);
  assert.deepEqual(await camera(), before, "typing does not move the camera");
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await until(page, (status) => status.search === "", "an empty field", 20_000);
  await page.keyboard.press("Escape");
  await until(page, (status) => !status.typing && status.search === "", "the city has the keys", 20_000);
  await page.waitForFunction(() => document.activeElement.id === "belvedere");
});

test("keys move the camera", { timeout: 60_000 }, async () => {
  const before = await camera();
  await page.keyboard.down("e");
  await until(page, (status) => pose(status.camera).heading !== before.heading, "another heading", 20_000);
  await page.keyboard.up("e");
});

test("leaves the browser its keys", async () => {
  const taken = await page.evaluate(async () => {
    const canvas = document.getElementById("belvedere");
    const press = (key, more) => {
      const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
      canvas.dispatchEvent(event);
      return event.defaultPrevented;
    };
    return [press("r", { ctrlKey: true }), press("F5"), press("F12"), press("t", { metaKey: true }), press("k", { ctrlKey: true })];
  });
  assert.deepEqual(taken, [false, false, false, false, true]);
  await page.keyboard.press("Escape");
});

/** Fingers from one place to another in steps, each an array of [x, y]. */
async function fingers(from, to, steps = 12) {
  const points = (at) => at.map(([x, y], id) => ({ x, y, id }));
  await cdp.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: points(from) });
  for (let step = 1; step <= steps; step += 1) {
    const at = from.map(([x, y], i) => [
      x + ((to[i][0] - x) * step) / steps,
      y + ((to[i][1] - y) * step) / steps,
    ]);
    await cdp.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: points(at) });
    await sleep(20);
  }
  await cdp.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
}

/** The camera when it has come to rest. */
async function rested() {
  let last = (await status(page)).camera;
  for (let i = 0; i < 40; i += 1) {
    await sleep(500);
    const now = (await status(page)).camera;
    if (now === last) return pose(now);
    last = now;
  }
  throw new Error(`the camera does not come to rest: ${last}`);
}

test("two fingers apart go nearer", { timeout: 60_000 }, async () => {
  const before = await rested();
  await fingers([[600, 360], [680, 360]], [[520, 360], [760, 360]]);
  const after = await rested();
  assert.ok(after.height < before.height * 0.8, `${before.height} m to ${after.height} m`);
});

test("two fingers up together tilt", { timeout: 60_000 }, async () => {
  const before = await rested();
  await fingers([[600, 400], [700, 400]], [[600, 300], [700, 300]]);
  const after = await rested();
  assert.ok(Math.abs(after.pitch - before.pitch) > 3, `pitch ${before.pitch} to ${after.pitch}`);
  assert.ok(Math.abs(after.heading - before.heading) < 1, `heading ${before.heading} to ${after.heading}`);
});

test("one finger turns", { timeout: 60_000 }, async () => {
  const before = await rested();
  await fingers([[640, 380]], [[760, 380]]);
  const after = await rested();
  assert.ok(Math.abs(after.heading - before.heading) > 3, `heading ${before.heading} to ${after.heading}`);
});

test("a tap picks a building", { timeout: 60_000 }, async () => {
  await page.keyboard.press("Home");
  await rested();
  for (const [x, y] of [[640, 400], [610, 420], [670, 430], [640, 450], [600, 390]]) {
    await fingers([[x, y]], [[x, y]], 1);
    await sleep(1000);
    if ((await status(page)).selection.startsWith("Feature")) return;
  }
  assert.fail(`nothing is selected: ${(await status(page)).selection}`);
});

test("the address follows the view", { timeout: 60_000 }, async () => {
  await rested();
  await sleep(2500);
  const { camera } = await status(page);
  const parameters = new URLSearchParams(new URL(page.url()).hash.slice(1));
  assert.equal(parameters.get("camera"), camera);
});

test("a copied link opens the same view", { timeout: 240_000 }, async () => {
  const wanted = { camera: "5.661,51.968,420.5,33.25,-41.5", time: "2026-06-01T10:00:00Z", layers: "noise" };
  // Another fragment alone would not load the page again.
  await page.goto(`${hub.url}api/health`);
  await page.goto(`${hub.url}?gpu=${API}#${new URLSearchParams(wanted)}`);
  const check = async (what) => {
    const status = await until(page, (status) => status.complete && status.tiles_shown > 0, what);
    const [is, should] = [pose(status.camera), pose(wanted.camera)];
    for (const [key, margin] of Object.entries({ lon: 1e-7, lat: 1e-7, height: 0.05, heading: 0.01, pitch: 0.01 })) {
      assert.ok(Math.abs(is[key] - should[key]) < margin, `${what}: ${key} ${is[key]}, not ${should[key]}`);
    }
    // The replay goes on while the page starts.
    const later = status.clock_ns / 1e9 - Date.parse(wanted.time) / 1000;
    assert.ok(later >= 0 && later < 300, `${what}: the clock is ${later} s off`);
    assert.deepEqual(status.layers_shown, ["noise"], what);
  };
  await check("a link written by hand");
  await page.evaluate(() => navigator.clipboard.writeText(""));
  await page.keyboard.press("c");
  let link = "";
  for (const end = Date.now() + 60_000; !link && Date.now() < end; await sleep(200)) {
    link = await page.evaluate(() => navigator.clipboard.readText());
  }
  assert.ok(link.startsWith(hub.url), link);
  await page.goto(`${hub.url}api/health`);
  await page.goto(link);
  await check("the copied link");
});

test("nothing is wrong on the console", () => {
  // Leaving by way of an answer of the hub makes the browser look for an icon that only pages have.
  const ours = page.problems.filter((problem) => !problem.includes("/favicon.ico"));
  assert.deepEqual(ours, []);
});

test("the page is served with a strict policy", async () => {
  const policy = (await fetch(hub.url)).headers.get("content-security-policy") ?? "";
  assert.match(policy, /script-src 'self' 'wasm-unsafe-eval'/);
  assert.doesNotMatch(policy, /'unsafe-(inline|eval)'/);
});
