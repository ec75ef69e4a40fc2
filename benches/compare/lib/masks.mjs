// Pixels that tiles cover, and how well two renderers agree on them.
import { writeFileSync } from 'node:fs';
import { PNG } from 'pngjs';

/** 1 where a picture (PNG bytes) differs from its background, which is one grey value. */
export function covered(bytes, background) {
  const png = PNG.sync.read(bytes);
  const bits = new Uint8Array(png.width * png.height);
  for (let i = 0; i < bits.length; i++) {
    for (let k = 0; k < 3; k++) if (Math.abs(png.data[4 * i + k] - background) > 24) bits[i] = 1;
  }
  return bits;
}

const count = (bits) => bits.reduce((sum, bit) => sum + bit, 0);

/** Intersection over union, and the pixels of each. Two empty pictures agree on nothing. */
export function compareMasks(a, b) {
  if (a.length !== b.length) throw new Error('the pictures have different sizes');
  const both = a.reduce((sum, bit, i) => sum + (bit & b[i]), 0);
  const [first, second] = [count(a), count(b)];
  const any = first + second - both;
  return { iou: any ? both / any : 0, first, second };
}

/** Draws where they differ: red is the first alone, blue the second alone. */
export function writeDifference(a, b, [width, height], file) {
  const png = new PNG({ width, height });
  for (let i = 0; i < a.length; i++) {
    const grey = a[i] && b[i] ? 200 : 20;
    png.data.set([a[i] && !b[i] ? 255 : grey, grey, b[i] && !a[i] ? 255 : grey, 255], 4 * i);
  }
  writeFileSync(file, PNG.sync.write(png));
}
