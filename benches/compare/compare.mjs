// Belvedere beside its peers: the same tilesets, the same camera paths, one run. README.md says what is measured and how.
//   npm ci && node compare.mjs [--belvedere PROGRAM] [--dist DIR] [--peer PROGRAM] [--city DIR] [--tilesets ID,ID]
//     [--only NAME,NAME] [--without NAME,NAME] [--repeat 3] [--chunks 18] [--wait 30] [--no-masks] [--strict] [--out DIR]
// Exit code 0 when all was measured, 1 when something was not (with --strict: or a target is missed), 2 for wrong usage.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { BrowserRun } from './lib/run.mjs';
import { expand, isImplicit } from './lib/explicit.mjs';
import { idleShare, quietMoment } from './lib/machine.mjs';
import { compareTilesetMasks } from './lib/silhouettes.mjs';
import { abilities, runBelvedere, runBevyPeer } from './lib/native.mjs';
import { FRAMES, VIEW } from './lib/orbit.mjs';
import { serve } from './lib/server.mjs';
import { markdown, summarise, targets, verdict } from './lib/statistics.mjs';
import { findTilesets } from './lib/tilesets.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = resolve(here, '../..');

const options = {
  belvedere: { type: 'string' }, dist: { type: 'string', default: join(root, 'web/dist') }, peer: { type: 'string' }, city: { type: 'string' },
  tilesets: { type: 'string' }, only: { type: 'string' }, without: { type: 'string' }, repeat: { type: 'string', default: '3' }, chunks: { type: 'string', default: '18' },
  wait: { type: 'string', default: '30' }, 'no-masks': { type: 'boolean', default: false }, strict: { type: 'boolean', default: false },
  out: { type: 'string', default: join(here, 'out') },
};
function usage(message) {
  console.error(message);
  process.exit(2);
}
let args;
try { args = parseArgs({ options }).values; } catch (error) { usage(error.message); }
const repeat = Number(args.repeat);
const chunks = Number(args.chunks);
const wait_s = Number(args.wait);
if (!(repeat >= 1) || !(wait_s >= 0)) usage('--repeat and --wait take numbers');
if (!(FRAMES % chunks === 0)) usage(`--chunks must divide ${FRAMES}`);
const only = args.only?.split(',');
const without = args.without?.split(',') ?? [];

const samples = process.env.BELVEDERE_SAMPLES ?? join(root, '../shared/data');
let found;
try { found = findTilesets({ samples, city: args.city, only: args.tilesets?.split(',') }); } catch (error) { usage(error.message); }
const { tilesets, skipped } = found;
for (const text of skipped) console.log(`left out: ${text}`);
if (!tilesets.length) usage('there is no tileset to measure');

// What runs.
const manifest = existsSync(join(args.dist, 'manifest.json')) ? JSON.parse(readFileSync(join(args.dist, 'manifest.json'), 'utf8')) : {};
const RENDERERS = [
  { name: 'cesium', label: 'CesiumJS', api: 'webgl2', page: 'pages/cesium.html' },
  { name: 'three', label: '3DTilesRendererJS', api: 'webgl2', page: 'pages/three.html' },
  { name: 'belvedere-webgl2', label: 'Belvedere, WebGL2', api: 'webgl2', viewer: 'wall=1' },
  { name: 'belvedere-webgpu', label: 'Belvedere, WebGPU', api: 'webgpu', viewer: 'wall=1' },
  { name: 'belvedere-webgl2-panels', label: 'Belvedere, WebGL2, with its panels', api: 'webgl2', viewer: '', once: true },
  { name: 'belvedere-native', label: 'Belvedere, native', program: args.belvedere },
  { name: 'bevy_3d_tiles', label: 'bevy_3d_tiles, native, explicit copy', program: args.peer },
];
const labels = Object.fromEntries(RENDERERS.map(({ name, label }) => [name, label]));
const unknown = [...(only ?? []), ...without].filter((name) => !labels[name]);
if (unknown.length) usage(`no renderer is called ${unknown.join(', ')}; there are ${Object.keys(labels).join(', ')}`);
const chosen = [];
/** What was asked for and cannot be measured. */
const unmeasured = [];
for (const renderer of RENDERERS.filter(({ name }) => (!only || only.includes(name)) && !without.includes(name))) {
  let missing = null;
  if (renderer.viewer !== undefined && !manifest[renderer.api]) missing = `${args.dist} has no ${renderer.api} build (\`cargo xtask web --api both\`)`;
  if ('program' in renderer && !(renderer.program && existsSync(renderer.program))) missing = `its program is not there; name it with --${renderer.name === 'bevy_3d_tiles' ? 'peer' : 'belvedere'}`;
  if (missing) unmeasured.push(`${renderer.label}: ${missing}`);
  else chosen.push(renderer);
}
const native = chosen.some(({ name }) => name === 'belvedere-native') ? await abilities(args.belvedere) : null;
if (native && !native.poses) unmeasured.push('Belvedere, native: frames along the orbit; this program has no `render --poses`');
for (const text of unmeasured) console.error(`not measured: ${text}`);

