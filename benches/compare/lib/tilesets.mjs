// The tilesets of the comparison, and where the camera flies around each.
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { enuAxes, ecefFromGeodetic, geodeticFromEcef, orbit } from './orbit.mjs';
import { rootSphere } from './volume.mjs';

const DEGREE = Math.PI / 180;
/** Where tilesets are put that are nowhere on the Earth; a pose in degrees means nothing to them as they are. */
const PLACE = { lonDeg: 5.66, latDeg: 51.97 };

/**
 * `reach` is how far from the middle the camera flies, beside and above, in radii of the root's bounding sphere.
 * `scale` puts the tileset at PLACE, so many times as large: the root gets a transform.
 */
const LIST = [
  { id: 'wageningen', file: 'bertt__wageningen/7-624-528/tileset.json', reach: [0.5, 0.3] },
  // A unit square: at 20 m its nearest tiles are clear of everybody's near plane.
  { id: 'sparse-quadtree', file: 'CesiumGS__3d-tiles-samples/1.1/SparseImplicitQuadtree/tileset.json', scale: 20 },
  { id: 'request-volume', file: 'CesiumGS__3d-tiles-samples/1.0/TilesetWithRequestVolume/tileset.json' },
  { id: 'cesium-tileset', file: 'visgl__loaders.gl/modules/3d-tiles/test/data/CesiumJS/Tilesets/Tileset/tileset.json' },
];

/** East-north-up at PLACE as a column-major transform, `scale` times as large. */
function placed(scale) {
  const [lon, lat] = [PLACE.lonDeg * DEGREE, PLACE.latDeg * DEGREE];
  const { east, north, up } = enuAxes(lon, lat);
  const column = (v, w) => [...v.map((c) => c * (w ? 1 : scale)), w];
  return [...column(east, 0), ...column(north, 0), ...column(up, 0), ...column(ecefFromGeodetic(lon, lat, 0), 1)];
}

/** Solar noon of a midsummer day at a longitude in radians, so that Belvedere draws by day wherever it is. */
function noon(lon) {
  return new Date(Date.UTC(2026, 5, 21, 12) - (lon / Math.PI) * 12 * 3_600_000).toISOString();
}

/** Reads one: its JSON as served, the camera's poses, an hour of daylight, and near and far planes for renderers that want them. */
export function prepare({ id, path, reach = [1, 0.6], scale }) {
  const json = JSON.parse(readFileSync(path, 'utf8'));
  if (scale) {
    if (json.root.transform) throw new Error(`${path}: its root has a transform, so it need not be placed`);
    json.root.transform = placed(scale);
  }
  const { center, radius } = rootSphere(json.root);
  if (Math.hypot(...center) < 6e6) throw new Error(`${path}: the tileset is not on the Earth; give it a scale`);
  const poses = orbit(center, { out: reach[0] * radius, up: reach[1] * radius });
  return { id, folder: dirname(path), file: basename(path), json, isPlaced: Boolean(scale), center, radius, poses, time: noon(geodeticFromEcef(center)[0]), near: Math.max(0.05, radius * 1e-3), far: radius * 20 };
}

/** What is there of the list, and messages about what is not. `only` names ids. */
export function findTilesets({ samples, city, only }) {
  const all = LIST.map((entry) => ({ ...entry, path: join(samples, entry.file) }));
  all.push({ id: 'demo-city', path: city && join(city, 'tileset.json'), reach: [0.5, 0.3] });
  const unknown = (only ?? []).filter((id) => !all.some((entry) => entry.id === id));
  if (unknown.length) throw new Error(`no tileset is called ${unknown.join(', ')}; there are ${all.map((e) => e.id).join(', ')}`);
  const wanted = all.filter((entry) => !only || only.includes(entry.id));
  const skipped = wanted.filter((entry) => !entry.path || !existsSync(entry.path)).map((entry) => (
    entry.id === 'demo-city'
      ? 'demo-city: name its folder with --city (`belvedere import demo --out DIR` makes it)'
      : `${entry.id}: ${entry.path} does not exist; BELVEDERE_SAMPLES names the samples`));
  return { tilesets: wanted.filter((entry) => entry.path && existsSync(entry.path)).map(prepare), skipped };
}
