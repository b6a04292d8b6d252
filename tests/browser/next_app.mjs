// The Next.js app of next-app/, built and served over TLS in a process of its own for a web client of its own.
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { client, domain } from '../peers/world.mjs';

const folder = path.join(import.meta.dirname, 'next-app');
const quiet = { NEXT_TELEMETRY_DISABLED: '1' };

const changed = (file) => statSync(path.join(folder, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;

// Builds the app unless what is built is newer than all of its sources.
async function build() {
  const sources = readdirSync(folder, { recursive: true }).filter((file) => /\.m?js(on)?$/.test(file) && !/node_modules|\.next/.test(file));
  if (sources.every((file) => changed(file) < changed('.next/BUILD_ID'))) return;
  const next = path.join(folder, 'node_modules/next/dist/bin/next');
  await promisify(execFile)(process.execPath, [next, 'build'], { cwd: folder, env: { ...process.env, ...quiet } });
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

function ready(child) {
  return new Promise((resolve, reject) => {
    let output = '';
    const fail = (why) => reject(new Error(`the Next.js app is not ready: ${why}\n${output}`));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
        if (/^ready$/m.test(output)) resolve();
      });
    }
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`it ended with ${code}`));
  });
}

// End it with `close`.
export async function serveNextApp(more = {}) {
  await build();
  const port = await freePort();
  const baseURL = `https://localhost:${port}`;
  const registered = await client({
    app_type: 'regular_web',
    callbacks: [`${baseURL}/auth/callback`],
    allowed_logout_urls: [baseURL],
    grant_types: ['authorization_code', 'refresh_token'],
    session_transfer: { allowed_authentication_methods: ['cookie', 'query'] },
    ...more,
  });
  const child = spawn(process.execPath, ['serve.mjs'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...quiet,
      NODE_ENV: 'production',
      PORT: String(port),
      APP_BASE_URL: baseURL,
      AUTH0_DOMAIN: domain,
      AUTH0_CLIENT_ID: registered.client_id,
      AUTH0_CLIENT_SECRET: registered.client_secret,
      AUTH0_SECRET: randomBytes(32).toString('hex'),
    },
  });
  const close = () => child.kill('SIGKILL');
  try {
    await ready(child);
  } catch (error) {
    close();
    throw error;
  }
  return { baseURL, close, clientId: registered.client_id };
}
