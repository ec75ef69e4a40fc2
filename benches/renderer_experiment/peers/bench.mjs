// Measures Belvedere's cases and its peers in one run on one machine.
//   node bench.mjs --data TILESET_DIR [--wasm DIR] [--repeat 3] [--chunks 18] [--only a,b] [--out FILE.json] [--shots DIR]
// DIR holds webgl2/ and webgpu/ as wasm-bindgen made them (--target web).
import { writeFile, mkdir, readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { arg, launch, serve } from './server.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const data = arg('data');
const wasm = arg('wasm', join(here, 'dist/wasm'));
const repeat = Number(arg('repeat', 3));
const only = arg('only')?.split(',');
const how = arg('read');
const shots = arg('shots');
if (!data) { console.error('usage: node bench.mjs --data TILESET_DIR [--wasm DIR] [--repeat N] [--only NAMES] [--out FILE]'); process.exit(2); }

const cases = [
  { name: 'cesium', page: 'cesium.html?msaa=1' },
  { name: 'cesium-msaa4', page: 'cesium.html?msaa=4' },
  { name: 'three', page: 'three.html' },
];
for (const api of ['webgl2', 'webgpu']) {
  for (const mode of ['a', 'b', 'c', 'd', 'd0', 'dp', 'e', 'e0', 'ep', 'f', 'f0']) {
    cases.push({ name: `${api}-${mode}`, api, page: `belvedere.html?wasm=${api}&mode=${mode}&data=/data` });
  }
}

const median = (values) => { const s = [...values].sort((a, b) => a - b); return s[Math.floor((s.length - 1) / 2)]; };
const at = (values, q) => { const s = [...values].sort((a, b) => a - b); return s[Math.round((s.length - 1) * q)]; };
const round = (x) => Math.round(x * 100) / 100;

await mkdir(join(here, 'dist'), { recursive: true });
await build({ entryPoints: [join(here, 'three.src.js')], bundle: true, format: 'esm', minify: true, outfile: join(here, 'dist/three.js'), logLevel: 'error' });
const server = await serve({ '/data/': data, '/wasm/': wasm, '/': here });

// Share of all cores that stood idle during `ms`.
async function idle(ms) {
  const read = async () => (await readFile('/proc/stat', 'utf8')).split('\n')[0].trim().split(/\s+/).slice(1).map(Number);
  const before = await read();
  await new Promise((r) => setTimeout(r, ms));
  const d = (await read()).map((v, i) => v - before[i]);
  return (d[3] + d[4]) / d.reduce((a, b) => a + b);
}
// Others use this machine too: wait for a quiet moment, but not for ever.
async function quietMoment() {
  let share = 0;
  for (let i = 0; i < Number(arg('wait', 30)) && share < 0.8; i++) share = await idle(1000);
  return share;
}

async function open(c) {
  const api = c.api ?? 'webgl2';
  const browser = await launch(api);
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  const say = (text) => /404|limited support/.test(text) || console.error(`  ${c.name}: ${text.slice(0, 400)}`);
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && say(m.text()));
  page.on('pageerror', (e) => say(String(e)));
  await page.goto(`${server.base}/${c.page}`);
  await page.waitForFunction('window.bench', null, { timeout: 180000 });
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const thread = async () => (await cdp.send('Performance.getMetrics')).metrics.find((m) => m.name === 'TaskDuration').value * 1000;
  // The rasteriser's processor time: for software it is the work of a frame, and it
  // suffers less from what else the machine does than the time on the clock.
  const system = await browser.newBrowserCDPSession();
  const gpu = async () => (await system.send('SystemInfo.getProcessInfo')).processInfo.filter((p) => p.type === 'GPU').reduce((t, p) => t + p.cpuTime * 1000, 0);
  return { ...c, gpu, gpu_ms: 0, browser, page, thread, how: how ?? (api === 'webgpu' ? '2d' : 'gl'), frame: [], cpu: [], thread_ms: 0 };
}

// Every renderer draws the same few frames of the orbit in turn, so that whatever
// else the machine does falls on all of them alike.
const CHUNK = 5;
const chunks = Math.min(18, Number(arg('chunks', 18)));
const measured = chunks * CHUNK;
const chosen = cases.filter((c) => only ? only.includes(c.name) : !c.api || existsSync(join(wasm, c.api)));
const results = {};
for (let r = 0; r < repeat; r++) {
  const opened = [];
  for (const c of chosen) {
    try { opened.push(await open(c)); } catch (e) { console.error(c.name, String(e).slice(0, 600)); }
  }
  const idle_before = await quietMoment();
  for (let k = 0; k < chunks; k++) {
    const from = Math.floor((k * 90) / chunks);
    for (const o of opened) {
      const work = await o.gpu();
      const timed = await o.page.evaluate(([from, frames, how]) => window.bench.run({ from, frames, warm: 1, how }), [from, CHUNK, o.how]);
      o.gpu_ms += await o.gpu() - work;
      o.frame.push(...timed.frame);
      const before = await o.thread();
      const free = await o.page.evaluate(([from, frames]) => window.bench.run({ from, frames, warm: 0, how: 'none' }), [from, CHUNK]);
      o.thread_ms += await o.thread() - before;
      o.cpu.push(...free.cpu);
    }
  }
  for (const o of opened) {
    const info = await o.page.evaluate(() => ({ all_ms: window.bench.all_ms, ...window.bench.info() }));
    if (shots) { await mkdir(shots, { recursive: true }); await o.page.screenshot({ path: join(shots, `${o.name}.png`) }); }
    const one = { frame_ms_p50: median(o.frame), frame_ms_p10: at(o.frame, 0.1), frame_ms_p95: at(o.frame, 0.95), cpu_ms_p50: median(o.cpu), thread_cpu_ms: o.thread_ms / measured, raster_cpu_ms: o.gpu_ms / (chunks * (CHUNK + 1)), idle_before, ...info };
    (results[o.name] ??= []).push(one);
    console.log(r, o.name, JSON.stringify(Object.fromEntries(Object.entries(one).map(([k, v]) => [k, typeof v === 'number' ? round(v) : v]))));
    await o.browser.close();
  }
}
const summary = {};
for (const [name, runs] of Object.entries(results)) {
  const of = (key) => round(median(runs.map((x) => x[key])));
  summary[name] = { ...Object.fromEntries(['frame_ms_p50', 'frame_ms_p10', 'frame_ms_p95', 'cpu_ms_p50', 'thread_cpu_ms', 'raster_cpu_ms', 'all_ms'].map((k) => [k, of(k)])), runs: runs.length };
}
console.table(summary);
if (arg('out')) await writeFile(arg('out'), JSON.stringify({ summary, results }, null, 1));
server.close();
