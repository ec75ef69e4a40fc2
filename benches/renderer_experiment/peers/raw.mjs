// The pass without an engine, in its variants:  node raw.mjs --data TILESET_DIR [--frames 90]
import { fileURLToPath } from 'node:url';
import { writeFile } from 'node:fs/promises';
import { arg, launch, serve } from './server.mjs';
const here = fileURLToPath(new URL('.', import.meta.url));
const server = await serve({ '/data/': arg('data'), '/': here });
const browser = await launch('webgl2');
const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
page.on('pageerror', (e) => console.error(String(e)));
await page.goto(`${server.base}/raw.html`);
await page.waitForFunction('window.bench', null, { timeout: 60000 });
const out = await page.evaluate((frames) => window.bench.run({ frames }), Number(arg('frames', 90)));
const q = (v, x) => [...v].sort((a, b) => a - b)[Math.round((v.length - 1) * x)].toFixed(1);
for (const [name, values] of Object.entries(out)) console.log(name.padEnd(50), 'min', q(values, 0).padStart(6), 'p25', q(values, 0.25).padStart(6), 'p50', q(values, 0.5).padStart(6));
if (arg('shot')) await writeFile(arg('shot'), await page.screenshot());
await browser.close(); server.close();
