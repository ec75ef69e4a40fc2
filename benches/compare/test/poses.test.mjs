// Poses, spheres, statistics and explicit copies, without a browser: `npm test`.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { expand } from '../lib/explicit.mjs';
import { compareMasks } from '../lib/masks.mjs';
import { FRAMES, dot, ecefFromGeodetic, geodeticFromEcef, orbit, poseFromAngles, subtract } from '../lib/orbit.mjs';
import { percentile, targets, verdict } from '../lib/statistics.mjs';
import { rootSphere } from '../lib/volume.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const samples = process.env.BELVEDERE_SAMPLES ?? join(root, '../shared/data');

test('places survive the way to ECEF and back', () => {
  for (const lon of [-3, 0.1, 3]) for (const lat of [-1.5, 0, 0.9]) for (const height of [-50, 0, 3000, 40000]) {
    const [a, b, c] = geodeticFromEcef(ecefFromGeodetic(lon, lat, height));
    assert.ok(Math.abs(a - lon) < 1e-14 && Math.abs(b - lat) < 1e-14 && Math.abs(c - height) < 1e-7, `${lon} ${lat} ${height}`);
  }
});

test('an orbit says the same in vectors and in angles, and looks at its middle', () => {
  for (const [lon, lat, reach] of [[0.0983, 0.9068, 1600], [-1.3197, 0.6988, 200], [1.99, 0.39, 6000], [0.0983, 0.9068, 8]]) {
    const center = ecefFromGeodetic(lon, lat, 50);
    const poses = orbit(center, { out: reach, up: reach * 0.6 });
    assert.equal(poses.length, FRAMES);
    for (const { eye, direction, up, angles, text } of poses) {
      const again = poseFromAngles(...text.split(',').map(Number));
      for (const [a, b] of [[eye, again.eye], [direction, again.direction], [up, again.up]]) assert.ok(Math.hypot(...subtract(a, b)) < 1e-6);
      assert.ok(Math.abs(dot(up, direction)) < 1e-12);
      const away = subtract(center, eye);
      assert.ok(Math.abs(Math.hypot(...away) - reach * Math.hypot(1, 0.6)) < 1e-5);
      assert.ok(dot(direction, away) / Math.hypot(...away) > 1 - 1e-12);
      assert.ok(angles[3] >= 0 && angles[3] < 360 && angles[4] < 0);
    }
    // Clockwise from the south: first it looks north, then west from the east.
    assert.ok(Math.min(poses[0].angles[3], 360 - poses[0].angles[3]) < 1e-6);
    assert.ok(Math.abs(poses[Math.floor(FRAMES / 4)].angles[3] - 270) < 5);
  }
});

test('the sphere holds the volume', () => {
  const box = [10, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 12];
  assert.equal(rootSphere({ boundingVolume: { box } }).radius, 13);
  const doubled = [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1];
  assert.deepEqual(rootSphere({ boundingVolume: { box }, transform: doubled }), { center: [20, 0, 0], radius: 26 });
  assert.deepEqual(rootSphere({ boundingVolume: { sphere: [1, 2, 3, 5] }, transform: doubled }), { center: [2, 4, 6], radius: 10 });
  const { radius } = rootSphere({ boundingVolume: { region: [0.09, 0.9, 0.091, 0.901, 0, 100] } });
  assert.ok(radius > 3500 && radius < 4000, `${radius}`);
});

test('percentiles are of the nearest rank', () => {
  assert.equal(percentile([3, 1, 2], 0.5), 2);
  assert.equal(percentile([1, 2, 3, 4], 0.5), 2);
  assert.equal(percentile([...Array(100).keys()], 0.95), 94);
  assert.equal(percentile([], 0.5), null);
});

test('targets tell misses and by how much', () => {
  const summaries = { cesium: { all_ms: 1000, frame_p50: 20, main_cpu_ms: 4 }, three: { all_ms: 800, frame_p50: 10, main_cpu_ms: 1 }, 'belvedere-webgl2': { all_ms: 960, frame_p50: 9, main_cpu_ms: 5 }, 'belvedere-native': { all_ms: 200 } };
  const rows = targets(summaries, { 'belvedere-native': 0.97 });
  const say = (what, of) => verdict(rows.find((t) => t.what.startsWith(what) && t.of === of));
  assert.equal(say('all tiles', 'belvedere-webgl2'), '**missed** by 50 %');
  assert.equal(say('frame median / 3D', 'belvedere-webgl2'), 'met');
  assert.equal(say('main-thread', 'belvedere-webgl2'), '**missed** by 25 %');
  assert.equal(say('all tiles / better', 'belvedere-native'), 'met');
  assert.equal(say('silhouette', 'belvedere-native'), '**missed** by 1.0 %');
  assert.equal(say('frame median / Cesium', 'belvedere-webgl2'), 'met');
  const half = targets({ ...summaries, cesium: { all_ms: null } }, {});
  assert.equal(verdict(half.find((t) => t.what.startsWith('all tiles'))), 'not measured');
  const unmeasured = targets({ three: { all_ms: null }, 'belvedere-webgl2': { all_ms: 3 } }, {});
  assert.ok(unmeasured.every((t) => verdict(t) === 'not measured'));
});

