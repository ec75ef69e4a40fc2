// Lets others judge the demo city: the Khronos glTF validator reads every content, and CesiumJS
// loads every tile in headless Chromium.
//   npm ci && node judge.mjs CITY_DIR [PICTURE.png]
import { readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import validator from "gltf-validator";
import { chromium } from "playwright-core";

const here = fileURLToPath(new URL(".", import.meta.url));
const [city, picture] = process.argv.slice(2);
if (!city) throw new Error("say where the city is: node judge.mjs CITY_DIR [PICTURE.png]");

const contents = readdirSync(city, { recursive: true }).filter((name) => name.endsWith(".glb"));
const issues = {};
for (const name of contents) {
  const { issues: found } = await validator.validateBytes(new Uint8Array(readFileSync(join(city, name))));
  for (const { severity, code } of found.messages) {
    const key = `${["error", "warning", "info", "hint"][severity]} ${code}`;
    issues[key] = (issues[key] ?? 0) + 1;
  }
  if (found.numErrors > 0) console.log(name, found.messages.filter((m) => m.severity === 0).slice(0, 3));
}
console.log(`glTF validator: ${contents.length} contents`, issues);

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".json": "application/json", ".css": "text/css", ".wasm": "application/wasm" };
const PAGE = `<!doctype html><body style="margin:0"><div id="c" style="width:320px;height:180px"></div>
<script>window.CESIUM_BASE_URL = "/cesium/";</script><script src="/cesium/Cesium.js"></script>`;
const asked = new Set();
const server = createServer((request, response) => {
  const path = decodeURIComponent(new URL(request.url, "http://x").pathname);
  if (path === "/favicon.ico") return response.writeHead(204).end();
  if (path === "/") return response.setHeader("Content-Type", "text/html").end(PAGE);
  const file = path.startsWith("/cesium/")
    ? join(here, "node_modules/cesium/Build/Cesium", path.slice(8))
    : join(city, path.slice(6));
  if (path.startsWith("/city/")) asked.add(relative(city, file));
  try {
    const bytes = readFileSync(file);
    response.setHeader("Content-Type", TYPES[extname(file)] ?? "application/octet-stream").end(bytes);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
});
const page = await browser.newPage({ viewport: { width: 320, height: 180 } });
page.on("console", (message) => message.type() === "error" && console.log("console:", message.text().slice(0, 300)));
await page.goto(`http://127.0.0.1:${server.address().port}/`);
await page.waitForFunction("window.Cesium");
// CesiumJS keeps what a view shows, and the whole city is more than a page holds: it flies over it, place by place,
// and draws nothing on the way.
const result = await page.evaluate(async () => {
  const widget = new Cesium.CesiumWidget("c", { baseLayer: false, skyBox: false, contextOptions: { requestWebgl1: false } });
  const { scene, camera } = widget;
  scene.globe.show = false;
  const failed = [];
  let loaded = 0;
  const options = { show: false, preloadWhenHidden: true, maximumScreenSpaceError: 0.01, cacheBytes: 0, maximumCacheOverflowBytes: 2e9, cullRequestsWhileMoving: false, foveatedScreenSpaceError: false };
  const tilesets = [];
  for (const url of ["/city/tileset.json", "/city/surroundings/tileset.json"]) {
    const tileset = await Cesium.Cesium3DTileset.fromUrl(url, options);
    tileset.tileFailed.addEventListener(({ url, message }) => failed.push(`${url}: ${message}`));
    tileset.tileLoad.addEventListener(() => (loaded += 1));
    scene.primitives.add(tileset);
    tilesets.push(tileset);
  }
  const settled = async () => {
    const end = performance.now() + 300_000;
    for (let quiet = 0; quiet < 4; ) {
      await new Promise((done) => scene.postRender.addEventListener(function once() {
        scene.postRender.removeEventListener(once);
        done();
      }));
      quiet = tilesets.every((tileset) => tileset.tilesLoaded) ? quiet + 1 : 0;
      if (performance.now() > end) return false;
    }
    return true;
  };
  // From above, so high that one view is a little more than a step wide.
  const { center, radius } = tilesets[0].boundingSphere;
  const enu = Cesium.Transforms.eastNorthUpToFixedFrame(center);
  const HEIGHT_M = 2000, EAST_M = 1600, NORTH_M = 900;
  const pending = [];
  for (let east = -radius; east <= radius; east += EAST_M) {
    for (let north = -radius; north <= radius; north += NORTH_M) {
      if (Math.hypot(east, north) > radius) continue;
      const destination = Cesium.Matrix4.multiplyByPoint(enu, new Cesium.Cartesian3(east, north, HEIGHT_M), new Cesium.Cartesian3());
      camera.setView({ destination, orientation: { heading: 0, pitch: -Math.PI / 2, roll: 0 } });
      if (!(await settled())) pending.push([east, north]);
    }
  }
  camera.viewBoundingSphere(tilesets[0].boundingSphere, new Cesium.HeadingPitchRange(0.6, -0.7, radius * 2));
  for (const tileset of tilesets) Object.assign(tileset, { show: true, maximumScreenSpaceError: 4 });
  await settled();
  return { loaded, failed, pending };
});
console.log(`CesiumJS ${JSON.stringify(result)}`);
const missed = contents.filter((name) => !asked.has(name));
console.log(`contents that CesiumJS did not ask for: ${missed.length}`, missed.slice(0, 5));
if (picture) await page.screenshot({ path: picture });
await browser.close();
server.close();
const good = !Object.keys(issues).some((key) => key.startsWith("error")) && result.failed.length === 0 && result.pending.length === 0 && missed.length === 0;
console.log(good ? "both accept the city" : "NOT accepted");
process.exit(good ? 0 : 1);