mkdirSync(args.out, { recursive: true });
await build({ entryPoints: [join(here, 'pages/three.src.js')], bundle: true, format: 'esm', minify: true, outfile: join(here, 'dist/three.js'), logLevel: 'error' });
const server = await serve({ '/viewer/': args.dist, '/': here });

/** The most that one step of one renderer may take, seconds. */
const LIMIT_S = 1200;

/** Everything of one tileset. */
async function measure(tileset) {
  const { id, json, folder, file } = tileset;
  const readBeside = (name) => readFileSync(join(folder, name));
  const copy = isImplicit(json.root) ? expand(json, readBeside) : { tileset: json, contents: null };
  server.mount(id, folder, { [file]: Buffer.from(JSON.stringify(json)), 'explicit.json': Buffer.from(JSON.stringify(copy.tileset)) });
  const kept = Object.fromEntries(chosen.map(({ name }) => [name, { runs: [], frames: [], cpu: [], draw: [], errors: [] }]));
  const attempt = async (name, work) => {
    let timer;
    // A page whose engine has stopped never answers.
    const late = new Promise((_, fail) => { timer = setTimeout(() => fail(new Error(`no answer within ${LIMIT_S} s`)), LIMIT_S * 1000); });
    try { return await Promise.race([work(), late]); } catch (error) {
      const text = String(error.message ?? error).replace(/\s+/g, ' ').slice(0, 400);
      kept[name].errors.push(text);
      console.error(`  ${labels[name]}: ${text}`);
      return null;
    } finally {
      clearTimeout(timer);
    }
  };
  for (let round = 0; round < repeat; round++) {
    // Whoever comes first finds the disk's cache cold: take turns.
    const turn = chosen.map((_, i) => chosen[(i + round) % chosen.length]).filter((renderer) => !renderer.once || round === 0);
    const idle = await quietMoment(wait_s);
    console.log(`${id}, round ${round + 1} of ${repeat}: ${Math.round(idle * 100)} % of the machine idle`);
    const opened = [];
    for (const renderer of turn) {
      const { name } = renderer;
      const picture = join(args.out, `${id}-${name}`);
      if (renderer.program) {
        const isPeer = name === 'bevy_3d_tiles';
        const address = () => server.open(id, isPeer ? 'explicit.json' : file);
        const start = (given) => (isPeer ? runBevyPeer : runBelvedere)({ program: renderer.program, tileset, keepNothing: native?.keepNothing, folder: args.out, name: `${id}-${name}`, ...given });
        const opening = address();
        const run = await attempt(name, () => start({ url: opening.url }));
        if (!run) continue;
        // Counted here for all alike, and before the flight asks for more.
        Object.assign(run, opening.counted());
        if (isPeer || native.poses) Object.assign(run, await attempt(name, () => start({ url: address().url, fly: true })) ?? {});
        kept[name].runs.push(run);
        console.log(`  ${labels[name]}: first ${run.first_ms.toFixed(0)}, all ${run.all_ms.toFixed(0)} ms; ${run.triangles} triangles`);
        continue;
      }
      const browser = new BrowserRun({ renderer, server, tileset, here });
      const run = await attempt(name, () => browser.load());
      if (!run) { await browser.close(); continue; }
      kept[name].runs.push(run);
      console.log(`  ${labels[name]}: first ${run.first_ms.toFixed(0)}, all ${run.all_ms.toFixed(0)} ms; from navigation ${run.nav_all_ms.toFixed(0)} ms; ${run.tiles} tiles, ${run.triangles} triangles`);
      opened.push({ browser, name, run, picture });
    }
    // Every renderer draws the same few frames of the orbit in turn, so that whatever else the machine does falls on
    // all of them alike.
    const length = FRAMES / chunks;
    for (const o of opened) o.isBroken = (await attempt(o.name, () => o.browser.visit())) === null;
    for (let k = 0; k < chunks; k++) {
      for (const o of opened.filter((o) => !o.isBroken)) {
        const timed = await attempt(o.name, () => o.browser.chunk(k * length, length));
        if (!timed) { o.isBroken = true; continue; }
        kept[o.name].frames.push(...timed.frame);
        kept[o.name].cpu.push(timed.cpu_ms);
        if (timed.draw_cpu_ms !== undefined) kept[o.name].draw.push(timed.draw_cpu_ms);
      }
    }
    for (const o of opened) {
      if (!o.isBroken) Object.assign(o.run, await attempt(o.name, () => o.browser.finish(`${o.picture}.png`)) ?? {});
      for (const problem of o.browser.problems()) console.error(`  ${labels[o.name]}: the page says: ${problem}`);
      await o.browser.close();
    }
  }
  const summaries = Object.fromEntries(Object.entries(kept).map(([name, data]) => [name, summarise(data)]));
  let iou = {};
  let failedMasks = null;
  if (!args['no-masks']) {
    try {
      iou = await compareTilesetMasks({ server, tileset, names: chosen.map(({ name }) => name), program: args.belvedere, out: args.out });
    } catch (error) {
      failedMasks = String(error.message ?? error);
      console.error(`  silhouettes: ${failedMasks}`);
    }
  }
  return { id, summaries, labels, iou, failedMasks, targets: targets(summaries, iou), explicit_contents: copy.contents, kept };
}

