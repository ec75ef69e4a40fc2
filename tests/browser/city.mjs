// A small made-up city as 3D Tiles 1.1: one coarse root and sixteen blocks that replace it, with a
// feature id on every building. Known to the last triangle, so tests can count.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const PLACE = { lon: 5.66, lat: 51.97 };
/** Tiles of the finest cut: blocks on a grid of so many by so many. */
const SIDE = 4;
const BLOCK_M = 220;
const BUILDINGS_PER_SIDE = 12;

export const COUNTS = {
  contents: SIDE * SIDE + 1,
  shown: SIDE * SIDE,
  /** Twelve triangles a building. */
  triangles: SIDE * SIDE * BUILDINGS_PER_SIDE ** 2 * 12,
};

/** Above the southern edge, looking north over all of it. */
export const CAMERA = `${PLACE.lon},${PLACE.lat - 0.011},700,0,-32`;

/** Writes `scene.toml`, `city/tileset.json` and its contents; returns the scene's path. */
export function writeCity(directory, { readings = false } = {}) {
  const city = join(directory, "city");
  mkdirSync(city, { recursive: true });
  const half = (SIDE * BLOCK_M) / 2;
  const children = [];
  const coarse = [];
  for (let row = 0; row < SIDE; row += 1) {
    for (let column = 0; column < SIDE; column += 1) {
      const west = column * BLOCK_M - half;
      const south = row * BLOCK_M - half;
      const name = `block-${column}-${row}.glb`;
      writeFileSync(join(city, name), glb(block(west, south, row * SIDE + column), 1000 * (row * SIDE + column)));
      coarse.push({ west: west + 5, south: south + 5, east: west + BLOCK_M - 5, north: south + BLOCK_M - 5, top: 30 });
      children.push({
        boundingVolume: { box: box(west, south, BLOCK_M, 80) },
        geometricError: 0,
        content: { uri: name },
      });
    }
  }
  writeFileSync(join(city, "coarse.glb"), glb(coarse));
  const tileset = {
    asset: { version: "1.1" },
    geometricError: 400,
    root: {
      transform: eastNorthUp(PLACE.lon, PLACE.lat),
      boundingVolume: { box: box(-half, -half, SIDE * BLOCK_M, 80) },
      geometricError: 120,
      refine: "REPLACE",
      content: { uri: "coarse.glb" },
      children,
    },
  };
  writeFileSync(join(city, "tileset.json"), JSON.stringify(tileset));
  const [lon, lat, height, heading, pitch] = CAMERA.split(",");
  const scene = join(directory, "scene.toml");
  writeFileSync(
    scene,
    `schema = 1
name = "Blocks"
synthetic = true
time_zone = "Europe/Amsterdam"
origin = { lon = ${PLACE.lon}, lat = ${PLACE.lat} }

[[tileset]]
name = "Blocks"
url = "city/tileset.json"

[camera.home]
lon = ${lon}
lat = ${lat}
height = ${height}
heading = ${heading}
pitch = ${pitch}

[feeds]
simulated = ${readings}
${["traffic", "noise"].map(layer).join("")}`,
  );
  return scene;
}

function layer(id) {
  return `
[[layer]]
id = "${id}"
area = "mobility"
name = "${id}"
unit = "u"
unit_name = "unit"
range = [0.0, 100.0]
color_map = "cividis"
interpolation = "step"
cadence_s = 60.0
`;
}

/** The buildings of one block. Heights differ, and do not depend on chance. */
function block(west, south, seed) {
  const step = BLOCK_M / BUILDINGS_PER_SIDE;
  const buildings = [];
  for (let j = 0; j < BUILDINGS_PER_SIDE; j += 1) {
    for (let i = 0; i < BUILDINGS_PER_SIDE; i += 1) {
      const top = 8 + ((seed * 31 + i * 7 + j * 13) % 17) * 3;
      const x = west + i * step;
      const y = south + j * step;
      buildings.push({ west: x + 2, south: y + 2, east: x + step - 4, north: y + step - 4, top });
    }
  }
  return buildings;
}

function box(west, south, size, height) {
  const half = size / 2;
  return [west + half, south + half, height / 2, half, 0, 0, 0, half, 0, 0, 0, height / 2];
}

/** Column-major matrix from the local east-north-up frame on the ellipsoid to Earth-centred metres. */
function eastNorthUp(lonDeg, latDeg) {
  const [lon, lat] = [lonDeg, latDeg].map((degrees) => (degrees * Math.PI) / 180);
  const a = 6378137;
  const e2 = 6.69437999014e-3;
  const n = a / Math.sqrt(1 - e2 * Math.sin(lat) ** 2);
  const [sl, cl, sp, cp] = [Math.sin(lon), Math.cos(lon), Math.sin(lat), Math.cos(lat)];
  return [
    [-sl, cl, 0, 0],
    [-sp * cl, -sp * sl, cp, 0],
    [cp * cl, cp * sl, sp, 0],
    [n * cp * cl, n * cp * sl, n * (1 - e2) * sp, 1],
  ].flat();
}

