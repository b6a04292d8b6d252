// node with_server.mjs COMMAND…: starts the release binary (SEGUE_BINARY) on a free port with data of its own, runs COMMAND against it with
// NODE_EXTRA_CA_CERTS set, stops it, and exits as COMMAND did. The certificate authority is made at `init`, and Node reads extra
// authorities at its start only: so the server comes first and the tests are children.
//
// COMMAND sees SEGUE_TEST_DATA (the data folder), SEGUE_TEST_TLS (certificate and key for web apps of the tests). With SEGUE_TEST_TENANTS
// (host names, separated by commas) the server has these tenants too, each at the same port.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const binary = path.resolve(process.env.SEGUE_BINARY || path.join(root, 'build/release/segue'));
const command = process.argv.slice(2);
if (command.length === 0) throw new Error('usage: node with_server.mjs COMMAND…');

const folder = mkdtempSync(path.join(os.tmpdir(), 'segue-peers-'));
const data = path.join(folder, 'data');
let server, tests;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    for (const child of [tests, server]) child?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
    process.exit(1);
  });
}
try {
  const port = await freePort();
  const domain = `localhost:${port}`;
  execFileSync(binary, ['init', '--data', data, '--domain', domain], { stdio: ['ignore', 'ignore', 'inherit'] });
  for (const host of (process.env.SEGUE_TEST_TENANTS ?? '').split(',').filter(Boolean))
    execFileSync(binary, ['tenant', 'add', '--data', data, '--domain', `${host}:${port}`], { stdio: ['ignore', 'ignore', 'inherit'] });
  const tls = path.join(folder, 'tls');
  selfSigned(tls);
  const trust = path.join(folder, 'trust.pem');
  writeFileSync(trust, readFileSync(path.join(data, 'ca.pem'), 'utf8') + readFileSync(path.join(tls, 'cert.pem'), 'utf8'));

  // The relying parties of the tests are web apps of this machine.
  const settings = { SEGUE_OUTBOUND_ALLOW_PRIVATE: 'true', SEGUE_OUTBOUND_CA_FILE: path.join(tls, 'cert.pem') };
  server = spawn(binary, ['serve', '--data', data, '--listen', `127.0.0.1:${port}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...settings },
  });
  const output = [];
  await ready(server, `segue ready https://${domain}`, output);

  const environment = { ...process.env, NODE_EXTRA_CA_CERTS: trust, SEGUE_TEST_DATA: data, SEGUE_TEST_TLS: tls };
  const status = await run(command, environment);
  if (server.exitCode !== null) console.error(`the server ended during the tests (${server.exitCode})`);
  if (status !== 0) writeFileSync(path.join(root, 'build/peers-server.log'), output.join(''));
  process.exitCode = server.exitCode === null ? status : 1;
  process.exitCode = (await stop(server)) === 0 ? process.exitCode : 1;
} finally {
  server?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

function selfSigned(tls) {
  mkdirSync(tls);
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30', '-subj', '/CN=localhost']
      .concat(['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'])
      .concat(['-keyout', path.join(tls, 'key.pem'), '-out', path.join(tls, 'cert.pem')]),
    { stdio: 'ignore' },
  );
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function ready(child, line, output) {
  return new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`the server is not ready: ${why}\n${output.join('')}`));
    const timer = setTimeout(() => fail('no ready line within 20 s'), 20_000);
    const read = (chunk) => {
      output.push(chunk.toString());
      if (!output.join('').includes(line)) return;
      clearTimeout(timer);
      for (const stream of [child.stdout, child.stderr]) stream.off('data', read).on('data', (more) => output.push(more.toString()));
      resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`it ended with ${code}`));
  });
}

function run([program, ...rest], env) {
  return new Promise((resolve, reject) => {
    tests = spawn(program, rest, { env, stdio: 'inherit' });
    tests.once('error', reject);
    tests.once('exit', (code) => resolve(code ?? 1));
  });
}

function stop(child) {
  if (child.exitCode !== null) return child.exitCode;
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      console.error('the server did not drain within 10 s of SIGTERM');
      child.kill('SIGKILL');
    }, 10_000);
    child.once('exit', (code) => {
      clearTimeout(timer);
      if (code !== 0) console.error(`the server answered SIGTERM with exit status ${code}`);
      resolve(code ?? 1);
    });
    child.kill('SIGTERM');
  });
}
