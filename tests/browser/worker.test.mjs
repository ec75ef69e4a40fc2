// The decode worker: tiles in, prepared tiles out, away from the page.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { DIST, launch, newPage, servePage } from "./harness.mjs";

const manifest = JSON.parse(readFileSync(join(DIST, "manifest.json"), "utf8"));

let browser, server, page;
before(async () => {
  browser = await launch("none");
  // Browsers ask for an icon where a document names none.
  server = await servePage({ "/favicon.ico": (_, response) => response.writeHead(204).end() });
  page = await newPage(browser);
  // A page of the same origin, without the viewer.
  await page.goto(`${server.url}${manifest.worker.script}`);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Sends jobs to a new worker; returns its answers by id, and whether each buffer came whole. */
function decode(jobs) {
  return page.evaluate(
    async ([script, jobs]) => {
      const worker = new Worker(script, { type: "module" });
      const answers = {};
      const done = new Promise((resolve, reject) => {
        worker.onerror = (event) => reject(new Error(event.message));
        worker.onmessage = ({ data }) => {
          if ("ready" in data) {
            answers.ready = data;
          } else {
            const bytes = data.buffer instanceof ArrayBuffer ? data.buffer.byteLength : null;
            answers[data.id] = { ok: data.ok, error: data.error, bytes };
          }
          if (jobs.every(({ id }) => id in answers)) resolve();
        };
      });
      const neutered = [];
      for (const { id, url, base64 } of jobs) {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer;
        worker.postMessage({ id, url, bytes }, [bytes]);
        neutered.push(bytes.byteLength === 0);
      }
      await done;
      worker.terminate();
      return { ...answers, neutered };
    },
    [`/${manifest.worker.script}`, jobs.map((job) => ({ ...job, base64: job.bytes.toString("base64"), bytes: null }))],
  );
}

/** One triangle, as binary glTF. */
function triangle() {
  const positions = Buffer.from(new Float32Array([0, 0, 0, 10, 0, 0, 0, 10, 0]).buffer);
  const gltf = {
    asset: { version: "2.0" },
    scene: 0,
    scenes: [{ nodes: [0] }],
    nodes: [{ mesh: 0 }],
    meshes: [{ primitives: [{ attributes: { POSITION: 0 } }] }],
    accessors: [{ bufferView: 0, componentType: 5126, count: 3, type: "VEC3", min: [0, 0, 0], max: [10, 10, 0] }],
    bufferViews: [{ buffer: 0, byteOffset: 0, byteLength: positions.length }],
    buffers: [{ byteLength: positions.length }],
  };
  let json = Buffer.from(JSON.stringify(gltf));
  json = Buffer.concat([json, Buffer.alloc((4 - (json.length % 4)) % 4, " ")]);
  const words = (...numbers) => Buffer.from(new Uint32Array(numbers).buffer);
  const length = 12 + 8 + json.length + 8 + positions.length;
  return Buffer.concat([
    words(0x46546c67, 2, length),
    words(json.length, 0x4e4f534a),
    json,
    words(positions.length, 0x004e4942),
    positions,
  ]);
}

test("decodes a tile, and says when it is ready", async () => {
  const answers = await decode([{ id: 7, url: "http://example.test/a.glb", bytes: triangle() }]);
  assert.deepEqual(answers.ready, { ready: true });
  assert.equal(answers[7].ok, true, answers[7].error);
  assert.ok(answers[7].bytes > 36, `three positions are 36 bytes, the answer has ${answers[7].bytes}`);
  assert.deepEqual(answers.neutered, [true], "the bytes are handed over, not copied");
  assert.deepEqual(page.problems, []);
});

test("a broken tile is an answer, and the next one is decoded", async () => {
  const whole = triangle();
  const answers = await decode([
    { id: 1, url: "cut.glb", bytes: whole.subarray(0, whole.length - 20) },
    { id: 2, url: "noise.glb", bytes: Buffer.from("this is no tile") },
    { id: 3, url: "empty.glb", bytes: Buffer.alloc(0) },
    { id: 4, url: "whole.glb", bytes: whole },
  ]);
  for (const id of [1, 2, 3]) {
    assert.equal(answers[id].ok, false);
    assert.ok(answers[id].error.length > 10, "the error says what is wrong");
  }
  assert.equal(answers[4].ok, true, answers[4].error);
});
