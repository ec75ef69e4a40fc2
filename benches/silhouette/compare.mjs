// Draws a tileset from the same cameras in CesiumJS (headless Chromium) and in Belvedere, buildings
// only, and compares the pixels that they cover: intersection over union.
//   npm ci && node compare.mjs [--tileset FILE] [--belvedere PROGRAM] [--camera LON,LAT,HEIGHT,HEADING,PITCH]...
//     [--size 1280x720] [--fov DEGREES_VERTICAL] [--sse 16] [--least 0.98] [--out DIR]
// Prints a line per camera and writes masks and result.json into DIR (here: out/). Exit code 1 when a
// camera is below `--least`, 2 for wrong usage. Red in difference-N.png is CesiumJS alone, blue Belvedere alone.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PNG } from 'pngjs';
import { cesiumMask } from './cesium.mjs';
import { poseFromAngles } from './pose.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = resolve(here, '../..');

/** Over Wageningen: from above, from the south at half height, low along the roofs, and from the east. */
const CAMERAS = ['5.6287,51.9560,2500,0,-89', '5.6287,51.9390,1100,0,-32', '5.6560,51.9660,160,200,-9', '5.6900,51.9600,900,270,-20'];

const options = {
  tileset: { type: 'string' }, belvedere: { type: 'string' }, camera: { type: 'string', multiple: true },
  size: { type: 'string', default: '1280x720' }, fov: { type: 'string', default: '45' }, sse: { type: 'string', default: '16' },
  least: { type: 'string', default: '0.98' }, out: { type: 'string', default: join(here, 'out') },
};
function usage(message) {
  console.error(message);
  process.exit(2);
}
let args;
try { args = parseArgs({ options }).values; } catch (error) { usage(error.message); }

const samples = process.env.BELVEDERE_SAMPLES ?? join(root, '../shared/data');
const tileset = resolve(args.tileset ?? join(samples, 'bertt__wageningen/7-624-528/tileset.json'));
if (!existsSync(tileset)) usage(`${tileset} does not exist: name a tileset with --tileset, or the samples with BELVEDERE_SAMPLES`);
const built = process.env.CARGO_TARGET_DIR ?? join(root, 'target');
const program = args.belvedere ?? ['release', 'debug'].map((kind) => join(built, kind, 'belvedere')).find(existsSync);
if (!program) usage('there is no belvedere program: run `cargo build --release`, or name one with --belvedere');
const [width, height] = args.size.split('x').map(Number);
if (!(width > 0 && height > 0)) usage(`--size ${args.size}: write it as WIDTHxHEIGHT`);

/** 1 where the picture differs from the background, which is one grey value. */
function covered(png, background) {
  const bits = new Uint8Array(png.width * png.height);
  for (let i = 0; i < bits.length; i++) {
    for (let k = 0; k < 3; k++) if (Math.abs(png.data[4 * i + k] - background) > 24) bits[i] = 1;
  }
  return bits;
}

function difference(cesium, belvedere, file) {
  const png = new PNG({ width, height });
  for (let i = 0; i < cesium.length; i++) {
    const grey = cesium[i] && belvedere[i] ? 200 : 20;
    png.data.set([cesium[i] && !belvedere[i] ? 255 : grey, grey, belvedere[i] && !cesium[i] ? 255 : grey, 255], 4 * i);
  }
  writeFileSync(file, PNG.sync.write(png));
}

mkdirSync(args.out, { recursive: true });
const results = [];
for (const [index, camera] of (args.camera ?? CAMERAS).entries()) {
  const numbers = camera.split(',').map(Number);
  if (numbers.length !== 5 || numbers.some(Number.isNaN)) usage(`--camera ${camera}: write it as LON,LAT,HEIGHT,HEADING,PITCH`);
  const theirs = await cesiumMask({
    here, folder: dirname(tileset), file: basename(tileset), width, height,
    pose: poseFromAngles(...numbers), fov: args.fov, sse: args.sse,
  });
  writeFileSync(join(args.out, `cesium-${index}.png`), theirs.png);
  const picture = join(args.out, `belvedere-${index}.png`);
  execFileSync(program, ['render', '--tileset', tileset, `--camera=${camera}`, '--fov', args.fov, '--size', args.size, '--silhouette', '--out', picture], { stdio: ['ignore', 'inherit', 'inherit'] });
  const cesium = covered(PNG.sync.read(theirs.png), 255);
  const belvedere = covered(PNG.sync.read(readFileSync(picture)), 0);
  difference(cesium, belvedere, join(args.out, `difference-${index}.png`));
  const count = (test) => cesium.reduce((sum, _, i) => sum + (test(cesium[i], belvedere[i]) ? 1 : 0), 0);
  const [both, any] = [count((a, b) => a && b), count((a, b) => a || b)];
  // Two empty pictures agree on nothing.
  const iou = any ? both / any : 0;
  results.push({ camera, iou, cesium_pixels: count((a) => a), belvedere_pixels: count((_, b) => b), cesium_triangles: theirs.triangles });
  console.log(`${camera}: IoU ${iou.toFixed(4)} (CesiumJS ${results.at(-1).cesium_pixels}, Belvedere ${results.at(-1).belvedere_pixels} pixels)`);
}
writeFileSync(join(args.out, 'result.json'), JSON.stringify({ tileset: basename(dirname(tileset)), size: args.size, results }, null, 1));
if (results.some((r) => r.iou < Number(args.least))) {
  console.error(`below ${args.least}: look at ${args.out}`);
  process.exit(1);
}
