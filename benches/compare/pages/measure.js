// How loading and frames are timed, the same for every renderer: the call that draws (main thread), then a read-back
// of one pixel, which waits until it is drawn.
//
// A plain script, so that it can be put into pages before anything of theirs runs; it leaves `window.measure`.
(() => {
  /** A view is complete when nothing was missing for so many frames and milliseconds; it was so from their start. */
  const COMPLETE = { frames: 10, ms: 250 };
  /** For a view whose times do not count. */
  const VISITED = { frames: 3, ms: 50 };
  const LIMIT_MS = 170_000;

  /** Returns a function that waits for the canvas's frame. `how`: gl, 2d or none. */
  function reader(canvas, how) {
    if (how === 'none') return () => {};
    const [x, y] = [Math.floor(canvas.width / 2), Math.floor(canvas.height / 2)];
    if (how === 'gl') {
      const gl = canvas.getContext('webgl2');
      const pixel = new Uint8Array(4);
      return () => {
        const bound = gl.getParameter(gl.READ_FRAMEBUFFER_BINDING);
        gl.bindFramebuffer(gl.READ_FRAMEBUFFER, null);
        gl.readPixels(x, y, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
        gl.bindFramebuffer(gl.READ_FRAMEBUFFER, bound);
        return pixel;
      };
    }
    const small = document.createElement('canvas');
    small.width = small.height = 1;
    const context = small.getContext('2d', { willReadFrequently: true });
    return () => {
      context.drawImage(canvas, x, y, 1, 1, 0, 0, 1, 1);
      return context.getImageData(0, 0, 1, 1).data;
    };
  }

  /** Sees when the first tile and when all tiles are on screen: `frame` is told after each frame. Times as performance.now(). */
  class Watch {
    constructor(read, quiet = COMPLETE) {
      Object.assign(this, { read, wanted: quiet, first_ms: null, all_ms: null, quiet: 0, began: performance.now() });
      this.done = new Promise((resolve, reject) => Object.assign(this, { resolve, reject }));
    }

    frame(hasTiles, isIdle) {
      if (this.isOver) return;
      const end = () => {
        this.read();
        return performance.now();
      };
      if (hasTiles) this.first_ms ??= end();
      if (hasTiles && isIdle) {
        if (this.quiet === 0) this.all_ms = end();
        this.quiet += 1;
      } else {
        this.quiet = 0;
      }
      const now = performance.now();
      if (this.quiet >= this.wanted.frames && now - this.all_ms >= this.wanted.ms) {
        this.isOver = true;
        this.resolve({ first_ms: this.first_ms, all_ms: this.all_ms });
      } else if (now - this.began > LIMIT_MS) {
        this.isOver = true;
        this.reject(new Error(`tiles are still missing after ${LIMIT_MS / 1000} s`));
      }
    }
  }

  const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));

  /**
   * Offers `window.peer` for a renderer that is called.
   * `renderer`: canvas; start(url, options) begins to load; draw(pose); hasTiles(); isIdle(); info(). A page that was
   * opened with `?mask` draws black on white.
   */
  function offer(renderer) {
    const { canvas } = renderer;
    /** Draws a pose until its view is complete; `isBroken` throws when it never will be. */
    async function settle(pose, quiet, isBroken = () => {}) {
      const watch = new Watch(reader(canvas, 'gl'), quiet);
      while (!watch.isOver) {
        await nextFrame();
        isBroken();
        renderer.draw(pose);
        watch.frame(renderer.hasTiles(), renderer.isIdle());
      }
      return watch.done;
    }
    window.peer = {
      info: renderer.info,
      /** Gives the renderer an address; resolves when the view is complete. */
      async open(url, pose, options) {
        const start_ms = performance.now();
        let failed = null;
        renderer.start(url, options).catch((error) => { failed = error; });
        const times = await settle(pose, COMPLETE, () => { if (failed) throw failed; });
        return { start_ms, ...times };
      },
      /** Loads what these poses need. */
      async visit(poses) {
        for (const pose of poses) await settle(pose, VISITED);
      },
      async run({ poses, warm, how }) {
        const read = reader(canvas, how);
        const [frame, cpu] = [[], []];
        for (let i = -warm; i < poses.length; i++) {
          await nextFrame();
          const start = performance.now();
          renderer.draw(poses[Math.max(i, 0)]);
          const drawn = performance.now();
          read();
          if (i >= 0) {
            cpu.push(drawn - start);
            frame.push(performance.now() - start);
          }
        }
        return { frame, cpu };
      },
      /** The pixels that tiles cover, as the address of a PNG. */
      async mask(pose) {
        await settle(pose, COMPLETE);
        renderer.draw(pose);
        return canvas.toDataURL('image/png');
      },
    };
    // From navigation: the address came with the page.
    const query = new URLSearchParams(location.search);
    const job = query.get('open') && JSON.parse(query.get('open'));
    if (job) window.peer.open(job.url, job.pose, job.options).then((times) => { window.opened = times; }, (error) => { window.opened = { error: String(error) }; });
  }

  window.measure = { reader, Watch, VISITED, offer };
})();
