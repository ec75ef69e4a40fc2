// The view that every renderer in the comparison draws; the same numbers as in
// ../src/orbit.rs.
export const ORBIT = {
  lon: (0.09765966604464496 + 0.0988168554342104) / 2,
  lat: (0.9064522008528527 + 0.9071703941092876) / 2,
  height: 50,
  out: 1500,
  up: 900,
  fovY: Math.PI / 3,
  width: 1280,
  height_px: 720,
  frames: 90,
};

const A = 6378137.0;
const E2 = 6.694379990141316e-3;

/** East, north and up axes (ECEF) and the position of a geodetic point (radians, metres). */
export function enuFrame(lon, lat, height) {
  const n = A / Math.sqrt(1 - E2 * Math.sin(lat) ** 2);
  const up = [Math.cos(lat) * Math.cos(lon), Math.cos(lat) * Math.sin(lon), Math.sin(lat)];
  const east = [-Math.sin(lon), Math.cos(lon), 0];
  const north = [
    up[1] * east[2] - up[2] * east[1],
    up[2] * east[0] - up[0] * east[2],
    up[0] * east[1] - up[1] * east[0],
  ];
  const origin = [(n + height) * up[0], (n + height) * up[1], (n * (1 - E2) + height) * up[2]];
  return { origin, east, north, up };
}

const mix = (f, v, base = [0, 0, 0]) =>
  [0, 1, 2].map((k) => base[k] + f.east[k] * v[0] + f.north[k] * v[1] + f.up[k] * v[2]);
const normalize = (v) => v.map((c) => c / Math.hypot(...v));

/** Eye, direction and up of frame `i` in ECEF. */
export function orbitPose(i) {
  const f = enuFrame(ORBIT.lon, ORBIT.lat, ORBIT.height);
  const a = (i / ORBIT.frames) * 2 * Math.PI;
  const eye = [ORBIT.out * Math.sin(a), -ORBIT.out * Math.cos(a), ORBIT.up];
  const forward = normalize(eye.map((c) => -c));
  const horizontal = Math.hypot(forward[0], forward[1]);
  const up = [-forward[0] * forward[2] / horizontal, -forward[1] * forward[2] / horizontal, horizontal];
  return { eye: mix(f, eye, f.origin), target: f.origin, direction: mix(f, forward), up: mix(f, up) };
}
