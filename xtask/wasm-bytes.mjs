// What the bytes of a WebAssembly module are: its sections, and its code by crate.
//
//   node xtask/wasm-bytes.mjs MODULE.wasm [--rows N]
//
// Code needs names: link with `-C strip=none` and look at the file before wasm-opt.

import { readFileSync } from "node:fs";

const SECTIONS = ["custom", "types", "imports", "functions", "tables", "memory", "globals", "exports", "start", "elements", "code", "data", "data count", "tags"];
/** A generic function of these belongs to the crate that it was made for. */
const STD = new Set(["core", "alloc", "std", "hashbrown", "compiler_builtins", "dlmalloc"]);

const [file, flag, number] = process.argv.slice(2);
const bytes = readFileSync(file);
let at = 8;

function varint() {
  let [result, shift] = [0, 1];
  for (;;) {
    const byte = bytes[at++];
    result += (byte & 0x7f) * shift;
    if (byte < 0x80) return result;
    shift *= 128;
  }
}

function text() {
  const length = varint();
  at += length;
  return bytes.toString("utf8", at - length, at);
}

const sections = new Map();
const sizes = [];
const names = new Map();
let imported = 0;
while (at < bytes.length) {
  const id = bytes[at++];
  const length = varint();
  const end = at + length;
  let name = SECTIONS[id] ?? `section ${id}`;
  if (id === 0) name = `custom ${text()}`;
  sections.set(name, (sections.get(name) ?? 0) + length);
  if (id === 2) countImports();
  if (id === 10) readCode();
  if (name === "custom name") readNames(end);
  at = end;
}

function countImports() {
  for (let left = varint(); left > 0; left -= 1) {
    text();
    text();
    const kind = bytes[at++];
    if (kind === 0) {
      imported += 1;
      varint();
    } else if (kind === 1) {
      at += 1;
      limits();
    } else if (kind === 2) {
      limits();
    } else {
      at += 2;
    }
  }
}

function limits() {
  const most = bytes[at++] & 1;
  varint();
  if (most) varint();
}

function readCode() {
  for (let left = varint(); left > 0; left -= 1) {
    const start = at;
    const length = varint();
    at += length;
    sizes.push(at - start);
  }
}

function readNames(end) {
  while (at < end) {
    const kind = bytes[at++];
    const stop = varint() + at;
    if (kind === 1) {
      for (let left = varint(); left > 0; left -= 1) {
        const index = varint();
        names.set(index, text());
      }
    }
    at = stop;
  }
}

/** `<a::B as core::C>::d`, `_ZN3foo3barE` and `_RNvCs1234_3foo3bar` -> the crate that the function is there for. */
function crateOf(name) {
  if (!name) return "(no name)";
  if (name.startsWith("_R")) {
    const roots = [...name.matchAll(/C(?:s[0-9A-Za-z]*_)?(\d+)_?/g)].map((match) => {
      const start = match.index + match[0].length;
      return name.slice(start, start + Number(match[1]));
    });
    const crates = roots.filter((root) => /^[a-z][a-z0-9_]+$/.test(root));
    return crates.find((root) => !STD.has(root)) ?? (crates.length > 0 ? "std" : "(other)");
  }
  const plain = name.startsWith("_ZN") ? legacy(name) : name;
  const roots = [...plain.matchAll(/(?<![\w:>])([a-z][a-z0-9_]*)(?:\[[0-9a-f]+\])?::/g)].map((match) => match[1]);
  return roots.find((root) => !STD.has(root)) ?? (roots.length > 0 ? "std" : "(other)");
}

function legacy(name) {
  const parts = [];
  let rest = name.slice(3);
  for (;;) {
    const length = /^\d+/.exec(rest)?.[0];
    if (!length) break;
    parts.push(rest.slice(length.length, length.length + Number(length)));
    rest = rest.slice(length.length + Number(length));
  }
  return parts.join("::").replaceAll("$LT$", "<").replaceAll("$GT$", ">").replaceAll("..", "::").replace(/^_</, "<");
}

const crates = new Map();
sizes.forEach((size, index) => {
  const crate = crateOf(names.get(imported + index));
  crates.set(crate, (crates.get(crate) ?? 0) + size);
});

const megabytes = (size) => (size / 1e6).toFixed(2).padStart(8);
const print = (title, map, rows) => {
  console.log(`\n${title}`);
  const sorted = [...map].sort((a, b) => b[1] - a[1]);
  for (const [name, size] of sorted.slice(0, rows)) console.log(`${megabytes(size)} MB  ${name}`);
  const rest = sorted.slice(rows).reduce((sum, [, size]) => sum + size, 0);
  if (rest > 0) console.log(`${megabytes(rest)} MB  ${sorted.length - rows} more`);
};
console.log(`${file}: ${megabytes(bytes.length)} MB`);
print("sections", sections, 12);
print("code by crate", crates, flag === "--rows" ? Number(number) : 40);
