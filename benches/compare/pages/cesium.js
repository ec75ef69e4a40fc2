// CesiumJS as a peer: tiles alone, no globe, sky, shadows or antialiasing.
const C = window.Cesium;
const isMask = new URLSearchParams(location.search).has('mask');
const widget = new C.CesiumWidget('c', {
  baseLayer: false, globe: false, skyBox: false, skyAtmosphere: false, scene3DOnly: true, shadows: false,
  useDefaultRenderLoop: false, msaaSamples: 1, creditContainer: document.createElement('div'),
  contextOptions: { webgl: { preserveDrawingBuffer: isMask } },
});
const { scene, camera } = widget;
scene.sun = undefined;
scene.moon = undefined;
scene.fog.enabled = false;
scene.postProcessStages.fxaa.enabled = false;
scene.backgroundColor = isMask ? C.Color.WHITE : C.Color.fromCssColorString('#ccdbe8');
const vector = (a) => new C.Cartesian3(...a);
let tileset = null;
let failed = 0;

const draw = ({ eye, direction, up }) => {
  camera.setView({ destination: vector(eye), orientation: { direction: vector(direction), up: vector(up) } });
  widget.resize();
  widget.render();
};

// Initialised: the first frames compile what every scene needs.
for (let i = 0; i < 3; i++) widget.render();

window.measure.offer({
  canvas: scene.canvas,
  async start(url, { near, fovYDeg, errorTargetPx }) {
    const fovY = (fovYDeg * Math.PI) / 180;
    const aspect = innerWidth / innerHeight;
    // CesiumJS takes the larger of the two angles.
    camera.frustum.fov = aspect > 1 ? 2 * Math.atan(Math.tan(fovY / 2) * aspect) : fovY;
    camera.frustum.near = near;
    const options = {
      maximumScreenSpaceError: errorTargetPx,
      // Both would load less, or later, than the error target asks for.
      dynamicScreenSpaceError: false, foveatedScreenSpaceError: false,
    };
    if (isMask) {
      options.customShader = new C.CustomShader({
        lightingModel: C.LightingModel.UNLIT,
        fragmentShaderText: 'void fragmentMain(FragmentInput fsInput, inout czm_modelMaterial material) { material.diffuse = vec3(0.0); material.alpha = 1.0; }',
      });
    }
    tileset = await C.Cesium3DTileset.fromUrl(url, options);
    tileset.tileFailed.addEventListener(() => { failed += 1; });
    scene.primitives.add(tileset);
  },
  draw,
  hasTiles: () => Boolean(tileset) && tileset.statistics.selected > 0 && tileset.statistics.numberOfTilesWithContentReady > 0,
  isIdle: () => Boolean(tileset) && tileset.tilesLoaded,
  info: () => ({ tiles: tileset.statistics.selected, triangles: tileset.statistics.numberOfTrianglesSelected, failed, size: [scene.canvas.width, scene.canvas.height] }),
});