test('masks agree by intersection over union', () => {
  assert.deepEqual(compareMasks([1, 1, 0, 0], [0, 1, 1, 0]), { iou: 1 / 3, first: 2, second: 2 });
  assert.equal(compareMasks([0, 0], [0, 0]).iou, 0);
});

/** [folder, files of content] of tilesets with implicit tiling. */
const IMPLICIT = [['bertt__wageningen/7-624-528', 'content'], ['CesiumGS__3d-tiles-samples/1.1/SparseImplicitQuadtree', 'content'], ['CesiumGS__3d-tiles-samples/1.1/SparseImplicitOctree', 'content']];
for (const [folder, contents] of IMPLICIT) {
  const path = join(samples, folder);
  test(`an explicit copy has every content: ${folder}`, { skip: existsSync(path) ? false : 'the samples are not there' }, () => {
    const original = JSON.parse(readFileSync(join(path, 'tileset.json'), 'utf8'));
    const { tileset, contents: count } = expand(original, (name) => readFileSync(join(path, name)));
    const uris = [];
    const walk = (tile, above) => {
      assert.ok(!tile.implicitTiling);
      assert.ok(tile.geometricError <= above);
      if (tile.content) uris.push(tile.content.uri);
      for (const child of tile.children ?? []) walk(child, tile.geometricError);
    };
    walk(tileset.root, Infinity);
    assert.deepEqual(uris.sort(), readdirSync(join(path, contents)).map((name) => `${contents}/${name}`).sort());
    assert.equal(count, uris.length);
    assert.deepEqual(tileset.root.boundingVolume, original.root.boundingVolume);
  });
}

test('an explicit copy takes the boxes that tiles bring along', () => {
  const box = (k) => [k, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1];
  const floats = Buffer.alloc(4 * 24);
  [...box(5), ...box(6)].forEach((value, i) => floats.writeFloatLE(value, 4 * i));
  // The root and its third child, which alone has a content.
  const bits = Buffer.from([0b01001, 0, 0, 0, 0b01000, 0, 0, 0]);
  const subtree = {
    buffers: [{ uri: 'a.bin' }],
    bufferViews: [{ buffer: 0, byteOffset: 0, byteLength: 1 }, { buffer: 0, byteOffset: 4, byteLength: 1 }, { buffer: 0, byteOffset: 8, byteLength: 96 }],
    tileAvailability: { bitstream: 0 }, contentAvailability: [{ bitstream: 1 }], childSubtreeAvailability: { constant: 0 },
    propertyTables: [{ class: 'tile', count: 2, properties: { bounds: { values: 2 } } }], tileMetadata: 0,
  };
  const files = { 's/0.json': Buffer.from(JSON.stringify(subtree)), 's/a.bin': Buffer.concat([bits, floats]) };
  const root = {
    boundingVolume: { box: [0, 0, 0, 8, 0, 0, 0, 8, 0, 0, 0, 8] }, geometricError: 8, refine: 'REPLACE', transform: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 7, 1],
    content: { uri: '{level}-{x}-{y}.glb' }, implicitTiling: { subdivisionScheme: 'QUADTREE', subtreeLevels: 2, availableLevels: 2, subtrees: { uri: 's/{level}.json' } },
  };
  const schema = { classes: { tile: { properties: { bounds: { semantic: 'TILE_BOUNDING_BOX', componentType: 'FLOAT32' } } } } };
  const made = expand({ asset: { version: '1.1' }, schema, geometricError: 9, root }, (name) => files[name]);
  assert.equal(made.contents, 1);
  assert.deepEqual(made.tileset.root, {
    boundingVolume: root.boundingVolume, geometricError: 8, refine: 'REPLACE', transform: root.transform,
    children: [{ boundingVolume: { box: box(6) }, geometricError: 4, content: { uri: '1-0-1.glb' } }],
  });
  // Without boxes of their own they are parts of the root's.
  delete subtree.tileMetadata;
  files['s/0.json'] = Buffer.from(JSON.stringify(subtree));
  const [child] = expand({ schema, root }, (name) => files[name]).tileset.root.children;
  assert.deepEqual(child.boundingVolume.box, [-4, 4, 0, 4, 0, 0, 0, 4, 0, 0, 0, 8]);
});
