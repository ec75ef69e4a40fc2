// The viewer, served by the real hub, drawing the demo city.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { API, launch, newPage, screenshot, serveHub, sleep, statistics, until } from "./harness.mjs";

let browser, hub, page;
before(
  async () => {
    hub = await serveHub();
    browser = await launch();
    page = await newPage(browser);
    // Every task that keeps the main thread busy for more than 50 ms.
    await page.addInitScript(() => {
      globalThis.longTasks = [];
      new PerformanceObserver((list) => {
        for (const { startTime, duration } of list.getEntries()) {
          globalThis.longTasks.push({ startTime, duration });
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
});

test("opens the city", { timeout: 240_000 }, async () => {
  const status = await until(page, (status) => status.ready, "the first frame");
  assert.equal(status.api, API);
  await page.locator("#loading").waitFor({ state: "hidden" });
});

test("loads every tile of the view", { timeout: 240_000 }, async () => {
  const status = await until(page, (status) => status.tiles_loaded > 0 && status.in_flight === 0, "all tiles");
  assert.equal(status.tiles_failed, 0);
});

test("draws a picture", { timeout: 120_000 }, async () => {
  const picture = await screenshot(page, `city-${API}`);
  const { colours, commonest, brightness } = await statistics(browser, picture);
  assert.ok(colours > 64, `${colours} colours`);
  assert.ok(commonest < 0.7, `one colour covers ${commonest} of the picture`);
  assert.ok(brightness > 8 && brightness < 247, `mean brightness ${brightness}`);
});

test("goes on drawing", { timeout: 60_000 }, async () => {
  const { frames } = await until(page, () => true, "a status");
  await until(page, (status) => status.frames > frames, "another frame", 30_000);
});

test("tiles keep the main thread free", { timeout: 120_000 }, async () => {
  await sleep(1000);
  const { tasks, ready } = await page.evaluate(() => ({
    tasks: globalThis.longTasks,
    ready: performance.getEntriesByName("belvedere:ready")[0].startTime,
  }));
  const late = tasks.filter(({ startTime }) => startTime > ready);
  assert.deepEqual(late, [], "no task over 50 ms after the first frame");
});

test("nothing is wrong on the console", () => {
  assert.deepEqual(page.problems, []);
});

test("the page is served with a strict policy", async () => {
  const policy = (await fetch(hub.url)).headers.get("content-security-policy") ?? "";
  assert.match(policy, /script-src 'self' 'wasm-unsafe-eval'/);
  assert.doesNotMatch(policy, /'unsafe-(inline|eval)'/);
});
