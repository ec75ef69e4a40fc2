// What is dropped on the page: a folder with a tileset, a file, or a link.
//
// Dropped files have no address that names beside them could be resolved against, so they get one:
// `dropped:/<path>`. The viewer asks for those through `globalThis.belvedere_dropped(address)`,
// a promise of an ArrayBuffer.

const SCHEME = "dropped:/";

let files = new Map();

/** Calls `open(kind, address)` with "tileset", "scene" or "geojson" whenever something is dropped. */
export function acceptDrops(open) {
  globalThis.belvedere_dropped = (address) => {
    const file = files.get(decodeURIComponent(address.slice(SCHEME.length)).replace(/^\/+/, ""));
    return file ? file.arrayBuffer() : Promise.resolve(undefined);
  };
  window.addEventListener("dragover", (event) => {
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  window.addEventListener("drop", async (event) => {
    event.preventDefault();
    // All are gone when the event is over. Files without a folder need no entry.
    const loose = [...event.dataTransfer.files].map((file) => [file.name, file]);
    const link = event.dataTransfer.getData("text/uri-list").split(/[\r\n]+/).find((line) => line && line[0] !== "#");
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    if (entries.length > 0 || loose.length > 0) {
      files = new Map(entries.length > 0 ? (await Promise.all(entries.map(filesIn))).flat() : loose);
      if (files.size === 0) return;
      const [kind, path] = await whatToOpen(files);
      open(kind, SCHEME + path.split("/").map(encodeURIComponent).join("/"));
    } else if (link) {
      open(kindOf(link), link);
    }
  });
}

/** [path, file] of everything below a file or folder. */
async function filesIn(entry) {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    return [[path, await new Promise((resolve, reject) => entry.file(resolve, reject))]];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    // A reader gives a hundred at a time.
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return found;
    found.push(...(await Promise.all(some.map(filesIn))).flat());
  }
}

/** The tileset that lies highest; otherwise the first file that can be opened. */
async function whatToOpen(files) {
  const depth = (path) => path.split("/").length;
  const paths = [...files.keys()].sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
  const tileset = paths.find((path) => path.split("/").at(-1) === "tileset.json");
  if (tileset) return ["tileset", tileset];
  const path = paths.find((path) => /\.(toml|geojson|json)$/i.test(path)) ?? paths[0];
  if (/\.json$/i.test(path) && (await isGeoJson(files.get(path)))) return ["geojson", path];
  return [kindOf(path), path];
}

async function isGeoJson(file) {
  return /"type"\s*:\s*"(Feature|FeatureCollection)"/.test(await file.slice(0, 4096).text());
}

function kindOf(address) {
  const path = address.split(/[?#]/)[0];
  if (/\.toml$/i.test(path)) return "scene";
  return /\.geojson$/i.test(path) ? "geojson" : "tileset";
}
