// What the tests of SAML 2.0 and WS-Federation in Chromium share: real applications, each on a site of its own.
import { samlApp } from '../peers/saml_app.mjs';
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

// Waits until the application shows who is signed in.
export async function shownBy(page, app) {
  await page.waitForURL(app.home);
  return app.whoIsIn(page);
}

// Who is signed in at the application, in a window beside.
export async function besideAt(context, app) {
  const page = await context.newPage();
  await page.goto(app.home);
  const who = await app.whoIsIn(page);
  await page.close();
  return who;
}

export const isLoginPage = (url) => url.host === domain && url.pathname.startsWith('/u/login');

// The documents that the page asks for from now on.
export function traced(page) {
  const asked = [];
  page.on('request', (request) => request.isNavigationRequest() && asked.push(request));
  return asked;
}
