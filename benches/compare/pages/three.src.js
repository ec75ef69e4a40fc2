// 3DTilesRendererJS on three.js as a peer.
import { Color, DirectionalLight, HemisphereLight, Matrix4, MeshBasicMaterial, PerspectiveCamera, Scene, Vector3, WebGLRenderer } from 'three';
import { MeshoptDecoder } from 'three/examples/jsm/libs/meshopt_decoder.module.js';
import { TilesRenderer } from '3d-tiles-renderer/three';
import { ImplicitTilingPlugin } from '3d-tiles-renderer/core/plugins';
import { GLTFExtensionsPlugin } from '3d-tiles-renderer/three/plugins';

const isMask = new URLSearchParams(location.search).has('mask');
const canvas = document.getElementById('c');
const renderer = new WebGLRenderer({ canvas, antialias: false, preserveDrawingBuffer: isMask });
renderer.setPixelRatio(1);
renderer.setSize(canvas.width, canvas.height, false);
const scene = new Scene();
scene.background = new Color(isMask ? '#ffffff' : '#ccdbe8');
const camera = new PerspectiveCamera(45, canvas.width / canvas.height, 1, 40000);
const sun = new DirectionalLight(0xffffff, 2);
scene.add(sun, sun.target, new HemisphereLight(0xffffff, 0x999999, 1.5));
let tiles = null;

const [x, y, z] = [new Vector3(), new Vector3(), new Vector3()];
const basis = new Matrix4();
const draw = ({ eye, direction, up }) => {
  z.set(...direction).negate();
  y.set(...up);
  x.crossVectors(y, z);
  camera.position.set(...eye);
  camera.quaternion.setFromRotationMatrix(basis.makeBasis(x, y, z));
  camera.updateMatrixWorld();
  tiles?.update();
  renderer.render(scene, camera);
};

// Initialised: the first frame sets the context up.
for (let i = 0; i < 3; i++) renderer.render(scene, camera);

window.measure.offer({
  canvas,
  async start(url, { near, far, fovYDeg, errorTargetPx, sun: towards, center }) {
    camera.fov = fovYDeg;
    camera.near = near;
    camera.far = far;
    camera.updateProjectionMatrix();
    sun.position.set(...towards);
    sun.target.position.set(...center);
    tiles = new TilesRenderer(url);
    tiles.registerPlugin(new ImplicitTilingPlugin());
    tiles.registerPlugin(new GLTFExtensionsPlugin({ meshoptDecoder: MeshoptDecoder }));
    tiles.errorTarget = errorTargetPx;
    tiles.setCamera(camera);
    tiles.setResolutionFromRenderer(camera, renderer);
    if (isMask) {
      tiles.addEventListener('load-model', ({ scene: model }) => model.traverse((part) => {
        if (part.material) part.material = new MeshBasicMaterial({ color: 0x000000, side: part.material.side });
      }));
    }
    scene.add(tiles.group);
  },
  draw,
  hasTiles: () => Boolean(tiles) && tiles.stats.visible > 0,
  isIdle: () => !tiles.isLoading && tiles.stats.queued + tiles.stats.downloading + tiles.stats.parsing === 0,
  info: () => ({ tiles: tiles.stats.visible, triangles: renderer.info.render.triangles, failed: tiles.stats.failed, size: [canvas.width, canvas.height] }),
});
