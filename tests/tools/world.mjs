// The tenants of the tests, and the tools as a team runs them: unmodified, with a domain, credentials and the authority's certificate.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { Management } from '../../samples/native-to-web/seed.mjs';

if (!process.env.SEGUE_TEST_DATA) throw new Error('no server: run ./test tools');
const data = process.env.SEGUE_TEST_DATA;

export const caFile = path.join(data, 'ca.pem');

// The server's first tenant, and one beside it (SEGUE_TEST_TENANTS).
export const first = tenant(path.join(data, 'management-client.json'));
const others = path.join(data, 'tenants');
export const second = existsSync(others) ? tenant(path.join(others, readdirSync(others)[0], 'management-client.json')) : undefined;

function tenant(file) {
  const credentials = JSON.parse(readFileSync(file, 'utf8'));
  return { ...credentials, management: new Management(credentials) };
}

// Runs a program to its end. `output` is what it printed, in the order in which it came.
export function run(program, args, { env = {}, cwd } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output: output.join('') }));
  });
}

// Every file below `folder`, by its path from there.
export function filesOf(folder, from = folder) {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const file = path.join(folder, name);
      return statSync(file).isDirectory() ? filesOf(file, from) : [[path.relative(from, file), readFileSync(file, 'utf8')]];
    });
}

// How many changes the tenant's log has. Rows become visible within a second or so: asked until two answers agree.
export async function changesOf({ management }) {
  let before = -1;
  for (;;) {
    const { total } = await management.call('GET', 'logs?q=type:sapi&per_page=1&include_totals=true');
    if (total === before) return total;
    before = total;
    await new Promise((resolve) => setTimeout(resolve, 2500));
  }
}

// The Management API as Go's tools call it: golang.org/x/oauth2 tries HTTP Basic first.
export class GoTool {
  constructor(credentials, userAgent) {
    this.credentials = credentials;
    this.userAgent = userAgent;
  }

  // `until`: asked again until the answer is so, as the tools poll.
  async call(method, path, body, until = () => true) {
    this.token ??= (await this.signIn()).access_token;
    for (;;) {
      const response = await fetch(`https://${this.credentials.domain}/api/v2/${path}`, {
        method,
        headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json', 'user-agent': this.userAgent },
        body: body === undefined ? undefined : `${JSON.stringify(body)}\n`,
      });
      const text = await response.text();
      const answer = { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined };
      if (!response.ok || until(answer.body)) return answer;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async signIn(more = {}) {
    const { domain, client_id, client_secret } = this.credentials;
    const basic = Buffer.from(`${encodeURIComponent(client_id)}:${encodeURIComponent(client_secret)}`).toString('base64');
    const response = await fetch(`https://${domain}/oauth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', audience: `https://${domain}/api/v2/`, ...more }),
    });
    if (!response.ok) throw new Error(`no token: ${response.status} ${await response.text()}`);
    return response.json();
  }
}
