// What else the machine does.
import { readFile } from 'node:fs/promises';

/** Share of all cores that stood idle during `ms`. */
export async function idleShare(ms) {
  const read = async () => (await readFile('/proc/stat', 'utf8')).split('\n')[0].trim().split(/\s+/).slice(1).map(Number);
  const before = await read();
  await new Promise((done) => setTimeout(done, ms));
  const spent = (await read()).map((value, i) => value - before[i]);
  return (spent[3] + spent[4]) / spent.reduce((a, b) => a + b);
}

/** Waits for a quiet moment, at most so many seconds: others may use this machine too. Returns the share that is idle. */
export async function quietMoment(limit_s) {
  let share = await idleShare(500);
  for (let i = 0; i < limit_s && share < 0.8; i++) share = await idleShare(1000);
  return share;
}
