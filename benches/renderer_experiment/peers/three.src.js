import { WebGLRenderer, Scene, PerspectiveCamera, DirectionalLight, HemisphereLight, Color } from 'three';
import { TilesRenderer } from '3d-tiles-renderer/three';
import { ImplicitTilingPlugin } from '3d-tiles-renderer/core/plugins';
import { ORBIT, orbitPose } from './orbit.js';
import { offer } from './measure.js';

const started = performance.now();
const canvas = document.getElementById('c');
const renderer = new WebGLRenderer({ canvas, antialias: new URLSearchParams(location.search).get('msaa') > 1 });
renderer.setPixelRatio(1);
renderer.setSize(1280, 720, false);
const scene = new Scene();
scene.background = new Color('#ccdbe8');
const camera = new PerspectiveCamera((ORBIT.fovY * 180) / Math.PI, 1280 / 720, 1, 40000);
const pose0 = orbitPose(0);
const sun = new DirectionalLight(0xffffff, 2);
sun.position.set(...pose0.eye);
sun.target.position.set(...pose0.target);
scene.add(sun, sun.target, new HemisphereLight(0xffffff, 0x999999, 1.5));
const tiles = new TilesRenderer('/data/tileset.json');
tiles.registerPlugin(new ImplicitTilingPlugin());
tiles.errorTarget = 16;
tiles.setCamera(camera);
tiles.setResolutionFromRenderer(camera, renderer);
scene.add(tiles.group);

const draw = (i) => {
  const pose = orbitPose(i);
  camera.position.set(...pose.eye);
  camera.up.set(...pose.up);
  camera.lookAt(...pose.target);
  camera.updateMatrixWorld();
  tiles.update();
  renderer.render(scene, camera);
};
const pause = () => new Promise((r) => setTimeout(r, 0));
const busy = () => tiles.stats.downloading + tiles.stats.parsing + (tiles.stats.queued ?? 0) > 0;
let quiet = 0;
let all = 0;
while (quiet < 20) {
  draw(0);
  await pause();
  if (tiles.stats.visible > 0 && !busy()) { if (!quiet++) all = performance.now() - started; } else quiet = 0;
}
for (let i = 0; i < 90; i += 9) {
  for (let k = 0, idle = 0; k < 500 && idle < 5; k++) { draw(i); await pause(); idle = busy() ? 0 : idle + 1; }
}
draw(0);
offer(canvas, draw, {
  all_ms: all,
  info: () => ({ tiles: tiles.stats.visible, triangles: renderer.info.render.triangles, calls: renderer.info.render.calls, size: [canvas.width, canvas.height] }),
});
