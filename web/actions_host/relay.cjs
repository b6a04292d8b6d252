'use strict';
// The sandbox has no network but a loopback. What Actions call goes, by the proxy settings of Node.js, to a port on it, and from
// there to the server's proxy, a Unix socket that the sandbox shows (src/outbound/proxy.h).
const net = require('node:net');
require('node:https'); // reads the proxy settings, which are gone once Actions run

const kPort = 3128;
const kRefusal = /^HTTP\/1\.1 \d{3} [^]*\r\nSegue-Proxy: refused\r\n[^]*?\r\n\r\n([^]*)$/;
let open = 0;

// `print` tells the Action why a call was refused: the errors of fetch do not.
function start(socketPath, print, ready) {
  const server = net.createServer((near) => {
    const far = net.connect(socketPath);
    open++;
    // Whoever waits for an answer keeps the process at it; a connection that nobody uses does not.
    near.unref();
    far.unref();
    const end = () => { near.destroy(); far.destroy(); };
    near.on('error', end).on('close', () => { open--; far.destroy(); });
    far.on('error', end).on('close', () => near.destroy());
    far.once('data', (bytes) => {
      const refusal = kRefusal.exec(bytes.toString('latin1'));
      if (refusal) print(`a call was refused: ${refusal[1]}`);
    });
    near.pipe(far).pipe(near);
  });
  server.listen(kPort, '127.0.0.1', ready);
  server.unref();
}

module.exports = { start, inUse: () => open > 0 };
