// One file server for every renderer: it counts what each of them asks for.
import { createServer } from 'node:http';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { acceptLiveSockets, hubAnswer } from './hub.mjs';

const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm',
  '.json': 'application/json', '.css': 'text/css', '.svg': 'image/svg+xml', '.glb': 'model/gltf-binary',
};

/** As the hub and tile servers have it. An address with a token is asked for by one run alone, so none helps another. */
const isLasting = (path) => path.startsWith('/t/') || path.includes('/v/') || path.startsWith('/node_modules/');

/**
 * Serves `roots` (folders by path prefix; the first that fits) on a free port of this machine.
 * A file that lies there as `.br` too goes out compressed, as the hub does it.
 *
 * `mount(id, folder, files)` offers a tileset at `/t/TOKEN/id/`; `files` are contents by name that win over the folder.
 * `open(id, file)` gives `{ url, counted() }`: an address of its own, and what was asked for below it.
 */
export async function serve(roots) {
  const mounts = new Map();
  const counts = new Map();
  let tokens = 0;

  async function answer(path) {
    const fromHub = hubAnswer(path);
    if (fromHub) return { body: Buffer.from(fromHub) };
    const [, t, token, id, ...rest] = path.split('/');
    if (t === 't') {
      const mount = mounts.get(id);
      const count = counts.get(token);
      if (!mount || !count) throw new Error('unknown');
      const name = rest.join('/');
      count.requests += 1;
      const body = mount.files[name] ?? (await readFile(join(mount.folder, normalize(`/${name}`))));
      count.bytes += body.length;
      return { body };
    }
    const root = Object.keys(roots).find((prefix) => path.startsWith(prefix));
    let file = join(roots[root], normalize(`/${path.slice(root.length)}`));
    if (path.endsWith('/')) file = join(file, 'index.html');
    return { file };
  }

  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://x').pathname);
    const ending = path.startsWith('/api/') ? '.json' : path.endsWith('/') ? '.html' : extname(path);
    const headers = {
      'content-type': TYPES[ending] ?? 'application/octet-stream',
      'cache-control': isLasting(path) ? 'public, max-age=86400, immutable' : 'no-cache',
      'access-control-allow-origin': '*',
    };
    try {
      const { body, file } = await answer(path);
      let bytes = body;
      if (file) {
        const isPacked = /\bbr\b/.test(request.headers['accept-encoding'] ?? '') && existsSync(`${file}.br`);
        if (isPacked) headers['content-encoding'] = 'br';
        bytes = await readFile(isPacked ? `${file}.br` : file);
      }
      response.writeHead(200, { ...headers, 'content-length': bytes.length }).end(bytes);
    } catch {
      response.writeHead(404, headers).end('not found');
    }
  });
  const closeSockets = acceptLiveSockets(server);
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const base = `http://127.0.0.1:${server.address().port}`;
  return {
    base,
    mount: (id, folder, files = {}) => mounts.set(id, { folder, files }),
    open(id, file) {
      const token = String(++tokens);
      counts.set(token, { requests: 0, bytes: 0 });
      return { url: `${base}/t/${token}/${id}/${file}`, counted: () => ({ ...counts.get(token) }) };
    },
    close: () => {
      closeSockets();
      server.closeAllConnections();
      server.close();
    },
  };
}
