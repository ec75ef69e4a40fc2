// What Belvedere's page asks of its hub, from one that has no readings: without an answer it would show an alarm and
// ask again and again.
import { createHash } from 'node:crypto';

const answers = {
  '/api/scene': () => '{"scene":null}',
  '/api/health': () => '{"feeds":{}}',
  // Nanoseconds are more than a JavaScript number holds.
  '/api/catalog': () => `{"revision":1,"now_ns":${Date.now()}000000,"history_start_ns":0,"forecast_s":0,"layers":[],"datastreams":[]}`,
};

/** The answer to a path, or undefined. */
export const hubAnswer = (path) => answers[path]?.();

/** Keeps live sockets open and silent (RFC 6455, 4.2.2). */
export function acceptLiveSockets(server) {
  const open = new Set();
  server.on('upgrade', (request, socket) => {
    const key = request.headers['sec-websocket-key'];
    if (request.url !== '/api/live' || !key) {
      socket.destroy();
      return;
    }
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
    socket.resume();
  });
  return () => open.forEach((socket) => socket.destroy());
}
