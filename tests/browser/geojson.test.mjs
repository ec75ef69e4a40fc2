// GeoJSON in the viewer: opened by address, dropped as a file, dropped as part of a folder.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { API, launch, newPage, servePage, until } from "./harness.mjs";

const things = (count) =>
  JSON.stringify({
    type: "FeatureCollection",
    features: Array.from({ length: count }, (_, i) => ({
      type: "Feature",
      geometry: { type: "Point", coordinates: [114.15 + i * 0.001, 22.29] },
      properties: { name: `thing ${i}` },
    })),
  });

let browser, server, page;
before(
  async () => {
    const layer = (_, response) => response.writeHead(200, { "Content-Type": "application/geo+json" }).end(things(3));
    server = await servePage({ "/things.geojson": layer });
    browser = await launch();
    page = await newPage(browser);
    await page.goto(`${server.url}?gpu=${API}&geojson=things.geojson`);
  },
  { timeout: 600_000 },
);
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Drops files on the page as a hand would. */
const drop = (files) =>
  page.evaluate((files) => {
    const transfer = new DataTransfer();
    for (const [name, text] of files) transfer.items.add(new File([text], name));
    const options = { dataTransfer: transfer, bubbles: true, cancelable: true };
    const target = document.getElementById("belvedere");
    target.dispatchEvent(new DragEvent("dragover", options));
    return !target.dispatchEvent(new DragEvent("drop", options));
  }, files);

test("opens by address", { timeout: 240_000 }, async () => {
  await until(page, (status) => status.vector_features === 3, "three features");
});

test("opens dropped, whatever its name", { timeout: 120_000 }, async () => {
  assert.equal(await drop([["data.txt", things(4)]]), true, "the browser does not open the file itself");
  await until(page, (status) => status.vector_features === 7, "four more features", 60_000);
});

test("says what to do with a tileset that was dropped without its tiles", { timeout: 120_000 }, async () => {
  const tileset = {
    asset: { version: "1.1" },
    geometricError: 1,
    root: { boundingVolume: { sphere: [0, 0, 0, 1] }, geometricError: 0, content: { uri: "a.glb" } },
  };
  await drop([["tileset.json", JSON.stringify(tileset)]]);
  const { notice } = await until(page, (status) => status.notice.includes("tileset.json"), "a message", 60_000);
  assert.match(notice, /not the tiles beside it/);
});

test("says what cannot be opened", { timeout: 120_000 }, async () => {
  await drop([["picture.png", "\u0089PNG"]]);
  await until(page, (status) => status.notice.includes("no file that Belvedere opens"), "a message", 60_000);
});
