// node serve.mjs: the built app over TLS on PORT, with the certificate of SEGUE_TEST_TLS.
import { readFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import next from 'next';

const tls = process.env.SEGUE_TEST_TLS;
const port = Number(process.env.PORT);
const app = next({ dev: false, dir: import.meta.dirname, hostname: 'localhost', port });
await app.prepare();
const handle = app.getRequestHandler();
https
  .createServer({ cert: readFileSync(path.join(tls, 'cert.pem')), key: readFileSync(path.join(tls, 'key.pem')) }, (request, response) =>
    handle(request, response),
  )
  .listen(port, '127.0.0.1', () => console.log('ready'));
