'use strict';
// The sandbox has no network but a loopback. What Actions call goes, by the proxy settings of Node.js, to a port on it, and from
// there to the server's proxy, a Unix socket that the sandbox shows (src/outbound/proxy.h).
const net = require('node:net');

const kPort = 3128;
let open = 0;

function start(socketPath) {
  const server = net.createServer((near) => {
    const far = net.connect(socketPath);
    open++;
    const end = () => { near.destroy(); far.destroy(); };
    near.on('error', end).on('close', () => { open--; far.destroy(); });
    far.on('error', end).on('close', () => near.destroy());
    near.pipe(far).pipe(near);
  });
  server.listen(kPort, '127.0.0.1');
  server.unref();
}

module.exports = { start, inUse: () => open > 0 };
