// One odd value, published through a real broker, becomes its colour at the sensor's pixel on the page.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { API, ROOT, freePort, launch, newPage, pixel, screenshot, serveHub, sleep, until } from "./harness.mjs";

const MOSQUITTO = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"].find(existsSync) ?? "mosquitto";
const INSTALL = "install the broker: apt-get install mosquitto mosquitto-clients";

/** The camera stands a kilometre south of the sensor, looking north and down. */
const CAMERA = { lat: 22.281, height: 300, pitch: -14 };
const SENSOR = { lon: 114.17, lat: 22.29 };

const directory = mkdtempSync(join(tmpdir(), "belvedere-readings-"));
let broker, port, hub, browser, page;

before(
  async () => {
    port = await freePort();
    const settings = join(directory, "mosquitto.conf");
    writeFileSync(settings, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
    broker = spawn(MOSQUITTO, ["-c", settings], { stdio: "ignore" });
    broker.on("error", () => assert.fail(INSTALL));
    await listening(port);
    hub = await serveHub({ scene: writeScene(), data: join(directory, "data") });
    browser = await launch();
    page = await newPage(browser);
    await page.goto(`${hub.url}?gpu=${API}`);
  },
  { timeout: 600_000 },
);
after(async () => {
  await browser?.close();
  await hub?.stop();
  broker?.kill();
  rmSync(directory, { recursive: true, force: true });
});

test("a published value has its colour at the sensor's pixel", { timeout: 240_000 }, async () => {
  await until(page, (status) => status.ready && status.hub_connected, "the hub's live readings");
  const [x, y] = place();
  const ground = await colour(x, y, "readings-before");
  for (const value of valuesUnlike(ground)) {
    const expected = cividis(value / 100);
    publish(value);
    const deadline = Date.now() + 60_000;
    let seen;
    do {
      await sleep(300);
      seen = await colour(x, y, `readings-${value}`);
    } while (apart(seen, expected) > 8 && Date.now() < deadline);
    assert.ok(apart(seen, expected) <= 8, `${value}: ${seen} at ${x}, ${y}, expected ${expected}`);
  }
});

test("nothing is wrong on the console", () => {
  assert.deepEqual(page.problems, []);
});

function writeScene() {
  const path = join(directory, "scene.toml");
  writeFileSync(
    path,
    `
name = "One sensor"
time_zone = "Asia/Hong_Kong"
origin = { lon = ${SENSOR.lon}, lat = ${SENSOR.lat} }

[camera.home]
lon = ${SENSOR.lon}
lat = ${CAMERA.lat}
height = ${CAMERA.height}
heading = 0
pitch = ${CAMERA.pitch}

[[layer]]
id = "oddity"
area = "environment"
name = "Oddity"
unit = "odd"
range = [0, 100]
color_map = "cividis"
cadence_s = 600
visible = true

[[feeds.mqtt]]
name = "test broker"
broker = "mqtt://127.0.0.1:${port}"

[[feeds.mqtt.mapping]]
topic = "test/{layer}/{sensor}"
lon = "/at/0"
lat = "/at/1"
`,
  );
  return path;
}

function publish(value) {
  const payload = JSON.stringify({ value, at: [SENSOR.lon, SENSOR.lat] });
  const topic = "test/oddity/gauge";
  const sent = spawnSync("mosquitto_pub", ["-h", "127.0.0.1", "-p", port, "-q", "1", "-t", topic, "-m", payload]);
  assert.equal(sent.status, 0, sent.error ? INSTALL : `${sent.stderr}`);
}

/** Where the sensor is on the page. Over a kilometre the Earth falls by 8 cm, which is less than a pixel. */
function place() {
  const [A, E2] = [6378137, 0.00669437999014];
  const sine = Math.sin((((SENSOR.lat + CAMERA.lat) / 2) * Math.PI) / 180);
  const meridian = (A * (1 - E2)) / (1 - E2 * sine * sine) ** 1.5;
  const north = ((SENSOR.lat - CAMERA.lat) * Math.PI * meridian) / 180;
  const pitch = (CAMERA.pitch * Math.PI) / 180;
  const depth = north * Math.cos(pitch) - CAMERA.height * Math.sin(pitch);
  const above = -north * Math.sin(pitch) - CAMERA.height * Math.cos(pitch);
  const { width, height } = page.viewportSize();
  const scale = height / 2 / Math.tan(Math.PI / 8);
  return [Math.floor(width / 2), Math.floor(height / 2 - (above / depth) * scale)];
}

async function colour(x, y, name) {
  return pixel(browser, await screenshot(page, `${name}-${API}`), x, y);
}

function cividis(share) {
  const lines = readFileSync(join(ROOT, "assets/colormaps/cividis.txt"), "utf8").trim().split("\n");
  const text = lines[Math.round(share * 255)];
  return [0, 2, 4].map((at) => Number.parseInt(text.slice(at, at + 2), 16));
}

/** Two values unlike each other whose colours the ground has not: it is lit by the sun of now, whatever the hour. */
function valuesUnlike(ground) {
  const values = [97, 75, 50, 20].filter((value) => apart(ground, cividis(value / 100)) > 40);
  assert.ok(values.length >= 2, `the ground, ${ground}, looks like the sensor's colours`);
  return [values.at(0), values.at(-1)];
}

function apart(a, b) {
  return Math.max(...a.map((value, i) => Math.abs(value - b[i])));
}

/** Waits until something listens on a port. */
async function listening(port) {
  for (let tries = 0; tries < 100; tries += 1) {
    const reached = await new Promise((done) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => socket.end(() => done(true)));
      socket.once("error", () => done(false));
    });
    if (reached) return;
    await sleep(50);
  }
  assert.fail(INSTALL);
}
