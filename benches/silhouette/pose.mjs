// A camera as longitude, latitude, height, heading and pitch, in Earth-centred coordinates (WGS 84).
const A = 6378137.0;
const E2 = 6.694379990141316e-3;

/** Pose from degrees and metres: heading clockwise from north, pitch 0 at the horizon, negative down. */
export function poseFromAngles(lonDeg, latDeg, height, headingDeg, pitchDeg) {
  const [lon, lat, h, p] = [lonDeg, latDeg, headingDeg, pitchDeg].map((d) => (d * Math.PI) / 180);
  const n = A / Math.sqrt(1 - E2 * Math.sin(lat) ** 2);
  const up = [Math.cos(lat) * Math.cos(lon), Math.cos(lat) * Math.sin(lon), Math.sin(lat)];
  const east = [-Math.sin(lon), Math.cos(lon), 0];
  const north = [up[1] * east[2] - up[2] * east[1], up[2] * east[0] - up[0] * east[2], up[0] * east[1] - up[1] * east[0]];
  const mix = ([e, no, u]) => [0, 1, 2].map((k) => east[k] * e + north[k] * no + up[k] * u);
  return {
    eye: [(n + height) * up[0], (n + height) * up[1], (n * (1 - E2) + height) * up[2]],
    direction: mix([Math.sin(h) * Math.cos(p), Math.cos(h) * Math.cos(p), Math.sin(p)]),
    up: mix([-Math.sin(h) * Math.sin(p), -Math.cos(h) * Math.sin(p), Math.cos(p)]),
  };
}
