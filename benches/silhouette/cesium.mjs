// CesiumJS in headless Chromium on its software rasteriser: one picture of a tileset.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { chromium } from 'playwright-core';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.json': 'application/json', '.css': 'text/css', '.wasm': 'application/wasm' };
const FLAGS = [
  '--headless=new', '--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-quic', '--no-first-run',
];

/** Serves folders by path prefix (the first that fits) on a free port of this machine. */
async function serve(roots) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://x').pathname);
    const root = Object.keys(roots).find((prefix) => path.startsWith(prefix));
    try {
      const body = await readFile(join(roots[root], normalize('/' + path.slice(root.length))));
      response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' });
      response.end(body);
    } catch { response.writeHead(404); response.end('not found'); }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { base: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** What CesiumJS draws of `file` in `folder`: buildings black on white, without light and antialiasing, as PNG. */
export async function cesiumMask({ here, folder, file, width, height, pose, fov, sse }) {
  const server = await serve({ '/data/': folder, '/': here });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: FLAGS,
    // The driver's own choices would undo those above.
    ignoreDefaultArgs: ['--disable-gpu', '--headless', '--use-gl=swiftshader'],
    headless: false,
  });
  try {
    const page = await browser.newPage({ viewport: { width, height } });
    page.on('pageerror', (error) => console.error(String(error)));
    const query = new URLSearchParams({ pose: JSON.stringify(pose), fov, sse, tileset: `/data/${file}` });
    await page.goto(`${server.base}/cesium.html?${query}`, { timeout: 180000 });
    await page.waitForFunction('window.picture', null, { timeout: 180000 });
    const url = await page.evaluate('window.picture');
    const { triangles } = await page.evaluate('window.selected');
    return { png: Buffer.from(url.split(',')[1], 'base64'), triangles };
  } finally {
    await browser.close();
    server.close();
  }
}
