// How a frame is timed, the same for every renderer: the call that draws it
// (main thread), then a read-back of one pixel, which waits until it is drawn.

/** Returns a function that waits for the canvas's frame. `how`: gl, 2d or none. */
export function reader(canvas, how) {
  if (how === 'none') return () => {};
  if (how === 'gl') {
    const gl = canvas.getContext('webgl2');
    const pixel = new Uint8Array(4);
    return () => {
      const bound = gl.getParameter(gl.READ_FRAMEBUFFER_BINDING);
      gl.bindFramebuffer(gl.READ_FRAMEBUFFER, null);
      gl.readPixels(640, 360, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
      gl.bindFramebuffer(gl.READ_FRAMEBUFFER, bound);
      return pixel;
    };
  }
  const small = document.createElement('canvas');
  small.width = small.height = 1;
  const ctx = small.getContext('2d', { willReadFrequently: true });
  return () => {
    ctx.drawImage(canvas, 640, 360, 1, 1, 0, 0, 1, 1);
    return ctx.getImageData(0, 0, 1, 1).data;
  };
}

/** Offers `window.bench.run` for a renderer that is called: `draw(i)` draws frame i. */
export function offer(canvas, draw, extra = {}) {
  window.bench = {
    ...extra,
    async run({ from = 0, frames, warm, how }) {
      const read = reader(canvas, how);
      const [frame, cpu] = [[], []];
      for (let i = -warm; i < frames; i++) {
        await new Promise((r) => requestAnimationFrame(r));
        const start = performance.now();
        draw(from + Math.max(i, 0));
        const drawn = performance.now();
        read();
        if (i >= 0) {
          cpu.push(drawn - start);
          frame.push(performance.now() - start);
        }
      }
      return { frame, cpu };
    },
  };
}
