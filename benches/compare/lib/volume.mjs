// The sphere around a tileset's root, ECEF.
import { ecefFromGeodetic, subtract } from './orbit.mjs';

/** Column-major 4x4 times a point. */
export function transformPoint(m, [x, y, z]) {
  return [0, 1, 2].map((k) => m[k] * x + m[4 + k] * y + m[8 + k] * z + m[12 + k]);
}
const transformVector = (m, v) => subtract(transformPoint(m, v), [m[12], m[13], m[14]]);
export const IDENTITY = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

/** `{ center, radius }` (ECEF, metres) of a root tile's `boundingVolume` under its `transform`. */
export function rootSphere(root) {
  const { region, box, sphere } = root.boundingVolume;
  const m = root.transform ?? IDENTITY;
  // Regions are in geodetic coordinates; no transform applies to them.
  if (region) {
    const [west, south, east, north, low, high] = region;
    const center = ecefFromGeodetic((west + east) / 2, (south + north) / 2, (low + high) / 2);
    const corners = [west, east].flatMap((lon) => [south, north].flatMap((lat) => [low, high].map((h) => ecefFromGeodetic(lon, lat, h))));
    return { center, radius: Math.max(...corners.map((c) => Math.hypot(...subtract(c, center)))) };
  }
  if (box) {
    const axes = [3, 6, 9].map((k) => transformVector(m, box.slice(k, k + 3)));
    const corners = [1, -1].flatMap((s) => [1, -1].map((t) => [0, 1, 2].map((k) => axes[0][k] + s * axes[1][k] + t * axes[2][k])));
    return { center: transformPoint(m, box.slice(0, 3)), radius: Math.max(...corners.map((c) => Math.hypot(...c))) };
  }
  if (sphere) {
    const scale = Math.max(...[0, 4, 8].map((k) => Math.hypot(m[k], m[k + 1], m[k + 2])));
    return { center: transformPoint(m, sphere.slice(0, 3)), radius: sphere[3] * scale };
  }
  throw new Error('the root tile has no region, box or sphere');
}
