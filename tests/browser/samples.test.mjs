// Real tiles from another server, opened by `?tileset=`.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { writeCity } from "./city.mjs";
import { API, LONGEST_TASK_LIMIT_MS, LONGEST_TASK_MS, SAMPLES, launch, newPage, screenshot, serveFiles, serveHub, statistics, until } from "./harness.mjs";

const skip = SAMPLES ? false : "BELVEDERE_SAMPLES does not name the directory of the sample data";

let browser, hub, files, page;
const directory = mkdtempSync(join(tmpdir(), "belvedere-samples-"));
before(
  async () => {
    if (skip) return;
    // The hub serves a scene of its own, which the address overrides.
    hub = await serveHub({ scene: writeCity(directory), data: join(directory, "data") });
    files = await serveFiles(SAMPLES);
    browser = await launch();
    page = await newPage(browser);
    const tileset = `${files.url}bertt__wageningen/7-624-528/tileset.json`;
    await page.goto(`${hub.url}?${new URLSearchParams({ gpu: API, tileset })}`);
  },
  { timeout: 300_000 },
);
after(async () => {
  await browser?.close();
  await files?.stop();
  await hub?.stop();
  rmSync(directory, { recursive: true, force: true });
});

test("opens Wageningen with all its tiles", { skip, timeout: 240_000 }, async (t) => {
  const loaded = () => until(page, (status) => status.complete && status.tiles_shown > 0, "all tiles");
  let status = await loaded();
  assert.equal(status.tiles_failed, 0);
  assert.ok(status.triangles > 10_000, `${status.triangles} triangles`);
  t.diagnostic(`first tile ${status.first_shown_ms} ms, all ${status.completed_ms} ms after the page was opened`);
  // What else the machine does can only make it longer: the least of a few openings counts.
  const longest = [status.tile_work_longest_ms];
  while (longest.at(-1) >= LONGEST_TASK_MS && longest.length < 4) {
    t.diagnostic(`tiles took ${longest.at(-1).toFixed(1)} ms at most: ${JSON.stringify(status.tile_work_parts_ms)}`);
    await page.reload();
    status = await loaded();
    longest.push(status.tile_work_longest_ms);
  }
  t.diagnostic(`tiles took ${longest.at(-1).toFixed(1)} ms at most`);
  assert.ok(longest.at(-1) < LONGEST_TASK_LIMIT_MS, `${longest.join(", ")} ms`);
});

test("draws it", { skip, timeout: 120_000 }, async () => {
  const picture = await screenshot(page, `wageningen-${API}`);
  const { colours, commonest } = await statistics(browser, picture);
  assert.ok(colours > 64, `${colours} colours`);
  assert.ok(commonest < 0.7, `one colour covers ${commonest} of the picture`);
});

test("nothing is wrong on the console", { skip }, () => {
  assert.deepEqual(page.problems, []);
});
