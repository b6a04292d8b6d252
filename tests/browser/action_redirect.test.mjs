// An Action sends the person to another site, which sends them back to /continue (contract §2.6, §8.5), as Chromium takes part: with its
// rules about cookies, forms and redirects between sites. The site is 127.0.0.1, another one to Chromium than localhost.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import {
  aNativeClient, aUser, client, domain, issuer, logRow, management, sampleWeb, serveWeb, signedInApp, tokenRequest,
} from '../peers/world.mjs';
import { desktop, launch, logInOn, visit as visitWith } from './chromium.mjs';

const secret = 'shared-with-the-site';
// Only clients that name a site are asked, as other tests share the server.
const code = `
exports.onExecutePostLogin = async (event, api) => {
  const site = event.client.metadata.terms_at;
  if (!site || !api.redirect.canRedirect()) return;
  const session_token = api.redirect.encodeToken({
    secret: event.secrets.SITE, expiresInSeconds: 60, payload: { email: event.user.email } });
  api.redirect.sendUserTo(site, { query: { session_token } });
};
exports.onContinuePostLogin = async (event, api) => {
  let answer;
  try {
    answer = api.redirect.validateToken({ secret: event.secrets.SITE, tokenParameterName: 'answer' });
  } catch (error) {
    return api.access.deny('The site was not believed: ' + error.message);
  }
  if (!answer.agreed) api.access.deny('The terms were declined.');
};`;

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const mac = (text, key) => createHmac('sha256', key).update(text).digest('base64url');
function signed(claims, key) {
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${text}.${mac(text, key)}`;
}
function opened(token) {
  const at = token.lastIndexOf('.');
  assert.equal(token.slice(at + 1), mac(token.slice(0, at), secret), 'the Action signed what it tells the site');
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
}

// The page of the terms: it greets, and offers every answer as a button.
function terms(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'https://site.example');
  if (pathname !== '/terms') return response.writeHead(404).end();
  const state = searchParams.get('state');
  const told = opened(searchParams.get('session_token'));
  const { sub, iat, exp } = told;
  const answer = (agreed, key) => signed({ iss: 'https://site.example', sub, iat, exp, state, agreed }, key);
  const form = (id, method, value) =>
    `<form id="${id}" method="${method}" action="https://${domain}/continue">` +
    `<input type="hidden" name="state" value="${state}"><input type="hidden" name="answer" value="${value}"><button>${id}</button></form>`;
  response.writeHead(200, { 'content-type': 'text/html' }).end(
    `<!doctype html><html lang="en"><title>Terms</title><h1>Terms for <span id="email">${told.email}</span></h1>` +
      form('agree', 'get', answer(true, secret)) +
      form('agree-by-post', 'post', answer(true, secret)) +
      form('decline', 'get', answer(false, secret)) +
      form('forge', 'get', answer(true, 'guessed')) +
      form('echo', 'get', searchParams.get('session_token')),
  );
}

let browser, site, web, ada, native, device, action;
before(async () => {
  browser = await launch();
  ada = await aUser();
  site = await serveWeb(() => terms);
  site.url = `${site.baseURL.replace('localhost', '127.0.0.1')}/terms`;
  const client_metadata = { terms_at: site.url };
  web = await sampleWeb({ more: { client_metadata } });
  native = await aNativeClient();
  device = await client({
    app_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
    client_metadata,
  });
  action = await management.call('POST', 'actions/actions', {
    name: 'Terms of another site',
    supported_triggers: [{ id: 'post-login', version: 'v3' }],
    code,
    secrets: [{ name: 'SITE', value: secret }],
    deploy: true,
  });
  await management.call('PATCH', 'actions/triggers/post-login/bindings', { bindings: [{ ref: { type: 'action_id', value: action.id } }] });
});
after(async () => {
  await browser?.close();
  await site?.close();
  await web?.close();
  await management.call('PATCH', 'actions/triggers/post-login/bindings', { bindings: [] });
  await management.call('DELETE', `actions/actions/${action.id}`);
});

const visit = (journey) => visitWith(browser, desktop, journey);
const arrives = async (page) => {
  await page.waitForURL((url) => url.href.startsWith(`${site.url}?`));
  assert.equal(await page.locator('#email').textContent(), ada.email);
};
const presses = (page, id) => page.click(`#${id} button`);
const greeted = async (page) => {
  await page.waitForURL(`${web.baseURL}/`);
  assert.equal(await page.locator('#name').textContent(), ada.name);
};
const sessionOf = async (context) => (await context.cookies(`https://${domain}`)).find(({ name }) => name === 'auth0');

describe('an Action that sends the person to another site', () => {
  for (const id of ['agree', 'agree-by-post']) {
    test(`has them back signed in (${id})`, () =>
      visit(async (page, context) => {
        await page.goto(`${web.baseURL}/login`);
        await logInOn(page, domain, ada);
        await arrives(page);
        assert.equal(await sessionOf(context), undefined, 'no session before they are back');
        await presses(page, id);
        await greeted(page);
        assert.ok(await sessionOf(context));
      }));
  }

  for (const [id, why] of Object.entries({
    decline: /The terms were declined/,
    forge: /The site was not believed: .*signature/,
    echo: /The site was not believed: .*state/,
  })) {
    test(`lets nobody in otherwise (${id})`, () =>
      visit(async (page, context) => {
        await page.goto(`${web.baseURL}/login`);
        await logInOn(page, domain, ada);
        await arrives(page);
        await presses(page, id);
        await page.waitForURL((url) => url.href.startsWith(`${web.baseURL}/callback`));
        assert.ok(await logRow(({ client_id, description }) => client_id === web.web.client_id && why.test(description)));
        assert.equal(await sessionOf(context), undefined);
        await page.goto(`${web.baseURL}/login`);
        await page.waitForURL((url) => url.host === domain && url.pathname === '/u/login');
      }));
  }

  test('has them back once: the page before says that it is over', () =>
    visit(async (page) => {
      await page.goto(`${web.baseURL}/login`);
      await logInOn(page, domain, ada);
      await arrives(page);
      const before = page.url();
      await presses(page, 'agree');
      await greeted(page);
      await page.goto(before);
      await presses(page, 'agree');
      await page.waitForURL((url) => url.host === domain && url.pathname === '/continue');
      assert.match(await page.locator('main').textContent(), /Go back to the application and sign in again/);
    }));

  test('does so inside a handoff, which ends signed in', () =>
    visit(async (page) => {
      const app = await signedInApp(native, ada);
      await page.goto(`${web.baseURL}/login?session_transfer_token=${encodeURIComponent(await app.sessionTransferToken())}`);
      await arrives(page);
      await presses(page, 'agree');
      await greeted(page);
    }));

  test('does so before a device is connected', () =>
    visit(async (page) => {
      const asked = await fetch(`${issuer}oauth/device/code`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: device.client_id, scope: 'openid email' }),
      });
      const { device_code, verification_uri_complete } = await asked.json();
      const poll = () => tokenRequest({ grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: device.client_id, device_code });
      await page.goto(verification_uri_complete);
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByRole('button', { name: 'Yes, sign in' }).click();
      await logInOn(page, domain, ada);
      await arrives(page);
      assert.equal((await poll()).body.error, 'authorization_pending');
      await presses(page, 'agree');
      await page.getByRole('heading', { name: 'Your device is connected' }).waitFor();
      await new Promise((resolve) => setTimeout(resolve, 5500)); // the interval of polls
      const { status, body } = await poll();
      assert.equal(status, 200, JSON.stringify(body));
      assert.equal(JSON.parse(Buffer.from(body.id_token.split('.')[1], 'base64url')).email, ada.email);
    }));
});
