// Apache of Debian (apache2-bin) with a configuration of its own, for the tests: its own folder, port and processes, over TLS. No
// service of the system is asked or touched.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const program = '/usr/sbin/apache2';
const modules = '/usr/lib/apache2/modules';
const always = ['authn_core', 'authz_core', 'authz_user', 'ssl', 'alias', 'dir', 'include'];
const processes = {
  event: ['StartServers 1', 'ServerLimit 1', 'ThreadsPerChild 8', 'MaxRequestWorkers 8', 'MinSpareThreads 1', 'MaxSpareThreads 8'],
  prefork: ['StartServers 3', 'MinSpareServers 2', 'MaxSpareServers 4'],
};
const asRoot = process.getuid() === 0;
const account = 'www-data';

// Why the tests cannot run here, or false. `files` are what the packages `packages` bring.
export function missing(packages, files) {
  const absent = [program, ...files].filter((each) => !existsSync(each));
  return absent.length > 0 && `${absent.join(', ')} missing: tools/install.sh test installs ${packages}`;
}

export const moduleFile = (name) => path.join(modules, name);

// A folder whose files the web server can read.
export function aFolder(name) {
  const folder = mkdtempSync(path.join(os.tmpdir(), `segue-${name}-`));
  chmodSync(folder, 0o755);
  return folder;
}

// A folder that the web server writes.
export function writable(folder) {
  mkdirSync(folder);
  if (asRoot) chownSync(folder, ...['-u', '-g'].map((which) => Number(execFileSync('id', [which, account], { encoding: 'utf8' }))));
  return folder;
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

// Starts it in `folder`, which goes when it is closed. `host` is how browsers name it, `load` are lines that load modules, `site` is what
// stands in the configuration beside them.
export async function startApache({ folder, host = 'localhost', port, mpm = 'event', load = [], site }) {
  const errors = path.join(folder, 'error.log');
  const tls = process.env.SEGUE_TEST_TLS;
  const configuration = path.join(folder, 'apache.conf');
  writeFileSync(
    configuration,
    [
      `ServerRoot ${folder}`,
      `ServerName https://${host}:${port}`,
      'UseCanonicalName On',
      `Listen 127.0.0.1:${port}`,
      `PidFile ${folder}/apache.pid`,
      `DefaultRuntimeDir ${folder}`,
      `ErrorLog ${errors}`,
      `LogLevel warn ssl:error mpm_${mpm}:crit`,
      ...[`mpm_${mpm}`, ...always].map((name) => `LoadModule ${name}_module ${moduleFile(`mod_${name}.so`)}`),
      ...load,
      // Who it becomes after it has read its keys.
      ...(asRoot ? [`User ${account}`, `Group ${account}`] : []),
      ...processes[mpm],
      // A connection that waits for its next request would hold one of them.
      'KeepAlive Off',
      'SSLEngine on',
      `SSLCertificateFile ${tls}/cert.pem`,
      `SSLCertificateKeyFile ${tls}/key.pem`,
      site,
      '',
    ].join('\n'),
  );
  // It ends its whole process group, so it has one of its own; and it does not outlive the tests, however they end.
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', program, '-f', configuration, '-D', 'FOREGROUND'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH },
  });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(chunk.toString()));
  const log = () => said.join('') + (existsSync(errors) ? readFileSync(errors, 'utf8') : '');
  const ended = new Promise((resolve) => child.once('close', resolve));
  const close = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await listening(port, child, log);
  } catch (error) {
    await close();
    throw error;
  }
  return { log, close };
}

async function listening(port, child, log) {
  const until = Date.now() + 10_000;
  while (Date.now() < until && child.exitCode === null) {
    const open = await new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1');
      socket.once('connect', () => socket.destroy() && resolve(true)).once('error', () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`apache does not listen: ${log()}`);
}
