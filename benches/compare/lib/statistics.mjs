// Numbers of a renderer over all its runs, and how they stand against the targets.

const sorted = (values) => [...values].sort((a, b) => a - b);
/** The value below which a share of all lies (nearest rank); null of nothing. */
export function percentile(values, share) {
  const s = sorted(values.filter((v) => Number.isFinite(v)));
  return s.length ? s[Math.max(0, Math.ceil(s.length * share) - 1)] : null;
}
export const median = (values) => percentile(values, 0.5);

/** Names of what is measured once a run; the median of the runs counts. */
const PER_RUN = [
  'first_ms', 'all_ms', 'nav_first_ms', 'nav_all_ms', 'requests', 'bytes', 'heap_bytes', 'wasm_bytes', 'renderer_rss_bytes', 'gpu_rss_bytes', 'tiles', 'triangles', 'failed',
  'frame_p50', 'frame_p95', 'frame_p99', 'main_cpu_ms', 'draw_cpu_ms',
];

/** One object of numbers for a renderer. `runs` are its rounds; `frames`, `cpu` and `draw` come from all of them together. */
export function summarise({ runs, frames, cpu, draw = [], errors }) {
  const summary = Object.fromEntries(PER_RUN.map((key) => [key, median(runs.map((run) => run[key]).filter((v) => v !== undefined && v !== null))]));
  if (frames.length) for (const share of [50, 95, 99]) summary[`frame_p${share}`] = percentile(frames, share / 100);
  if (cpu.length) summary.main_cpu_ms = median(cpu);
  if (draw.length) summary.draw_cpu_ms = median(draw);
  return { ...summary, runs: runs.length, errors };
}

const BROWSER_PEERS = ['cesium', 'three'];
const OURS = ['belvedere-webgl2', 'belvedere-webgpu'];

/**
 * The targets of one tileset: `{ what, of, value, limit, isMet, off }`; `off` is by how much of the limit one is missed.
 * `value` is null where a part of it was not measured.
 */
export function targets(summaries, iou, least = 0.98) {
  const of = (name, key) => summaries[name]?.[key] ?? null;
  const ratio = (a, b) => (a !== null && b !== null && b > 0 ? a / b : null);
  // The better of two is not known when one is missing.
  const best = (names, key) => { const found = names.map((name) => of(name, key)); return found.includes(null) ? null : Math.min(...found); };
  const rows = [];
  const atMost = (what, name, value, limit) => rows.push({ what, of: name, value, limit, isMet: value === null ? null : value <= limit, off: value === null ? null : Math.max(0, value / limit - 1) });
  for (const name of OURS.filter((name) => summaries[name])) {
    atMost('all tiles / better of CesiumJS and 3DTilesRendererJS', name, ratio(of(name, 'all_ms'), best(BROWSER_PEERS, 'all_ms')), 0.8);
    atMost('frame median / 3DTilesRendererJS', name, ratio(of(name, 'frame_p50'), of('three', 'frame_p50')), 1.0);
    atMost('frame median / CesiumJS', name, ratio(of(name, 'frame_p50'), of('cesium', 'frame_p50')), 0.5);
    atMost('main-thread CPU / CesiumJS', name, ratio(of(name, 'main_cpu_ms'), of('cesium', 'main_cpu_ms')), 1.0);
  }
  if (summaries['belvedere-native']) {
    atMost('all tiles / better of CesiumJS and 3DTilesRendererJS', 'belvedere-native', ratio(of('belvedere-native', 'all_ms'), best(BROWSER_PEERS, 'all_ms')), 0.3);
    if (summaries['bevy_3d_tiles']) atMost('all tiles / bevy_3d_tiles', 'belvedere-native', ratio(of('belvedere-native', 'all_ms'), of('bevy_3d_tiles', 'all_ms')), 0.7);
    const value = iou?.['belvedere-native'] ?? null;
    rows.push({ what: 'silhouette, least IoU with CesiumJS', of: 'belvedere-native', value, limit: least, isLeast: true, isMet: value === null ? null : value >= least, off: value === null ? null : Math.max(0, 1 - value / least) });
  }
  return rows;
}

const number = (value, digits = 0) => (value === null || value === undefined ? '–' : value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits }));
const megabytes = (bytes) => (bytes === null || bytes === undefined ? '–' : number(bytes / 1e6, 1));

const COLUMNS = [
  ['first tile, ms', (s) => number(s.first_ms)],
  ['all tiles, ms', (s) => number(s.all_ms)],
  ['first, from navigation', (s) => number(s.nav_first_ms)],
  ['all, from navigation', (s) => number(s.nav_all_ms)],
  ['requests', (s) => number(s.requests)],
  ['MB', (s) => (s.bytes === null ? '–' : number(s.bytes / 1e6, 2))],
  ['main-thread CPU, ms a frame', (s) => number(s.main_cpu_ms, 1)],
  ['drawing CPU, ms a frame', (s) => number(s.draw_cpu_ms, 1)],
  ['frame p50, ms', (s) => number(s.frame_p50, 1)],
  ['p95', (s) => number(s.frame_p95, 1)],
  ['p99', (s) => number(s.frame_p99, 1)],
  ['JS heap, MB', (s) => megabytes(s.heap_bytes)],
  ['wasm, MB', (s) => (s.wasm_bytes ? megabytes(s.wasm_bytes) : '–')],
  ['process RSS, MB', (s) => megabytes(s.renderer_rss_bytes)],
  ['tiles', (s) => number(s.tiles)],
  ['triangles', (s) => number(s.triangles)],
  ['failed', (s) => number(s.failed)],
];

const row = (cells) => `| ${cells.join(' | ')} |`;
const table = (head, rows) => [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

/** What a verdict says: met, or missed and by how much. */
export function verdict({ isMet, off, isLeast }) {
  if (isMet === null) return 'not measured';
  return isMet ? 'met' : `**missed** by ${(off * 100).toFixed(isLeast ? 1 : 0)} %`;
}

/** The whole report as Markdown. */
export function markdown({ environment, tilesets, skipped, unmeasured, notes }) {
  const parts = ['# Belvedere beside its peers', '', ...Object.entries(environment).map(([key, value]) => `- ${key}: ${value}`), ''];
  for (const { id, summaries, labels, iou, targets: rows } of tilesets) {
    parts.push(`## ${id}`, '', table(['', ...COLUMNS.map(([head]) => head)], Object.entries(summaries).map(([name, s]) => [labels[name] ?? name, ...COLUMNS.map(([, cell]) => cell(s))])), '');
    for (const [name, s] of Object.entries(summaries)) for (const error of s.errors) parts.push(`- ${labels[name] ?? name}: not measured: ${error}`);
    const ious = Object.entries(iou ?? {}).map(([name, value]) => `${labels[name] ?? name} ${value.toFixed(4)}`);
    if (ious.length) parts.push(`- least IoU of the silhouettes with CesiumJS: ${ious.join(', ')}`);
    parts.push('', table(['target', 'of', 'measured', 'asked', ''], rows.map((t) => [t.what, labels[t.of] ?? t.of, number(t.value, t.isLeast ? 4 : 2), `${t.isLeast ? '≥' : '≤'} ${t.limit}`, verdict(t)])), '');
  }
  for (const line of [...unmeasured.map((text) => `**Not measured**: ${text}`), ...skipped.map((text) => `Left out: ${text}`), ...notes]) parts.push(`- ${line}`);
  return `${parts.join('\n')}\n`;
}
