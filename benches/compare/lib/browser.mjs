// Chromium on its software rasteriser, and what its protocol tells of processes and threads.
import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const API = {
  webgl2: ['--headless=new', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
  webgpu: [
    '--headless=new', '--enable-gpu', '--enable-unsafe-webgpu', '--enable-features=Vulkan', '--use-vulkan=swiftshader',
    // Without it newer versions find no adapter.
    '--use-angle=swiftshader', '--ignore-gpu-blocklist', '--use-webgpu-adapter=swiftshader',
  ],
};
const QUIET = ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic', '--no-first-run'];

/** Chromium that offers `webgl2` or `webgpu`. */
export function launch(api) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [...QUIET, ...API[api]],
    // Ours alone decide what Chromium draws with.
    ignoreDefaultArgs: ['--headless', '--hide-scrollbars', '--mute-audio', '--disable-gpu', '--use-gl=swiftshader'],
    timeout: 60_000,
  });
}

/** A page of 1280 x 720 in a browser of its own. `problems` keeps what went wrong in it. */
export async function openPage({ api, url, scripts = [] }) {
  const browser = await launch(api);
  const problems = [];
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, deviceScaleFactor: 1 });
    page.setDefaultTimeout(180_000);
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text().slice(0, 300)));
    // winit leaves its start by throwing; all is well then.
    page.on('pageerror', (error) => /Using exceptions for control flow/.test(error.message) || problems.push(String(error).slice(0, 300)));
    for (const path of scripts) await page.addInitScript({ path });
    await page.goto(url, { waitUntil: 'commit' });
    return { browser, page, problems, close: () => browser.close() };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/** Meters of a page: CPU milliseconds of its main thread, bytes of memory. */
export async function meters(browser, page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const system = await browser.newBrowserCDPSession();
  const resident = async (id) => {
    const line = (await readFile(`/proc/${id}/status`, 'utf8')).match(/^VmRSS:\s+(\d+) kB/m);
    return line ? Number(line[1]) * 1024 : 0;
  };
  return {
    async mainThreadMs() {
      const { metrics } = await cdp.send('Performance.getMetrics');
      return metrics.find((metric) => metric.name === 'TaskDuration').value * 1000;
    },
    /** CPU time of the process that draws: all of a picture, where the CPU draws. */
    async drawingMs() {
      const { processInfo } = await system.send('SystemInfo.getProcessInfo');
      return processInfo.filter((p) => p.type === 'GPU').reduce((sum, p) => sum + p.cpuTime, 0) * 1000;
    },
    async memory() {
      await cdp.send('HeapProfiler.collectGarbage');
      const { usedSize } = await cdp.send('Runtime.getHeapUsage');
      const { processInfo } = await system.send('SystemInfo.getProcessInfo');
      const of = async (type) => Math.max(0, ...(await Promise.all(processInfo.filter((p) => p.type === type).map((p) => resident(p.id).catch(() => 0)))));
      // The browser keeps a spare renderer process, which is small.
      return { heap_bytes: usedSize, renderer_rss_bytes: await of('renderer'), gpu_rss_bytes: await of('GPU') };
    },
  };
}
