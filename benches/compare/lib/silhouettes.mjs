// Silhouettes of a tileset from a few poses: who covers the pixels that CesiumJS covers.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openPage } from './browser.mjs';
import { compareMasks, covered, writeDifference } from './masks.mjs';
import { belvedereMask } from './native.mjs';
import { VIEW } from './orbit.mjs';
import { pageOptions } from './run.mjs';

/** Frames of the orbit that are compared. */
const POSES = [0, 30, 60];

/** Masks of a peer, black on white, as PNG bytes, and triangles of each. */
export async function pageMasks({ server, page: name, url, poses, options, size = [VIEW.width, VIEW.height] }) {
  const opened = await openPage({ api: 'webgl2', url: `${server.base}/pages/${name}.html?mask` });
  try {
    await opened.page.setViewportSize({ width: size[0], height: size[1] });
    await opened.page.waitForFunction('window.peer');
    await opened.page.evaluate(([address, pose, given]) => window.peer.open(address, pose, given), [url, poses[0], options]);
    const masks = [];
    for (const pose of poses) {
      const data = await opened.page.evaluate((given) => window.peer.mask(given), pose);
      const { triangles } = await opened.page.evaluate('window.peer.info()');
      masks.push({ png: Buffer.from(data.split(',')[1], 'base64'), triangles });
    }
    return masks;
  } finally {
    await opened.close();
  }
}

/** The least IoU with CesiumJS over the poses, by renderer: Belvedere's native program and 3DTilesRendererJS where they take part. */
export async function compareTilesetMasks({ server, tileset, names, program, out }) {
  if (!names.includes('cesium')) return {};
  const folder = join(out, 'masks');
  mkdirSync(folder, { recursive: true });
  const poses = POSES.map((i) => tileset.poses[i]);
  const address = () => server.open(tileset.id, tileset.file).url;
  const fromPage = (page) => pageMasks({ server, page, url: address(), poses, options: pageOptions(tileset) });
  const theirs = (await fromPage('cesium')).map(({ png }) => covered(png, 255));
  const others = {};
  if (names.includes('three')) others.three = (await fromPage('three')).map(({ png }) => covered(png, 255));
  if (names.includes('belvedere-native')) {
    others['belvedere-native'] = [];
    for (const [i, pose] of poses.entries()) {
      const png = await belvedereMask({ program, url: address(), pose, file: join(folder, `${tileset.id}-belvedere-${POSES[i]}.png`) });
      others['belvedere-native'].push(covered(png, 0));
    }
  }
  const least = {};
  for (const [name, masks] of Object.entries(others)) {
    const ious = masks.map((mask, i) => {
      writeDifference(theirs[i], mask, [VIEW.width, VIEW.height], join(folder, `${tileset.id}-${name}-difference-${POSES[i]}.png`));
      return compareMasks(theirs[i], mask).iou;
    });
    console.log(`  silhouettes, ${name} with CesiumJS: ${ious.map((iou) => iou.toFixed(4)).join(', ')}`);
    least[name] = Math.min(...ious);
  }
  return least;
}
