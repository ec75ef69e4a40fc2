// An explicit copy of a tileset with implicit tiling (3D Tiles 1.1, 7.2): every tile written out, contents where they are.

/** No tileset of the comparison has more; beyond it the input is broken. */
const MAX_TILES = 1_000_000;

/** Splits a `.subtree` file, or reads one written as JSON. */
function parseSubtree(bytes, name) {
  if (bytes.toString('latin1', 0, 4) !== 'subt') return { json: JSON.parse(bytes.toString('utf8')), binary: Buffer.alloc(0) };
  const length = Number(bytes.readBigUInt64LE(8));
  const binaryLength = Number(bytes.readBigUInt64LE(16));
  if (24 + length + binaryLength > bytes.length) throw new Error(`${name}: the header names more bytes than there are`);
  return { json: JSON.parse(bytes.toString('utf8', 24, 24 + length)), binary: bytes.subarray(24 + length, 24 + length + binaryLength) };
}

/** The bytes of buffer views of a subtree. */
function views({ json, binary }, name, readFile, folder) {
  const buffers = (json.buffers ?? []).map((buffer) => (buffer.uri ? readFile(folder + buffer.uri) : binary));
  return (index) => {
    const view = json.bufferViews?.[index];
    if (!view) throw new Error(`${name}: there is no buffer view ${index}`);
    const start = view.byteOffset ?? 0;
    return buffers[view.buffer].subarray(start, start + view.byteLength);
  };
}

/** `(index) => boolean` of an availability object. */
function available(availability, view) {
  if (!availability) return () => false;
  if (availability.constant !== undefined) return () => availability.constant === 1;
  const bits = view(availability.bitstream ?? availability.bufferView);
  return (index) => ((bits[index >> 3] >> (index & 7)) & 1) === 1;
}

/** Boxes of their own that tiles carry as metadata (semantic TILE_BOUNDING_BOX), by index of the table. */
function ownBoxes(json, schema, view) {
  const table = json.propertyTables?.[json.tileMetadata];
  const properties = schema?.classes?.[table?.class]?.properties ?? {};
  const [id, property] = Object.entries(properties).find(([, p]) => p.semantic === 'TILE_BOUNDING_BOX') ?? [];
  if (!table?.properties?.[id]) return () => undefined;
  const bytes = view(table.properties[id].values);
  const isDouble = property.componentType === 'FLOAT64';
  const size = isDouble ? 8 : 4;
  return (row) => Array.from({ length: 12 }, (_, k) => {
    const at = (row * 12 + k) * size;
    return isDouble ? bytes.readDoubleLE(at) : bytes.readFloatLE(at);
  });
}

/** The part of the root's volume at a level and place (3D Tiles 1.1, 7.2.3.2). */
function partOf(volume, level, [x, y, z], isOctree) {
  const n = 2 ** level;
  if (volume.region) {
    const [west, south, east, north, low, high] = volume.region;
    const [w, d, h] = [(east - west) / n, (north - south) / n, isOctree ? (high - low) / n : high - low];
    return { region: [west + x * w, south + y * d, west + (x + 1) * w, south + (y + 1) * d, low + z * h, low + (z + 1) * h] };
  }
  if (!volume.box) throw new Error('implicit tiling needs a region or a box');
  const axes = [3, 6, 9].map((k) => volume.box.slice(k, k + 3));
  const counts = [n, n, isOctree ? n : 1];
  const center = volume.box.slice(0, 3).map((c, k) => axes.reduce((sum, axis, a) => sum + axis[k] * ((2 * [x, y, z][a] + 1) / counts[a] - 1), c));
  return { box: [...center, ...axes.flatMap((axis, a) => axis.map((v) => v / counts[a]))] };
}

/** x, y and z of a Morton index. */
function unmorton(index, levels, isOctree) {
  const dimensions = isOctree ? 3 : 2;
  const place = [0, 0, 0];
  for (let bit = 0; bit < levels; bit++) for (let d = 0; d < dimensions; d++) place[d] |= ((index >> (bit * dimensions + d)) & 1) << bit;
  return place;
}

/**
 * The same tileset without implicit tiling, and how many contents were written out.
 * `readFile(name)` gives a file beside the tileset, by its relative name, as a Buffer.
 */
export function expand(tileset, readFile) {
  let contents = 0;
  let tiles = 0;

  function expandRoot(root) {
    const { implicitTiling: tiling, content, contents: many, ...rest } = root;
    const isOctree = tiling.subdivisionScheme === 'OCTREE';
    const fan = isOctree ? 8 : 4;
    const fill = (template, level, [x, y, z]) => template.replace('{level}', level).replace('{x}', x).replace('{y}', y).replace('{z}', z);
    const offset = (depth) => (fan ** depth - 1) / (fan - 1);
    const templates = content ? [content] : many ?? [];

    function subtree(level, place) {
      const name = fill(tiling.subtrees.uri, level, place);
      const parsed = parseSubtree(readFile(name), name);
      const view = views(parsed, name, readFile, name.replace(/[^/]*$/, ''));
      const { json } = parsed;
      const hasTile = available(json.tileAvailability, view);
      const hasContent = (Array.isArray(json.contentAvailability) ? json.contentAvailability : [json.contentAvailability]).map((a) => available(a, view));
      const hasSubtree = available(json.childSubtreeAvailability, view);
      const boxOf = ownBoxes(json, tileset.schema, view);
      // Rows of the table are the available tiles, in their order.
      const rows = new Map();
      for (let i = 0; i < offset(tiling.subtreeLevels); i++) if (hasTile(i)) rows.set(i, rows.size);

      function tile(depth, index) {
        const at = place.map((p, d) => p * 2 ** depth + unmorton(index, depth, isOctree)[d]);
        if (depth === tiling.subtreeLevels) return hasSubtree(index) ? subtree(level + depth, at) : undefined;
        const bit = offset(depth) + index;
        if (!hasTile(bit)) return undefined;
        if (++tiles > MAX_TILES) throw new Error(`more than ${MAX_TILES} tiles`);
        const own = boxOf(rows.get(bit));
        const made = {
          boundingVolume: own ? { box: own } : partOf(root.boundingVolume, level + depth, at, isOctree),
          geometricError: root.geometricError / 2 ** (level + depth),
        };
        const here = templates.filter((_, k) => hasContent[k]?.(bit)).map((template) => ({ ...template, uri: fill(template.uri, level + depth, at) }));
        contents += here.length;
        if (here.length === 1) [made.content] = here;
        if (here.length > 1) made.contents = here;
        const children = Array.from({ length: fan }, (_, k) => tile(depth + 1, index * fan + k)).filter(Boolean);
        if (children.length) made.children = children;
        return made;
      }
      return tile(0, 0);
    }
    const made = subtree(0, [0, 0, 0]);
    if (!made) throw new Error('the root tile is not available');
    // What the root says for itself stays; its volume holds everything.
    return { ...made, ...rest, ...(made.children ? { children: made.children } : {}) };
  }

  function walk(tile) {
    if (tile.implicitTiling) return expandRoot(tile);
    if (tile.content?.uri) contents += 1;
    contents += tile.contents?.length ?? 0;
    return tile.children ? { ...tile, children: tile.children.map(walk) } : tile;
  }
  const root = walk(tileset.root);
  return { tileset: { ...tileset, root }, contents, tiles };
}

/** Whether anything in it is implicit. */
export const isImplicit = (tile) => Boolean(tile.implicitTiling) || (tile.children ?? []).some(isImplicit);
