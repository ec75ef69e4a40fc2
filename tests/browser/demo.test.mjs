// The viewer, served by the real hub, drawing the demo city with its readings.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { API, LONGEST_TASK_LIMIT_MS, launch, newPage, screenshot, serveHub, statistics, until } from "./harness.mjs";

let browser, hub, page;
before(
  async () => {
    hub = await serveHub();
    browser = await launch();
    page = await newPage(browser);
    await page.goto(`${hub.url}?gpu=${API}`);
  },
  { timeout: 900_000 },
);
after(async () => {
  await browser?.close();
  await hub?.stop();
});

test("opens the city with all its tiles", { timeout: 300_000 }, async () => {
  const status = await until(page, (status) => status.complete && status.tiles_shown > 0, "all tiles", 280_000);
  assert.equal(status.tiles_failed, 0);
  assert.ok(status.triangles > 10_000, `${status.triangles} triangles`);
  assert.ok(status.tile_bytes < status.tile_budget_bytes);
});

test("its tiles keep the main thread free", async (t) => {
  const { tile_work_longest_ms, tile_work_parts_ms } = await until(page, () => true, "a status");
  t.diagnostic(`tiles took ${tile_work_longest_ms.toFixed(1)} ms at most`);
  const names = ["receive", "spawn", "select", "place", "upload", "longest answer"];
  t.diagnostic(names.map((name, i) => `${name} ${tile_work_parts_ms[i].toFixed(1)}`).join(", "));
  assert.ok(tile_work_longest_ms > 0 && tile_work_longest_ms < LONGEST_TASK_LIMIT_MS, `${tile_work_longest_ms} ms`);
});

test("its sensors report", { timeout: 120_000 }, async () => {
  const status = await until(page, (status) => status.hub_connected && status.sensors > 0, "the hub's readings");
  assert.ok(status.sensors >= 5000, `${status.sensors} sensors`);
});

test("draws a picture", { timeout: 120_000 }, async () => {
  const picture = await screenshot(page, `demo-${API}`);
  const { colours, commonest, brightness } = await statistics(browser, picture);
  assert.ok(colours > 64, `${colours} colours`);
  assert.ok(commonest < 0.7, `one colour covers ${commonest} of the picture`);
  assert.ok(brightness > 8 && brightness < 247, `mean brightness ${brightness}`);
});

test("nothing is wrong on the console", () => {
  assert.deepEqual(page.problems, []);
});
