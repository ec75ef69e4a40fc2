// One renderer in one browser: loading, the orbit, memory, a picture.
import { join } from 'node:path';
import { meters, openPage } from './browser.mjs';
import { VIEW } from './orbit.mjs';

/** Every so many poses of the orbit are visited before it is measured, so that its tiles are there. */
const VISIT_EVERY = 9;

/** True when Belvedere's page has told its reader that it cannot go on. */
const HAS_STOPPED = "document.getElementById('problem')?.hidden === false";

/** Waits for a condition of the page; a page that says that it has stopped is not waited for. */
async function until({ page, problems }, condition) {
  await page.waitForFunction(`(${condition}) || ${HAS_STOPPED}`);
  if (await page.evaluate(HAS_STOPPED)) {
    const said = problems[0] ?? (await page.evaluate("document.getElementById('problem-details').textContent.split('\\n')[0]"));
    throw new Error(`the page has stopped: ${said}`);
  }
}

const plain = ({ eye, direction, up, text }) => ({ eye, direction, up, text });

/** Options of a tileset for the peers' pages. */
export function pageOptions({ center, near, far, poses }) {
  // The light comes over the first camera's shoulder.
  return { ...VIEW, center, near, far, sun: poses[0].eye };
}

export class BrowserRun {
  constructor({ renderer, server, tileset, here }) {
    Object.assign(this, { renderer, server, tileset });
    this.poses = tileset.poses.map(plain);
    this.isBelvedere = renderer.viewer !== undefined;
    this.scripts = this.isBelvedere ? ['measure.js', 'belvedere.js'].map((name) => join(here, 'pages', name)) : [];
  }

  /** The page's address; with a tileset's it opens that at once. */
  address(url) {
    const { renderer, server, tileset } = this;
    const query = new URLSearchParams(this.isBelvedere ? renderer.viewer : '');
    if (!this.isBelvedere) {
      if (url) query.set('open', JSON.stringify({ url, pose: this.poses[0], options: pageOptions(tileset) }));
      return `${server.base}/${renderer.page}?${query}`;
    }
    query.set('gpu', renderer.api);
    query.set('time', tileset.time);
    // Without a scene the camera waits for the first tileset.
    query.set('camera', this.poses[0].text);
    if (url) query.set('tileset', url);
    return `${server.base}/viewer/?${query}`;
  }

  /** Loads twice: an address in the page's own, and an address given to an initialised page, which stays open. */
  async load() {
    const { renderer, server, tileset } = this;
    const first = await openPage({ api: renderer.api, scripts: this.scripts, url: this.address(server.open(tileset.id, tileset.file).url) });
    let fromNavigation;
    try {
      await until(first, 'window.opened');
      fromNavigation = await first.page.evaluate('window.opened');
    } finally {
      await first.close();
    }
    if (fromNavigation.error) throw new Error(`from navigation: ${fromNavigation.error}${first.problems.length ? `; ${first.problems[0]}` : ''}`);

    this.opened = await openPage({ api: renderer.api, scripts: this.scripts, url: this.address() });
    const { page, browser } = this.opened;
    await until(this.opened, this.isBelvedere ? 'globalThis.belvedere_status?.().ready' : 'window.peer');
    if (this.isBelvedere) {
      const { api } = await page.evaluate('window.peer.ready()');
      if (api !== renderer.api) throw new Error(`the page draws on ${api}`);
    }
    this.meters = await meters(browser, page);
    const address = server.open(tileset.id, tileset.file);
    const times = await page.evaluate(([url, pose, options]) => window.peer.open(url, pose, options), [address.url, this.poses[0], pageOptions(tileset)]);
    const counted = address.counted();
    if (this.isBelvedere) await page.evaluate('window.peer.pause()');
    const info = await page.evaluate('window.peer.info()');
    if (String(info.size) !== `${VIEW.width},${VIEW.height}`) throw new Error(`the page draws ${info.size} pixels`);
    return {
      first_ms: times.first_ms - times.start_ms, all_ms: times.all_ms - times.start_ms,
      nav_first_ms: fromNavigation.first_ms, nav_all_ms: fromNavigation.all_ms,
      ...counted, tiles: info.tiles, triangles: info.triangles, failed: info.failed, adapter: info.adapter, camera: info.camera,
    };
  }

  /** Loads the tiles of the whole orbit. */
  async visit() {
    await this.opened.page.evaluate((poses) => window.peer.visit(poses), this.poses.filter((_, i) => i % VISIT_EVERY === 0));
    return true;
  }

  /** A few frames: times and the drawing process's CPU time of each with the read-back, and the main thread's without. */
  async chunk(from, length) {
    const poses = this.poses.slice(from, from + length);
    const how = this.renderer.api === 'webgpu' ? '2d' : 'gl';
    const fly = (job) => this.opened.page.evaluate((given) => window.peer.run(given), job);
    const drawn = await this.meters.drawingMs();
    const { frame } = await fly({ poses, warm: 1, how });
    const draw_cpu_ms = ((await this.meters.drawingMs()) - drawn) / (length + 1);
    const before = await this.meters.mainThreadMs();
    await fly({ poses, warm: 0, how: 'none' });
    return { frame, draw_cpu_ms, cpu_ms: (await this.meters.mainThreadMs() - before) / length };
  }

  /** Memory after the orbit, and a picture of its first pose. */
  async finish(picture) {
    const { page } = this.opened;
    await page.evaluate((pose) => window.peer.run({ poses: [pose], warm: 2, how: 'none' }), this.poses[0]);
    await page.screenshot({ path: picture });
    const { wasm_bytes: wasm } = await page.evaluate('window.peer.info()');
    return { ...(await this.meters.memory()), wasm_bytes: wasm ?? null };
  }

  problems() {
    // Browsers ask for icons that nobody has.
    return (this.opened?.problems ?? []).filter((text) => !/404/.test(text)).slice(0, 3);
  }

  async close() {
    await this.opened?.close();
  }
}
