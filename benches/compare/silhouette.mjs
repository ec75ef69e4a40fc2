// Draws a tileset from the same cameras in CesiumJS (headless Chromium) and in Belvedere, buildings
// only, and compares the pixels that they cover: intersection over union.
//   npm ci && node silhouette.mjs [--tileset FILE] [--belvedere PROGRAM] [--camera LON,LAT,HEIGHT,HEADING,PITCH]...
//     [--size 1280x720] [--fov DEGREES_VERTICAL] [--sse 16] [--least 0.98] [--out DIR]
// Prints a line per camera and writes masks and result.json into DIR (here: out/silhouette). Exit code 1 when a
// camera is below `--least`, 2 for wrong usage. Red in difference-N.png is CesiumJS alone, blue Belvedere alone.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compareMasks, covered, writeDifference } from './lib/masks.mjs';
import { belvedereMask } from './lib/native.mjs';
import { poseFromAngles } from './lib/orbit.mjs';
import { serve } from './lib/server.mjs';
import { pageMasks } from './lib/silhouettes.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = resolve(here, '../..');

/** Over Wageningen: from above, from the south at half height, low along the roofs, and from the east. */
const CAMERAS = ['5.6287,51.9560,2500,0,-89', '5.6287,51.9390,1100,0,-32', '5.6560,51.9660,160,200,-9', '5.6900,51.9600,900,270,-20'];

const options = {
  tileset: { type: 'string' }, belvedere: { type: 'string' }, camera: { type: 'string', multiple: true },
  size: { type: 'string', default: '1280x720' }, fov: { type: 'string', default: '45' }, sse: { type: 'string', default: '16' },
  least: { type: 'string', default: '0.98' }, out: { type: 'string', default: join(here, 'out/silhouette') },
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
const size = args.size.split('x').map(Number);
if (!(size[0] > 0 && size[1] > 0)) usage(`--size ${args.size}: write it as WIDTHxHEIGHT`);
const poses = (args.camera ?? CAMERAS).map((text) => {
  const numbers = text.split(',').map(Number);
  if (numbers.length !== 5 || numbers.some(Number.isNaN)) usage(`--camera ${text}: write it as LON,LAT,HEIGHT,HEADING,PITCH`);
  return { ...poseFromAngles(...numbers), text };
});

mkdirSync(args.out, { recursive: true });
const server = await serve({ '/': here });
server.mount('tileset', dirname(tileset));
const results = [];
try {
  const theirs = await pageMasks({ server, page: 'cesium', url: server.open('tileset', basename(tileset)).url, poses, size, options: { near: 1, fovYDeg: Number(args.fov), errorTargetPx: Number(args.sse) } });
  for (const [index, pose] of poses.entries()) {
    writeFileSync(join(args.out, `cesium-${index}.png`), theirs[index].png);
    const cesium = covered(theirs[index].png, 255);
    const belvedere = covered(await belvedereMask({ program, url: tileset, pose, fovYDeg: args.fov, size: args.size, file: join(args.out, `belvedere-${index}.png`) }), 0);
    writeDifference(cesium, belvedere, size, join(args.out, `difference-${index}.png`));
    const { iou, first, second } = compareMasks(cesium, belvedere);
    results.push({ camera: pose.text, iou, cesium_pixels: first, belvedere_pixels: second, cesium_triangles: theirs[index].triangles });
    console.log(`${pose.text}: IoU ${iou.toFixed(4)} (CesiumJS ${first}, Belvedere ${second} pixels)`);
  }
} finally {
  server.close();
}
writeFileSync(join(args.out, 'result.json'), JSON.stringify({ tileset: basename(dirname(tileset)), size: args.size, results }, null, 1));
if (results.some((r) => r.iou < Number(args.least))) {
  console.error(`below ${args.least}: look at ${args.out}`);
  process.exit(1);
}
