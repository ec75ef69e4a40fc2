// What CesiumJS draws of a tileset from a given camera, as a mask (buildings black
// on white), and how well another picture's mask covers it.
//   node silhouette.mjs --data TILESET_DIR (--camera LON,LAT,HEIGHT,HEADING,PITCH | --orbit FRAME)
//     [--tileset tileset.json] [--fov DEGREES_VERTICAL] [--size 1280x720] [--sse 16]
//     [--out MASK.png] [--against PICTURE.png [--background RRGGBB] [--tolerance 8]]
// Prints {"cesium_pixels","pixels","intersection","union","iou"}; exit code 1 when the
// two pictures differ in size. A pixel of PICTURE.png belongs to the mask where it
// differs from the background (white unless given) by more than the tolerance.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PNG } from 'pngjs';
import { orbitPose, poseFromAngles } from './orbit.js';
import { arg, launch, serve } from './server.mjs';

const data = arg('data');
const camera = arg('camera')?.split(',').map(Number);
const orbit = arg('orbit');
if (!data || (!camera && orbit === undefined) || camera?.some(Number.isNaN)) {
  console.error('usage: node silhouette.mjs --data TILESET_DIR (--camera LON,LAT,HEIGHT,HEADING,PITCH | --orbit FRAME) [--fov DEG] [--size WxH] [--out MASK.png] [--against PICTURE.png]');
  process.exit(2);
}
const [width, height] = arg('size', '1280x720').split('x').map(Number);
const pose = camera ? poseFromAngles(...camera) : orbitPose(Number(orbit));
const here = fileURLToPath(new URL('.', import.meta.url));
const server = await serve({ '/data/': data, '/': here });
const browser = await launch('webgl2');
let mask;
try {
  const page = await browser.newPage({ viewport: { width, height } });
  page.on('pageerror', (e) => console.error(String(e)));
  const query = new URLSearchParams({ pose: JSON.stringify(pose), fov: arg('fov', '60'), sse: arg('sse', '16'), tileset: `/data/${arg('tileset', 'tileset.json')}` });
  await page.goto(`${server.base}/silhouette.html?${query}`);
  await page.waitForFunction('window.picture', null, { timeout: 120000 });
  const url = await page.evaluate('window.picture');
  mask = PNG.sync.read(Buffer.from(url.split(',')[1], 'base64'));
} finally {
  await browser.close();
  server.close();
}

/** 1 where the picture differs from the background. */
function covered(png, background, tolerance) {
  const bits = new Uint8Array(png.width * png.height);
  for (let i = 0; i < bits.length; i++) {
    for (let k = 0; k < 3; k++) if (Math.abs(png.data[4 * i + k] - background[k]) > tolerance) bits[i] = 1;
  }
  return bits;
}
const ours = covered(mask, [255, 255, 255], 127);
if (arg('out')) {
  for (let i = 0; i < ours.length; i++) {
    mask.data.fill(ours[i] ? 0 : 255, 4 * i, 4 * i + 3);
    mask.data[4 * i + 3] = 255;
  }
  await writeFile(arg('out'), PNG.sync.write(mask));
}
const count = (bits) => bits.reduce((n, b) => n + b, 0);
const result = { cesium_pixels: count(ours) };
if (arg('against')) {
  const other = PNG.sync.read(await readFile(arg('against')));
  if (other.width !== mask.width || other.height !== mask.height) {
    console.error(`${arg('against')} is ${other.width}x${other.height}, the view is ${mask.width}x${mask.height}`);
    process.exit(1);
  }
  const hex = arg('background', 'ffffff');
  const theirs = covered(other, [0, 2, 4].map((k) => parseInt(hex.slice(k, k + 2), 16)), Number(arg('tolerance', 8)));
  result.pixels = count(theirs);
  result.intersection = ours.reduce((n, b, i) => n + (b & theirs[i]), 0);
  result.union = ours.reduce((n, b, i) => n + (b | theirs[i]), 0);
  result.iou = result.union ? result.intersection / result.union : 1;
}
console.log(JSON.stringify(result));