const FACES = [
  { normal: [0, 0, 1], corners: [0b100, 0b101, 0b111, 0b110] },
  { normal: [0, 0, -1], corners: [0b000, 0b010, 0b011, 0b001] },
  { normal: [0, -1, 0], corners: [0b000, 0b001, 0b101, 0b100] },
  { normal: [0, 1, 0], corners: [0b010, 0b110, 0b111, 0b011] },
  { normal: [-1, 0, 0], corners: [0b000, 0b100, 0b110, 0b010] },
  { normal: [1, 0, 0], corners: [0b001, 0b011, 0b111, 0b101] },
];

/** A model of one box upon its origin, so wide and so high (metres), of one colour (linear, 0 to 1), as binary glTF. */
export function model(width, height, colour) {
  const half = width / 2;
  return glb([{ west: -half, south: -half, east: half, north: half, top: height }], 0, [...colour, 1]);
}

/** Boxes (metres east, north, up) as binary glTF, which has y up; each is a feature, whose `id` counts from `firstId`. */
function glb(boxes, firstId = 100_000, colour = [0.8, 0.78, 0.74, 1]) {
  const positions = [];
  const normals = [];
  const features = [];
  const indices = [];
  const toGltf = ([east, north, up]) => [east, up, -north];
  boxes.forEach((b, feature) => {
    for (const { normal, corners } of FACES) {
      const first = positions.length / 3;
      for (const corner of corners) {
        const at = [corner & 1 ? b.east : b.west, corner & 2 ? b.north : b.south, corner & 4 ? b.top : 0];
        positions.push(...toGltf(at));
        normals.push(...toGltf(normal));
        features.push(feature);
      }
      indices.push(...[0, 1, 2, 0, 2, 3].map((index) => first + index));
    }
  });
  const count = positions.length / 3;
  const bound = (pick) => [0, 1, 2].map((axis) => pick(...every(positions, axis)));
  const parts = [
    Buffer.from(new Float32Array(positions).buffer),
    Buffer.from(new Float32Array(normals).buffer),
    Buffer.from(new Float32Array(features).buffer),
    Buffer.from(new Uint32Array(indices).buffer),
    Buffer.from(new Uint32Array(boxes.map((_, index) => firstId + index)).buffer),
  ];
  let offset = 0;
  const bufferViews = parts.map((part) => {
    const view = { buffer: 0, byteOffset: offset, byteLength: part.length };
    offset += part.length;
    return view;
  });
  const gltf = {
    asset: { version: "2.0" },
    extensionsUsed: ["EXT_mesh_features", "EXT_structural_metadata"],
    scene: 0,
    scenes: [{ nodes: [0] }],
    nodes: [{ mesh: 0 }],
    materials: [{ pbrMetallicRoughness: { baseColorFactor: colour, metallicFactor: 0 } }],
    meshes: [
      {
        primitives: [
          {
            attributes: { POSITION: 0, NORMAL: 1, _FEATURE_ID_0: 2 },
            indices: 3,
            material: 0,
            extensions: { EXT_mesh_features: { featureIds: [{ featureCount: boxes.length, attribute: 0, propertyTable: 0 }] } },
          },
        ],
      },
    ],
    accessors: [
      { bufferView: 0, componentType: 5126, count, type: "VEC3", min: bound(least), max: bound(most) },
      { bufferView: 1, componentType: 5126, count, type: "VEC3" },
      { bufferView: 2, componentType: 5126, count, type: "SCALAR" },
      { bufferView: 3, componentType: 5125, count: indices.length, type: "SCALAR" },
    ],
    extensions: {
      EXT_structural_metadata: {
        schema: { id: "city", classes: { building: { properties: { id: { type: "SCALAR", componentType: "UINT32" } } } } },
        propertyTables: [{ class: "building", count: boxes.length, properties: { id: { values: 4 } } }],
      },
    },
    bufferViews,
    buffers: [{ byteLength: offset }],
  };
  let json = Buffer.from(JSON.stringify(gltf));
  json = Buffer.concat([json, Buffer.alloc((4 - (json.length % 4)) % 4, " ")]);
  const words = (...numbers) => Buffer.from(new Uint32Array(numbers).buffer);
  return Buffer.concat([
    words(0x46546c67, 2, 12 + 8 + json.length + 8 + offset),
    words(json.length, 0x4e4f534a),
    json,
    words(offset, 0x004e4942),
    ...parts,
  ]);
}

function every(values, axis) {
  return values.filter((_, index) => index % 3 === axis);
}

const least = (...values) => values.reduce((a, b) => Math.min(a, b), Infinity);
const most = (...values) => values.reduce((a, b) => Math.max(a, b), -Infinity);
