// A file server for the harness and the browser's switches.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { chromium } from 'playwright-core';

const types = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json', '.css': 'text/css', '.glb': 'model/gltf-binary' };

/** Serves folders by path prefix (the first that fits) on a free port of this machine. */
export async function serve(roots) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://x').pathname);
    const root = Object.keys(roots).find((r) => path.startsWith(r));
    try {
      const body = await readFile(join(roots[root], normalize('/' + path.slice(root.length))));
      response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream' });
      response.end(body);
    } catch { response.writeHead(404); response.end('not found'); }
  });
  await new Promise((r) => server.listen(0, '127.0.0.1', r));
  return { base: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

const apiArgs = {
  webgl2: ['--headless=new', '--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
  webgpu: ['--headless=new', '--no-sandbox', '--enable-gpu', '--enable-unsafe-webgpu', '--enable-features=Vulkan', '--use-vulkan=swiftshader', '--use-angle=swiftshader', '--ignore-gpu-blocklist', '--use-webgpu-adapter=swiftshader'],
};
const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic', '--no-first-run'];

/** Chromium on its software rasteriser, for `webgl2` or `webgpu`. */
export function launch(api) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [...apiArgs[api], ...quiet],
    // The driver's own choices would undo those above.
    ignoreDefaultArgs: ['--disable-gpu', '--headless', '--use-gl=swiftshader'],
    headless: false,
  });
}

/** The value after `--name` on the command line. */
export function arg(name, fallback) {
  const i = process.argv.indexOf(`--${name}`);
  return i < 0 ? fallback : process.argv[i + 1];
}
