// @auth0/nextjs-auth0 in a Next.js app, in Chromium: its routes are the SDK's own, and it checks strictly what the server answers.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { aNativeClient, aUser, domain, issuer, signedInApp } from '../peers/world.mjs';
import { desktop, launch, logInOn, visit as visitWith } from './chromium.mjs';
import { serveNextApp } from './next_app.mjs';

let browser, app, ada;
before(async () => {
  browser = await launch();
  ada = await aUser();
  app = await serveNextApp();
});
after(async () => {
  await browser?.close();
  app?.close();
});

const visit = (journey) => visitWith(browser, desktop, journey);

async function greeted(page) {
  await page.waitForURL(`${app.baseURL}/`);
  assert.equal(await page.locator('#name').textContent(), ada.name);
}

async function signIn(page) {
  await page.goto(`${app.baseURL}/auth/login`);
  await logInOn(page, domain, ada);
  await greeted(page);
}

// What a route of the app answers to a call from its own page.
const call = (page, route) =>
  page.evaluate(async (url) => {
    const response = await fetch(url);
    return { status: response.status, body: response.headers.get('content-type')?.includes('json') ? await response.json() : undefined };
  }, `${app.baseURL}${route}`);

describe('nextjs-auth0', () => {
  test('/auth/login signs in and /auth/profile tells who it is', () =>
    visit(async (page) => {
      await page.goto(app.baseURL);
      assert.equal((await call(page, '/auth/profile')).status, 401);
      await page.click('text=Log in');
      await logInOn(page, domain, ada);
      await greeted(page);
      const { status, body } = await call(page, '/auth/profile');
      assert.equal(status, 200);
      assert.equal(body.sub, ada.user_id);
      assert.equal(body.email, ada.email);
    }));

  test('/auth/login?session_transfer_token=… signs in without a prompt', () =>
    visit(async (page) => {
      const native = await signedInApp(await aNativeClient(), ada);
      const token = await native.sessionTransferToken();
      await page.goto(`${app.baseURL}/auth/login?session_transfer_token=${encodeURIComponent(token)}`);
      await greeted(page);
      assert.ok(!page.url().includes(token));
    }));

  test('an access token is had, and is refreshed', () =>
    visit(async (page) => {
      await signIn(page);
      const first = await call(page, '/auth/access-token');
      assert.equal(first.status, 200);
      assert.ok(first.body.token);
      const second = await call(page, '/refresh');
      assert.equal(second.status, 200, JSON.stringify(second.body));
      assert.notEqual(second.body.token, first.body.token);
      const response = await fetch(`${issuer}userinfo`, { headers: { authorization: `Bearer ${second.body.token}` } });
      assert.equal((await response.json()).sub, ada.user_id);
      // The session holds the new one.
      assert.equal((await call(page, '/auth/access-token')).body.token, second.body.token);
    }));

  test('/auth/logout ends the session at the server too, and comes back', () =>
    visit(async (page) => {
      await signIn(page);
      const visited = [];
      page.on('request', (request) => visited.push(new URL(request.url()).pathname));
      await page.goto(`${app.baseURL}/auth/logout`);
      await page.waitForURL(`${app.baseURL}/`);
      await page.locator('text=Log in').waitFor();
      assert.ok(visited.includes('/oidc/logout'), 'by the end_session_endpoint, which the metadata names');
      await page.goto(`${app.baseURL}/auth/login`);
      await logInOn(page, domain, ada);
      await greeted(page);
    }));

  test('a session that is there needs no prompt', () =>
    visit(async (page, context) => {
      await signIn(page);
      await context.clearCookies({ name: /^__session/ });
      await page.goto(app.baseURL);
      await page.locator('text=Log in').waitFor();
      await page.goto(`${app.baseURL}/auth/login`);
      await greeted(page);
    }));

  test('prompt=none without a session comes back with login_required', () =>
    visit(async (page) => {
      const response = await page.goto(`${app.baseURL}/auth/login?prompt=none`);
      assert.equal(new URL(page.url()).searchParams.get('error'), 'login_required');
      assert.ok(response.status() >= 400);
    }));
});
