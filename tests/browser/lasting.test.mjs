// What outlasts a lost graphics context, and a lost network.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { COUNTS, PLACE, writeCity } from "./city.mjs";
import { API, launch, newPage, pose, screenshot, serveHub, sleep, statistics, status, until } from "./harness.mjs";

let browser, hub, page;
const directory = mkdtempSync(join(tmpdir(), "belvedere-lasting-"));
const all = (status) => status.complete && status.tiles_shown > 0;
before(
  async () => {
    hub = await serveHub({ scene: writeCity(directory), data: join(directory, "data") });
    browser = await launch();
    page = await newPage(browser);
    await page.goto(`${hub.url}?gpu=${API}`);
    await until(page, all, "all tiles");
  },
  { timeout: 300_000 },
);
after(async () => {
  await browser?.close();
  await hub?.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** The camera as numbers that a link keeps. */
const camera = async () => pose((await status(page)).camera);

test("goes on where it stopped after the graphics context was lost", { skip: API !== "webgl2", timeout: 240_000 }, async () => {
  await page.evaluate((pose) => globalThis.belvedere_look(pose), `${PLACE.lon},${PLACE.lat - 0.008},500,20,-40`);
  // A building in the middle of the picture is selected.
  await sleep(1500);
  await page.mouse.click(640, 400);
  await until(page, (status) => status.selection.startsWith("Feature"), "a selected building");
  await page.waitForFunction(() => location.hash.includes("select="));
  const before = { camera: await camera(), hash: await page.evaluate(() => location.hash) };
  const again = page.waitForNavigation({ timeout: 60_000 });
  await page.evaluate(() => {
    document.getElementById("belvedere").getContext("webgl2").getExtension("WEBGL_lose_context").loseContext();
  });
  await again;
  const back = await until(page, (status) => all(status) && status.selection.startsWith("Feature"), "the same view");
  assert.equal(back.triangles, COUNTS.triangles);
  const now = await camera();
  for (const [name, value] of Object.entries(before.camera)) {
    assert.ok(Math.abs(now[name] - value) < (name === "height" ? 0.5 : 1e-4), `${name}: ${now[name]} for ${value}`);
  }
  // What the driver says of the loss is no fault of the page.
  page.problems.length = 0;
});

test("opens the city again without a network", { timeout: 240_000 }, async () => {
  // The worker that keeps answers runs, and has taken in what was fetched before it was there.
  await page.waitForFunction(
    async (contents) => {
      const store = await caches.open("belvedere-1");
      const keys = await store.keys();
      return keys.filter(({ url }) => url.endsWith(".glb")).length === contents && keys.some(({ url }) => url.endsWith(".wasm"));
    },
    COUNTS.contents,
    { timeout: 60_000, polling: 500 },
  );
  await hub.stop();
  await page.goto(`${hub.url}?gpu=${API}`);
  const there = await until(page, all, "all tiles without a network");
  assert.equal(there.tiles_failed, 0);
  assert.equal(there.triangles, COUNTS.triangles);
  assert.equal(there.hub_connected, false);
  const { colours } = await statistics(browser, await screenshot(page, `offline-${API}`));
  assert.ok(colours > 64, `${colours} colours`);
});
