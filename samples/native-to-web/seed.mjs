// Sets up what the sample needs through the Management API: a native client, a web client, and a user. Safe to run again: what exists
// is brought up to date. Writes the ids to SAMPLE_FILE.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const passwordRealm = 'http://auth0.com/oauth/grant-type/password-realm';

export class Management {
  #credentials;
  #token;

  constructor(credentials) {
    this.#credentials = credentials;
  }

  async call(method, path, body) {
    this.#token ??= await this.#signIn();
    const response = await fetch(`https://${this.#credentials.domain}/api/v2/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, ...(body && { 'content-type': 'application/json' }) },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} /api/v2/${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  async #signIn() {
    const { domain, client_id, client_secret, audience } = this.#credentials;
    const response = await fetch(`https://${domain}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret, audience }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`no Management API token: ${response.status} ${JSON.stringify(answer)}`);
    return answer.access_token;
  }
}

export const nativeClient = {
  app_type: 'native',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token', 'password', passwordRealm],
  refresh_token: { rotation_type: 'rotating', expiration_type: 'expiring', token_lifetime: 2592000, leeway: 30 },
  session_transfer: { can_create_session_transfer_token: true },
};

export function webClient(baseURL) {
  return {
    app_type: 'regular_web',
    callbacks: [`${baseURL}/callback`],
    allowed_logout_urls: [baseURL],
    grant_types: ['authorization_code', 'implicit', 'refresh_token'],
    session_transfer: { allowed_authentication_methods: ['cookie', 'query'] },
  };
}

export async function ensureClient(management, name, fields) {
  for (let page = 0; ; page++) {
    const clients = await management.call('GET', `clients?page=${page}&per_page=100`);
    const existing = clients.find((client) => client.name === name);
    if (existing) return management.call('PATCH', `clients/${existing.client_id}`, fields);
    if (clients.length < 100) return management.call('POST', 'clients', { name, ...fields });
  }
}

export async function enableOnConnection(management, connection, clients) {
  const [found] = await management.call('GET', `connections?name=${encodeURIComponent(connection)}`);
  if (!found) throw new Error(`no connection ${connection}`);
  const body = clients.map(({ client_id }) => ({ client_id, status: true }));
  await management.call('PATCH', `connections/${found.id}/clients`, body);
}

export async function ensureUser(management, { connection, email, name, password, resetPassword }) {
  const users = await management.call('GET', `users-by-email?email=${encodeURIComponent(email)}`);
  const existing = users.find(({ identities }) => identities?.some((identity) => identity.connection === connection));
  if (!existing) return management.call('POST', 'users', { connection, email, name, password, email_verified: true });
  const path = `users/${encodeURIComponent(existing.user_id)}`;
  // A password that is written again may end the sessions it opened.
  if (resetPassword) await management.call('PATCH', path, { connection, password });
  return management.call('PATCH', path, { name });
}

async function main() {
  const data = process.env.SEGUE_DATA ?? 'var';
  const file = process.env.SAMPLE_FILE ?? `${data}/sample.json`;
  const baseURL = `https://localhost:${process.env.SEGUE_SAMPLE_PORT ?? 3443}`;
  const connection = 'Username-Password-Authentication';
  const credentials = JSON.parse(readFileSync(`${data}/management-client.json`, 'utf8'));
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  const management = new Management(credentials);

  const native = await ensureClient(management, 'Segue sample: native app', nativeClient);
  const web = await ensureClient(management, 'Segue sample: web app', webClient(baseURL));
  await enableOnConnection(management, connection, [native, web]);
  // A password of this installation's own: nobody can sign in to a server they reach with one they read in a repository.
  const password = before?.user.password ?? `Ada-${randomBytes(9).toString('base64url')}-1`;
  const user = await ensureUser(management, {
    connection,
    email: 'ada@example.com',
    name: 'Ada Lovelace',
    password,
    resetPassword: !before,
  });

  const sample = {
    domain: credentials.domain,
    realm: connection,
    native: { client_id: native.client_id },
    web: { client_id: web.client_id, base_url: baseURL, cookie_secret: before?.web.cookie_secret ?? randomBytes(32).toString('hex') },
    user: { user_id: user.user_id, email: 'ada@example.com', name: 'Ada Lovelace', password },
  };
  writeFileSync(file, `${JSON.stringify(sample, null, 2)}\n`, { mode: 0o600 });
  console.log(`sample set up at https://${credentials.domain} (${file})`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main();
