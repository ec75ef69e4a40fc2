// Camera poses that every renderer gets: as ECEF vectors (WGS 84, metres, f64) for the peers, and as
// longitude, latitude, height, heading and pitch for Belvedere. The two say the same.

const A = 6378137.0;
const E2 = 6.694379990141316e-3;
const DEGREE = Math.PI / 180;

/** What all renderers draw with: size in pixels, vertical field of view in degrees, error target in pixels. */
export const VIEW = { width: 1280, height: 720, fovYDeg: 45, errorTargetPx: 16 };
/** Frames of an orbit. */
export const FRAMES = 90;

export const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
export const subtract = (a, b) => a.map((v, k) => v - b[k]);
export const normalize = (v) => { const l = Math.hypot(...v); return v.map((c) => c / l); };

/** East, north and up (unit, ECEF) at a latitude and longitude in radians. */
export function enuAxes(lon, lat) {
  const up = [Math.cos(lat) * Math.cos(lon), Math.cos(lat) * Math.sin(lon), Math.sin(lat)];
  const east = [-Math.sin(lon), Math.cos(lon), 0];
  return { east, north: cross(up, east), up };
}

/** ECEF of a place: radians, and metres above the ellipsoid. */
export function ecefFromGeodetic(lon, lat, height) {
  const n = A / Math.sqrt(1 - E2 * Math.sin(lat) ** 2);
  const { up } = enuAxes(lon, lat);
  return [(n + height) * up[0], (n + height) * up[1], (n * (1 - E2) + height) * up[2]];
}

/** [lon, lat, height] of an ECEF point: radians and metres. Not for points near the Earth's centre. */
export function geodeticFromEcef([x, y, z]) {
  const p = Math.hypot(x, y);
  let lat = Math.atan2(z, p * (1 - E2));
  let height = 0;
  // Each round gains some two digits or more.
  for (let i = 0; i < 12; i++) {
    const sin = Math.sin(lat);
    const n = A / Math.sqrt(1 - E2 * sin * sin);
    height = p * Math.cos(lat) + z * sin - A * Math.sqrt(1 - E2 * sin * sin);
    lat = Math.atan2(z, p * (1 - (E2 * n) / (n + height)));
  }
  return [Math.atan2(y, x), lat, height];
}

/** Vectors of a pose in degrees and metres: heading clockwise from north, pitch 0 at the horizon, negative down. */
export function poseFromAngles(lonDeg, latDeg, height, headingDeg, pitchDeg) {
  const [lon, lat, h, p] = [lonDeg, latDeg, headingDeg, pitchDeg].map((d) => d * DEGREE);
  const { east, north, up } = enuAxes(lon, lat);
  const mix = ([e, n, u]) => [0, 1, 2].map((k) => east[k] * e + north[k] * n + up[k] * u);
  return {
    eye: ecefFromGeodetic(lon, lat, height),
    direction: mix([Math.sin(h) * Math.cos(p), Math.cos(h) * Math.cos(p), Math.sin(p)]),
    up: mix([-Math.sin(h) * Math.sin(p), -Math.cos(h) * Math.sin(p), Math.cos(p)]),
  };
}

/** [lon, lat, height, heading, pitch] in degrees and metres of an eye that looks along a direction (ECEF), horizon level. */
export function anglesFromVectors(eye, direction) {
  const [lon, lat, height] = geodeticFromEcef(eye);
  const { east, north, up } = enuAxes(lon, lat);
  const [e, n, u] = [dot(direction, east), dot(direction, north), dot(direction, up)];
  const heading = ((Math.atan2(e, n) / DEGREE) + 360) % 360;
  return [lon / DEGREE, lat / DEGREE, height, heading, Math.atan2(u, Math.hypot(e, n)) / DEGREE];
}

/**
 * The poses of one turn around a point (ECEF), clockwise from the south: `out` and `up` are metres beside and above it.
 * Each has `eye`, `direction`, `up` (ECEF), and `angles` in degrees and metres with its `text`.
 * @throws when angles and vectors differ by more than 1e-6 (metres, or of a unit vector)
 */
export function orbit(center, { out, up: above }, frames = FRAMES) {
  const [lon, lat] = geodeticFromEcef(center);
  const { east, north, up } = enuAxes(lon, lat);
  return Array.from({ length: frames }, (_, i) => {
    const a = (i / frames) * 2 * Math.PI;
    const local = [out * Math.sin(a), -out * Math.cos(a), above];
    const eye = [0, 1, 2].map((k) => center[k] + east[k] * local[0] + north[k] * local[1] + up[k] * local[2]);
    const direction = normalize(subtract(center, eye));
    const angles = anglesFromVectors(eye, direction);
    const again = poseFromAngles(...angles);
    const off = Math.max(...subtract(eye, again.eye).map(Math.abs), ...subtract(direction, again.direction).map(Math.abs));
    if (!(off < 1e-6)) throw new Error(`pose ${i} of the orbit: vectors and angles differ by ${off}`);
    return { eye, direction, up: again.up, angles, text: angles.join(',') };
  });
}
