// A scenario that the hub keeps opens by its link, read-only, and is drawn.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { PLACE, writeCity } from "./city.mjs";
import { API, launch, newPage, pixel, screenshot, serveHub, sleep, until } from "./harness.mjs";

const directory = mkdtempSync(join(tmpdir(), "belvedere-scenario-"));
let hub, browser, page;

/** A tower far above the small city's roofs, in the middle of it. */
const [EAST, NORTH] = [0.0012, 0.0008];
const corner = (x, y) => `[${(PLACE.lon + x).toFixed(6)}, ${(PLACE.lat + y).toFixed(6)}]`;
const SCENARIO = `schema = 1
id = "tower"
name = "A tower in the middle"
base = "scene.toml"

[[operation]]
id = "op-tower"
kind = "add-building"
horizon = "short"
author = "Ada"
[operation.building]
name = "The tower"
footprint = [${corner(-EAST, -NORTH)}, ${corner(EAST, -NORTH)}, ${corner(EAST, NORTH)}, ${corner(-EAST, NORTH)}]
base_height_m = 0.0
height_m = 260.0
storeys = 70
use = "Office"
wall_color = "#ff2020"
roof_color = "#ff2020"
`;

before(
  async () => {
    hub = await serveHub({ scene: writeCity(directory), data: join(directory, "data") });
    const saved = await fetch(`${hub.url}api/scenarios/tower`, {
      method: "PUT",
      headers: { "If-None-Match": "*", "Content-Type": "application/toml" },
      body: SCENARIO,
    });
    assert.equal(saved.status, 201, await saved.text());
    browser = await launch();
    page = await newPage(browser);
    await page.goto(`${hub.url}?gpu=${API}&time=2026-06-21T12:00:00%2B02:00&scenario=tower`);
  },
  { timeout: 600_000 },
);
after(async () => {
  await browser?.close();
  await hub?.stop();
  rmSync(directory, { recursive: true, force: true });
});

test("opens by its link and says what it changes", { timeout: 240_000 }, async () => {
  const status = await until(page, (status) => status.scenario === "tower", "the scenario");
  assert.equal(status.differences, 1);
  await until(page, (status) => status.complete && status.tiles_shown > 0, "all tiles");
});

test("draws what is proposed", { timeout: 120_000 }, async () => {
  const deadline = Date.now() + 60_000;
  let seen;
  do {
    await sleep(300);
    seen = await pixel(browser, await screenshot(page, `scenario-${API}`), 640, 330);
  } while (!(seen[0] > seen[1] * 1.3) && Date.now() < deadline);
  assert.ok(seen[0] > seen[1] * 1.3, `the red tower is in the middle of the picture: ${seen}`);
});

test("a scenario is not saved from elsewhere, nor over another's work", async () => {
  const put = (headers) =>
    fetch(`${hub.url}api/scenarios/tower`, { method: "PUT", headers, body: SCENARIO.replace("260", "270") });
  const blind = await put({ "If-None-Match": "*" });
  assert.equal(blind.status, 412);
  const foreign = await put({ Origin: "https://elsewhere.example", "If-Match": '"x"' });
  assert.equal(foreign.status, 403);
});

test("nothing is wrong on the console", () => {
  assert.deepEqual(page.problems, []);
});
