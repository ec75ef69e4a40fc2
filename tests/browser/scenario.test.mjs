// A scenario that the hub keeps opens by its link, read-only, and is drawn with the model that it places; once it is
// deleted, its link says so.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { PLACE, model, writeCity } from "./city.mjs";
import { API, launch, newPage, pixel, pixelsThat, screenshot, serveHub, sleep, until } from "./harness.mjs";

const directory = mkdtempSync(join(tmpdir(), "belvedere-scenario-"));
let hub, browser, page, tag;

/** A model of a colour that nothing else in the city or the panels has; the hub keeps it. */
const MODEL = model(70, 160, [1, 0, 1]);
const MODEL_FILE = `${createHash("sha256").update(MODEL).digest("hex")}.glb`;
const isModel = (red, green, blue) => red > 60 && blue > 60 && red > 2 * green && blue > 2 * green;

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

[[operation]]
id = "op-model"
kind = "place-model"
horizon = "short"
author = "Ada"
url = "hub:models/${MODEL_FILE}#landmark.glb"
position = { lon = ${PLACE.lon - 0.004}, lat = ${PLACE.lat}, height = 0.0 }
`;

before(
  async () => {
    hub = await serveHub({ scene: writeCity(directory), data: join(directory, "data") });
    const kept = await fetch(`${hub.url}api/models/${MODEL_FILE}`, { method: "PUT", body: MODEL });
    assert.equal(kept.status, 201, await kept.text());
    const saved = await fetch(`${hub.url}api/scenarios/tower`, {
      method: "PUT",
      headers: { "If-None-Match": "*", "Content-Type": "application/toml" },
      body: SCENARIO,
    });
    const answer = await saved.json();
    assert.equal(saved.status, 201, JSON.stringify(answer));
    assert.deepEqual([answer.problems, answer.missing_models], [[], []]);
    tag = saved.headers.get("etag");
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
  assert.equal(status.differences, 2);
  assert.equal(status.scenario_editable, false, "it is for looking here");
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

test("draws the model that it places, and nothing else has its colour", { timeout: 120_000 }, async () => {
  await until(page, (status) => status.models_under_way === 0, "the model's file");
  const deadline = Date.now() + 60_000;
  let seen;
  do {
    await sleep(300);
    seen = await pixelsThat(browser, await screenshot(page, `scenario-model-${API}`), isModel);
  } while (seen.count < 200 && Date.now() < deadline);
  const told = JSON.stringify(seen);
  assert.ok(seen.count >= 200, `the model is in the picture: ${told}`);
  // One upright box west of the middle, and not a pixel elsewhere.
  assert.ok(seen.left > 250 && seen.right < 640, `it stands in the west: ${told}`);
  assert.ok(seen.right - seen.left < 120 && seen.bottom - seen.top < 200, `it is one thing: ${told}`);
});

test("a scenario is not saved from elsewhere, nor over another's work", async () => {
  const put = (headers) =>
    fetch(`${hub.url}api/scenarios/tower`, { method: "PUT", headers, body: SCENARIO.replace("260", "270") });
  const blind = await put({ "If-None-Match": "*" });
  assert.equal(blind.status, 412);
  const foreign = await put({ Origin: "https://elsewhere.example", "If-Match": '"x"' });
  assert.equal(foreign.status, 403);
  const headers = { Origin: "https://elsewhere.example", "If-Match": tag };
  const deleted = await fetch(`${hub.url}api/scenarios/tower`, { method: "DELETE", headers });
  assert.equal(deleted.status, 403, "nor deleted");
});

test("nothing is wrong on the console", () => {
  assert.deepEqual(page.problems, []);
});

test("the link of a deleted scenario says so, and its model is gone", { timeout: 240_000 }, async () => {
  const deleted = await fetch(`${hub.url}api/scenarios/tower`, { method: "DELETE", headers: { "If-Match": tag } });
  assert.equal(deleted.status, 200);
  assert.deepEqual((await deleted.json()).models, [MODEL_FILE]);
  assert.equal((await fetch(`${hub.url}api/models/${MODEL_FILE}`)).status, 404);
  const late = await newPage(browser);
  await late.goto(`${hub.url}?gpu=${API}&scenario=tower`);
  const status = await until(late, (status) => status.notice.includes("was deleted"), "what became of it");
  assert.equal(status.scenario, "");
  assert.match(status.notice, /tower/);
  await screenshot(late, `scenario-deleted-${API}`);
  await late.context().close();
});
