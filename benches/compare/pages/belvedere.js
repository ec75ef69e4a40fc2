// Put into Belvedere's own page before anything of it runs. The engine draws inside its own animation frame callback:
// times are taken around that callback, and the read-back follows it. Needs measure.js before it.
(() => {
  const next = window.requestAnimationFrame.bind(window);
  // Between measurements the engine stands still, so that it does not disturb others.
  let isPaused = false;
  let waiting = [];
  let before = () => {};
  let after = () => {};
  let frames = 0;

  const status = () => globalThis.belvedere_status?.();
  const schedule = (callback) => next((time) => {
    before();
    const start = performance.now();
    callback(time);
    const drawn = performance.now();
    const now = status();
    // Other callbacks come this way too.
    if (now && now.frames !== frames) {
      frames = now.frames;
      after(now, start, drawn);
    }
  });
  window.requestAnimationFrame = (callback) => (isPaused ? waiting.push(callback) : schedule(callback));

  const resume = () => {
    isPaused = false;
    waiting.splice(0).forEach(schedule);
  };
  const canvas = () => document.getElementById('belvedere');
  const how = () => (status()?.api === 'webgpu' ? '2d' : 'gl');
  const look = (pose) => {
    if (!globalThis.belvedere_look) throw new Error('this build of the page has no belvedere_look');
    globalThis.belvedere_look(pose.text);
  };
  /** Watches frames until the view is complete; `each` runs before each. */
  function watch(each = () => {}, quiet = undefined) {
    let read = null;
    const seen = new window.measure.Watch(() => (read ??= window.measure.reader(canvas(), how()))(), quiet);
    before = each;
    after = (now) => {
      seen.frame(now.tiles_shown > 0, now.complete);
      if (seen.isOver) {
        before = after = () => {};
      }
    };
    resume();
    return seen.done;
  }

  // From navigation: the page's own address names the tileset. The promise is given when the scripts run.
  if (new URLSearchParams(location.search).has('tileset')) {
    watch().then((times) => { window.opened = { start_ms: 0, ...times }; }, (error) => { window.opened = { error: String(error) }; });
  }

  const instances = [];
  const instantiate = WebAssembly.instantiate.bind(WebAssembly);
  WebAssembly.instantiate = async (...given) => {
    const made = await instantiate(...given);
    instances.push(made.instance ?? made);
    return made;
  };

  window.peer = {
    /** Resolves when the page is initialised. */
    async ready() {
      const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
      while (!status()?.ready) await pause(20);
      // The service worker that keeps answers for later takes over a moment after the first picture. Initialised is
      // the page that has it and has let it finish.
      for (let i = 0; i < 100 && !navigator.serviceWorker?.controller; i++) {
        if (i === 20 && !(await navigator.serviceWorker?.getRegistration())) break;
        await pause(50);
      }
      if (navigator.serviceWorker?.controller) await pause(2000);
      return status();
    },
    async open(url) {
      const start_ms = performance.now();
      globalThis.belvedere_open('tileset', url);
      return { start_ms, ...(await watch()) };
    },
    async visit(poses) {
      for (const pose of poses) await watch(() => look(pose), window.measure.VISITED);
      isPaused = true;
    },
    pause: () => { isPaused = true; },
    run: ({ poses, warm, how: way }) => new Promise((done, fail) => {
      const read = window.measure.reader(canvas(), way);
      const [frame, cpu] = [[], []];
      let i = -warm;
      before = () => {
        try { look(poses[Math.max(i, 0)]); } catch (error) { before = after = () => {}; fail(error); }
      };
      after = (_, start, drawn) => {
        read();
        if (i >= 0) {
          cpu.push(drawn - start);
          frame.push(performance.now() - start);
        }
        i += 1;
        if (i === poses.length) {
          before = after = () => {};
          isPaused = true;
          done({ frame, cpu });
        }
      };
      resume();
    }),
    info: () => {
      const { tiles_shown, triangles, tiles_failed, adapter, camera, full } = status();
      const wasm = Math.max(0, ...instances.map((instance) => instance.exports.memory?.buffer.byteLength ?? 0));
      return { tiles: tiles_shown, triangles, failed: tiles_failed, adapter, camera, full, wasm_bytes: wasm, size: [canvas().width, canvas().height] };
    },
  };
})();
