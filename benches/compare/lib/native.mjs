// Native programs: run to their end, and read what they measured.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VIEW } from './orbit.mjs';

const LIMIT_S = 900;

/** Runs a program; resolves with its standard output. Ends with an error of what it said when it fails or takes too long. */
export function execute(program, args) {
  return new Promise((done, fail) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, said] = ['', ''];
    child.stdout.on('data', (text) => (out += text));
    child.stderr.on('data', (text) => (said += text));
    const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_S * 1000);
    child.on('error', (error) => { clearTimeout(timer); fail(error); });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) done(out);
      else fail(new Error(`${program} ended with ${signal ?? code}: ${said.trim().split('\n').slice(-4).join(' / ').slice(0, 500)}`));
    });
  });
}

const size = `${VIEW.width}x${VIEW.height}`;

/** Options of `belvedere render` that this program may have: flying given poses, and keeping nothing on the disk. */
export async function abilities(program) {
  const help = await execute(program, ['render', '--help']);
  return { poses: help.includes('--poses'), keepNothing: help.includes('--no-cache') ? ['--no-cache'] : [] };
}

/** Numbers of both programs by the names of the browsers' runs. */
const named = (s, fly) => (fly
  ? { frame_p50: s.frame_ms_p50, frame_p95: s.frame_ms_p95, frame_p99: s.frame_ms_p99, renderer_rss_bytes: s.peak_rss_bytes }
  : { first_ms: s.first_tile_ms, all_ms: s.all_tiles_ms, triangles: s.triangles, failed: s.tiles_failed, renderer_rss_bytes: s.peak_rss_bytes, adapter: s.adapter });

/** Opens a tileset in `belvedere render`: first and all tiles, and a picture. With `fly`, the orbit's frames instead. */
export async function runBelvedere({ program, keepNothing, fly = false, url, tileset, folder, name }) {
  const [posesFile, stats, picture] = ['poses.txt', 'stats.json', 'png'].map((end) => join(folder, `${name}.${end}`));
  const { poses, time } = tileset;
  const args = ['render', '--tileset', url, `--camera=${poses[0].text}`, '--fov', String(VIEW.fovYDeg), '--size', size, '--time', time, '--out', picture, '--stats', stats, ...keepNothing];
  if (fly) {
    writeFileSync(posesFile, poses.map((pose) => `${pose.text}\n`).join(''));
    args.push('--poses', posesFile);
  }
  await execute(program, args);
  return named(JSON.parse(readFileSync(stats, 'utf8')), fly);
}

/** What Belvedere covers, white on black, as PNG bytes. */
export async function belvedereMask({ program, url, pose, fovYDeg = VIEW.fovYDeg, size: pixels = size, file }) {
  await execute(program, ['render', '--tileset', url, `--camera=${pose.text}`, '--fov', String(fovYDeg), '--size', pixels, '--silhouette', '--out', file]);
  return readFileSync(file);
}

/** The same of the bevy_3d_tiles program. */
export async function runBevyPeer({ program, fly = false, url, tileset, folder, name }) {
  const [job, stats, picture] = ['job.json', 'stats.json', 'png'].map((end) => join(folder, `${name}.${end}`));
  const { center, near, poses } = tileset;
  writeFileSync(job, JSON.stringify({
    url, center, near, fov_y_deg: VIEW.fovYDeg, size: [VIEW.width, VIEW.height], error_target_px: VIEW.errorTargetPx, fly,
    poses: poses.map(({ eye, direction, up }) => ({ eye, direction, up })),
  }));
  await execute(program, [job, picture, stats]);
  return named(JSON.parse(readFileSync(stats, 'utf8')), fly);
}
