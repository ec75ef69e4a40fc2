// node ppm2png.mjs IN.ppm OUT.png
import { readFile, writeFile } from 'node:fs/promises';
import { PNG } from 'pngjs';
const bytes = await readFile(process.argv[2]);
const header = bytes.subarray(0, 40).toString('latin1').match(/^P6 (\d+) (\d+) 255\n/);
const [width, height] = [Number(header[1]), Number(header[2])];
const png = new PNG({ width, height });
for (let i = 0, at = header[0].length; i < width * height; i++) {
  for (let k = 0; k < 3; k++) png.data[4 * i + k] = bytes[at++];
  png.data[4 * i + 3] = 255;
}
await writeFile(process.argv[3], PNG.sync.write(png));
