// Measures Belvedere's cases and its peers in one run on one machine.
//   node bench.mjs --data TILESET_DIR [--wasm DIR] [--repeat 3] [--only a,b] [--out FILE.json] [--shots DIR]
// DIR holds webgl2/ and webgpu/ as wasm-bindgen made them (--target web).
import { writeFile, mkdir } from 'node:fs/promises';
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

async function once(c) {
  const api = c.api ?? 'webgl2';
  const browser = await launch(api);
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    page.on('console', (m) => { if (['error', 'warning'].includes(m.type())) console.error(`  ${c.name}: ${m.text().slice(0, 400)}`); });
    page.on('pageerror', (e) => console.error(`  ${c.name}: ${String(e).slice(0, 400)}`));
    await page.goto(`${server.base}/${c.page}`);
    await page.waitForFunction('window.bench', null, { timeout: 180000 });
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
    const metrics = async () => Object.fromEntries((await cdp.send('Performance.getMetrics')).metrics.map((m) => [m.name, m.value]));
    const timed = await page.evaluate(([how]) => window.bench.run({ frames: 90, warm: 5, how }), [how ?? (api === 'webgpu' ? '2d' : 'gl')]);
    const before = await metrics();
    const free = await page.evaluate(() => window.bench.run({ frames: 90, warm: 0, how: 'none' }));
    const after = await metrics();
    const info = await page.evaluate(() => ({ all_ms: window.bench.all_ms, ...window.bench.info() }));
    if (shots) { await mkdir(shots, { recursive: true }); await page.screenshot({ path: join(shots, `${c.name}.png`) }); }
    return {
      frame_ms_p50: median(timed.frame), frame_ms_p95: at(timed.frame, 0.95), cpu_ms_p50: median(timed.cpu),
      free_cpu_ms_p50: median(free.cpu), thread_cpu_ms: ((after.TaskDuration - before.TaskDuration) * 1000) / 90, ...info,
    };
  } finally { await browser.close(); }
}

const results = {};
for (let r = 0; r < repeat; r++) {
  for (const c of cases) {
    if (only ? !only.includes(c.name) : (c.api && !existsSync(join(wasm, c.api)))) continue;
    try {
      const one = await once(c);
      (results[c.name] ??= []).push(one);
      console.log(r, c.name, JSON.stringify(Object.fromEntries(Object.entries(one).map(([k, v]) => [k, typeof v === 'number' ? round(v) : v]))));
    } catch (e) { console.error(c.name, String(e).slice(0, 600)); }
  }
}
const summary = {};
for (const [name, runs] of Object.entries(results)) {
  const of = (key) => round(median(runs.map((x) => x[key])));
  summary[name] = { frame_ms_p50: of('frame_ms_p50'), frame_ms_p95: of('frame_ms_p95'), cpu_ms_p50: of('free_cpu_ms_p50'), thread_cpu_ms: of('thread_cpu_ms'), all_ms: of('all_ms'), runs: runs.length };
}
console.table(summary);
if (arg('out')) await writeFile(arg('out'), JSON.stringify({ summary, results }, null, 1));
server.close();
