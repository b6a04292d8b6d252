// The native app, scripted. It signs its user in, swaps the refresh token for a session transfer token, and opens the web app with it.
//
//   node native/app.mjs cookie   plants the token as a cookie, opens the web app, and reads the page
//   node native/app.mjs query    appends the token to the web app's login URL, and reads the page
//   node native/app.mjs demo     both; exits 0 only if the web app greets the user both times
//   node native/app.mjs open     prints a login URL for your own browser (valid for one minute, once)
import { readFileSync, realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { Browser, redact } from './browser.mjs';

export class NativeApp {
  #domain;
  #clientId;
  #onStep;
  #refreshToken;

  constructor({ domain, clientId, onStep = () => {} }) {
    this.#domain = domain;
    this.#clientId = clientId;
    this.#onStep = onStep;
  }

  async signIn({ realm, username, password }) {
    const tokens = await this.#token('sign in with the password', {
      grant_type: 'http://auth0.com/oauth/grant-type/password-realm',
      realm,
      username,
      password,
      scope: 'openid profile email offline_access',
    });
    this.#refreshToken = tokens.refresh_token;
    return tokens;
  }

  // A token lives for a minute and works once, so it is fetched just before the browser opens.
  async sessionTransferToken() {
    const answer = await this.#token('refresh token → session transfer token', {
      grant_type: 'refresh_token',
      refresh_token: this.#refreshToken,
      audience: `urn:${this.#domain}:session_transfer`,
    });
    this.#refreshToken = answer.refresh_token ?? this.#refreshToken;
    return answer.access_token;
  }

  async #token(what, parameters) {
    const url = new URL(`https://${this.#domain}/oauth/token`);
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ client_id: this.#clientId, ...parameters }),
    });
    this.#onStep({ method: 'POST', url, status: response.status, what });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${what}: ${response.status} ${answer.error}: ${answer.error_description}`);
    return answer;
  }
}

// Opens the web app's login page in `browser` with `token`, by cookie or by URL parameter, and returns where it ends.
export function openWebApp(browser, { domain, baseURL, token, by }) {
  const login = new URL('/login', baseURL);
  if (by === 'cookie') browser.plant(`https://${domain}`, 'auth0_session_transfer_token', token);
  else login.searchParams.set('session_transfer_token', token);
  return browser.open(login);
}

function printer(who) {
  return ({ method, url, status, what, cookies }) => {
    const note = what ?? (cookies?.includes('auth0_session_transfer_token') && 'with cookie auth0_session_transfer_token=[redacted]');
    console.log(`  ${who.padEnd(10)} ${method.padEnd(4)} ${redact(url)}  → ${status}${note ? `   (${note})` : ''}`);
  };
}

async function handOff(sample, by) {
  console.log(`\nHandoff by ${by === 'cookie' ? 'cookie' : 'URL parameter'}`);
  const app = new NativeApp({ domain: sample.domain, clientId: sample.native.client_id, onStep: printer('native app') });
  const { email: username, password, name } = sample.user;
  await app.signIn({ realm: sample.realm, username, password });
  const token = await app.sessionTransferToken();
  const browser = new Browser({ onStep: printer('browser') });
  const page = await openWebApp(browser, { domain: sample.domain, baseURL: sample.web.base_url, token, by });
  const heading = /<h1>([\s\S]*?)<\/h1>/.exec(page.text)?.[1].replace(/<[^>]*>/g, '') ?? `(no heading on ${redact(page.url)})`;
  const profile = await browser.get(new URL('/profile', sample.web.base_url));
  const user = profile.status === 200 ? JSON.parse(profile.text) : undefined;
  console.log(`  the web app says: ${heading}`);
  return heading === `Signed in as ${name}` && user?.sub === sample.user.user_id;
}

async function main(command = 'demo') {
  const sample = JSON.parse(readFileSync(process.env.SAMPLE_FILE ?? 'var/sample.json', 'utf8'));
  if (command === 'open') {
    const app = new NativeApp({ domain: sample.domain, clientId: sample.native.client_id });
    await app.signIn({ realm: sample.realm, username: sample.user.email, password: sample.user.password });
    const login = new URL('/login', sample.web.base_url);
    login.searchParams.set('session_transfer_token', await app.sessionTransferToken());
    console.log(login.href);
    return true;
  }
  const ways = { cookie: ['cookie'], query: ['query'], demo: ['cookie', 'query'] }[command];
  if (!ways) throw new Error('usage: app.mjs cookie|query|demo|open');
  let good = true;
  for (const by of ways) good = (await handOff(sample, by)) && good;
  console.log(good ? '\nThe user of the native app is signed in on the web.' : '\nThe handoff failed.');
  return good;
}

if (import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  try {
    process.exitCode = (await main(process.argv[2])) ? 0 : 1;
  } catch (error) {
    console.error(error.cause ? `${error.message}: ${error.cause.message}` : error.message);
    process.exitCode = 1;
  }
}
