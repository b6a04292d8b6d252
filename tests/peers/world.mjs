// What the tests share: clients and users of their own through the Management API, web apps over TLS, and a browser that can sign in.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { Browser } from '../../samples/native-to-web/native/browser.mjs';
import { NativeApp } from '../../samples/native-to-web/native/app.mjs';
import { Management, enableOnConnection, nativeClient, webClient } from '../../samples/native-to-web/seed.mjs';
import { webApp } from '../../samples/native-to-web/web/server.mjs';
import { holdAgainstSchemas } from './sent_messages.mjs';

export { Browser, webApp };

if (!process.env.SEGUE_TEST_DATA) throw new Error('no server: run `node with_server.mjs node --test` (or ./test peers)');
const data = process.env.SEGUE_TEST_DATA;
export const realm = 'Username-Password-Authentication';
export const credentials = JSON.parse(readFileSync(path.join(data, 'management-client.json'), 'utf8'));
export const domain = credentials.domain;
export const issuer = `https://${domain}/`;
holdAgainstSchemas(issuer);
export const management = new Management(credentials);
export const caFile = path.join(data, 'ca.pem');

const unique = () => randomBytes(4).toString('hex');

export async function client(fields) {
  const created = await management.call('POST', 'clients', { name: `peer ${unique()}`, ...fields });
  await enableOnConnection(management, realm, [created]);
  return created;
}

export const aNativeClient = (more = {}) => client({ ...nativeClient, ...more });
export const aWebClient = (baseURL, more = {}) => client({ ...webClient(baseURL), ...more });

export async function aUser(name = 'Ada Lovelace') {
  const email = `${name.split(' ')[0].toLowerCase()}.${unique()}@example.com`;
  const password = `Correct-${unique()}-horse-7`;
  const user = await management.call('POST', 'users', { connection: realm, email, name, password, email_verified: true });
  return { ...user, email, name, password };
}

// The tokens of `user` at a public client that takes passwords.
export async function signedInTokens({ client_id }, user, scope = 'openid profile email offline_access') {
  const { status, body } = await tokenRequest({
    grant_type: 'http://auth0.com/oauth/grant-type/password-realm',
    client_id,
    realm,
    username: user.email,
    password: user.password,
    scope,
  });
  if (status !== 200) throw new Error(`no tokens: ${status} ${JSON.stringify(body)}`);
  return body;
}

// A signed-in native app of `user`.
export async function signedInApp(native, user) {
  const app = new NativeApp({ domain, clientId: native.client_id });
  await app.signIn({ realm, username: user.email, password: user.password });
  return app;
}

// Serves what `build(baseURL)` makes over HTTPS on a free port. End it with `close`. To a browser every name below .localhost is this
// machine, and another site.
export async function serveWeb(build, { host = 'localhost' } = {}) {
  const tls = process.env.SEGUE_TEST_TLS;
  let app = (request, response) => response.writeHead(503).end();
  const server = https.createServer(
    { cert: readFileSync(path.join(tls, 'cert.pem')), key: readFileSync(path.join(tls, 'key.pem')) },
    (request, response) => app(request, response),
  );
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const baseURL = `https://${host}:${server.address().port}`;
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  try {
    app = await build(baseURL);
  } catch (error) {
    await close();
    throw error;
  }
  return { baseURL, close };
}

// The sample's web app for a web client of its own. `more` goes into the client, `options` into the app.
export async function sampleWeb({ more, options } = {}) {
  let web;
  const served = await serveWeb(async (baseURL) => {
    web = await aWebClient(baseURL, more);
    return webApp({
      issuer: `https://${domain}`,
      baseURL,
      clientID: web.client_id,
      secret: randomBytes(32).toString('hex'),
      ...(typeof options === 'function' ? options(web) : options),
    });
  });
  return { ...served, web };
}

export const isLoginPage = (page) => new URL(page.url).origin === `https://${domain}` && new URL(page.url).pathname === '/u/login';

// Fills in the login page that `page` is, and goes on to where the sign-in ends.
export async function logIn(browser, page, { email, password }) {
  if (!isLoginPage(page)) throw new Error(`not the login page: ${page.status} ${page.url}`);
  return browser.submitAutomatic(await browser.submit(page, { username: email, password }));
}

// Who the web app says is signed in, or undefined.
export async function whoIsSignedIn(browser, baseURL) {
  const page = await browser.get(`${baseURL}/profile`);
  return page.status === 200 ? JSON.parse(page.text) : undefined;
}

export async function tokenRequest(parameters) {
  const response = await fetch(`https://${domain}/oauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(parameters),
  });
  return { status: response.status, body: await response.json() };
}

// Log rows reach the search tables within a second or so.
export async function logRow(matches, { within = 8000 } = {}) {
  const until = Date.now() + within;
  for (;;) {
    const rows = await management.call('GET', 'logs?per_page=50&sort=date:-1');
    const found = rows.find(matches);
    if (found || Date.now() > until) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