const versions = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8')).dependencies;
const ask = (program, ...rest) => { try { return execFileSync(program, rest, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim(); } catch { return 'unknown'; } };
const environment = {
  date: new Date().toISOString(),
  commit: ask('git', '-C', here, 'rev-parse', '--short', 'HEAD'),
  machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, ${Math.round((await idleShare(1000)) * 100)} % idle at the start`,
  browser: ask(process.env.CHROMIUM ?? '/usr/bin/chromium', '--version'),
  peers: ['cesium', '3d-tiles-renderer', 'three'].map((name) => `${name} ${versions[name]}`).join(', '),
  view: `${VIEW.width}x${VIEW.height}, ${VIEW.fovYDeg} degrees, ${VIEW.errorTargetPx} px, ${FRAMES} frames; ${repeat} rounds`,
};
const measured = [];
try {
  for (const tileset of tilesets) {
    measured.push(await measure(tileset));
    save();
  }
} finally {
  server.close();
}

function save() {
  const notes = ['Times are from the moment an initialised page receives the address, and from navigation; the peers have no panels, and Belvedere is measured without (`?wall=1`) but for the row that says so.'];
  const report = { environment, tilesets: measured, skipped, unmeasured, notes };
  writeFileSync(join(args.out, 'compare.json'), JSON.stringify(report, null, 1));
  writeFileSync(join(args.out, 'compare.md'), markdown(report));
}

let misses = 0;
let failures = unmeasured.length;
for (const { id, summaries, targets: rows, failedMasks } of measured) {
  failures += Object.values(summaries).filter((s) => s.errors.length).length + (failedMasks ? 1 : 0);
  for (const t of rows) {
    if (t.isMet === false) misses += 1;
    console.log(`${id}: ${labels[t.of]}: ${t.what}: ${t.value === null ? '' : `${t.value.toFixed(2)}, asked ${t.isLeast ? 'at least' : 'at most'} ${t.limit}: `}${verdict(t).replaceAll('*', '')}`);
  }
}
console.log(`${misses} targets missed, ${failures} things could not be measured`);
console.log(`The table is in ${join(args.out, 'compare.md')}`);
process.exitCode = failures || (args.strict && misses) ? 1 : 0;
