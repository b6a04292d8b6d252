// What the tests of SAML 2.0 and WS-Federation in Chromium share: real applications, each on a site of its own.
import { mellonApp, readPage } from '../peers/mellon_app.mjs';
import { samlApp } from '../peers/saml_app.mjs';
import { serviceProvider, wsfedSaml2 } from '../peers/saml_strategies.mjs';
import { simplesamlphpApp } from '../peers/simplesamlphp_app.mjs';
import { domain } from '../peers/world.mjs';
import { relyingParty } from '../peers/wsfed_app.mjs';
import { launch, launchKeepingThirdPartyCookies } from './chromium.mjs';

const email = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress';

// Chromium with cookies of third parties, and without.
export const modes = [
  { cookies: 'kept', blocks: false, start: async () => launchKeepingThirdPartyCookies() },
  { cookies: 'blocked', blocks: true, start: launch },
];

export const bindings = ['HTTP-Redirect', 'HTTP-POST'];

// A form of another site brings no cookie that is Lax: an application that wants to be told by forms has others.
export async function samlAppOf(binding, host, more = {}) {
  const app = await samlApp({
    host,
    addon: { binding: `urn:oasis:names:tc:SAML:2.0:bindings:${binding}` },
    options: { authnRequestBinding: binding },
    cookie: { sameSite: binding === 'HTTP-POST' ? 'none' : 'lax' },
    ...more,
  });
  return {
    ...app,
    home: `${app.baseURL}/`,
    whoIsIn: async (page) => (await page.locator('#email').textContent()) || undefined,
  };
}

// An image brings no cookie that is Lax either.
export async function wsfedApp(host) {
  const app = await relyingParty({ host, cookie: { sameSite: 'none' } });
  return {
    ...app,
    home: `${app.baseURL}/profile`,
    whoIsIn: async (page) => JSON.parse(await page.textContent('body')).user?.[email],
  };
}

// passport-wsfed-saml2 again, with its other protocol. It keeps nobody signed in.
export async function wsfedLibraryBySaml(host) {
  const app = await serviceProvider({ signResponse: true }, wsfedSaml2(), { host });
  return { ...app, home: `${app.baseURL}/acs`, whoIsIn: async (page) => JSON.parse(await page.textContent('body')).user?.email };
}

// The two of Debian, each in an Apache of its own. `login` begins a sign-in, `logout` a logout that ends on `loggedOut`.
export async function mellonAt(host) {
  const { at, state, apache, web } = await mellonApp('mellon', { host });
  const back = (to) => new URLSearchParams({ ReturnTo: to });
  return {
    web,
    home: `${at}/`,
    login: `${at}/mellon/login?${back(`${at}/`)}`,
    logout: `${at}/mellon/logout?${back(state)}`,
    loggedOut: state,
    beside: state,
    whoIsIn: async (page) => readPage(await page.innerText('body')).MELLON_email,
    close: apache.close,
  };
}

export async function simplesamlphpAt(host) {
  const { at, apache, web } = await simplesamlphpApp('simplesamlphp', { host });
  const state = `${at}/app.php?state`;
  return {
    web,
    home: `${at}/app.php`,
    login: `${at}/app.php`,
    logout: `${at}/app.php?logout`,
    loggedOut: state,
    beside: state,
    whoIsIn: async (page) => JSON.parse(await page.innerText('body')).attributes[email]?.[0],
    close: apache.close,
  };
}

// Where `start` sends the browser to sign in. The browser does not get there: the request is as good as new.
export async function requestOf(page, start) {
  const devtools = await page.context().newCDPSession(page);
  const paused = new Promise((resolve) => devtools.once('Fetch.requestPaused', resolve));
  await devtools.send('Fetch.enable', { patterns: [{ urlPattern: `https://${domain}/*` }] });
  const ended = page.goto(start).catch(() => {});
  const { requestId, request } = await paused;
  await devtools.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' });
  await ended;
  await devtools.detach();
  return new URL(request.url);
}

// Waits until the application shows who is signed in.
export async function shownBy(page, app) {
  await page.waitForURL(app.home);
  return app.whoIsIn(page);
}

// Who is signed in at the application, in a window beside.
export async function besideAt(context, app) {
  const page = await context.newPage();
  await page.goto(app.beside ?? app.home);
  const who = await app.whoIsIn(page);
  await page.close();
  return who;
}

// What a native app does in its web view's store.
export async function plant(context, value) {
  const [host] = domain.split(':');
  const expires = Math.floor(Date.now() / 1000) + 60;
  await context.addCookies([
    { name: 'auth0_session_transfer_token', value, domain: host, path: '/', secure: true, httpOnly: true, sameSite: 'None', expires },
  ]);
}

export const isLoginPage = (url) => url.host === domain && url.pathname.startsWith('/u/login');

// The documents that the page asks for from now on.
export function traced(page) {
  const asked = [];
  page.on('request', (request) => request.isNavigationRequest() && asked.push(request));
  return asked;
}
