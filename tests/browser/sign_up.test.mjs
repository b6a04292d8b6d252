// People without an account: the sign-up page of an authorization request in Chromium, by the application's wish and by an invitation to
// an organization (contract §2.1). Screenshots go to build/screenshots.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { client, domain, logRow, management, realm, serveWeb, tokenRequest } from '../peers/world.mjs';
import { desktop, launch, phone, visit as visitWith } from './chromium.mjs';

const screenshots = path.resolve(import.meta.dirname, '../../build/screenshots');
const password = 'Correct-horse-7';
const someone = () => `grace.${randomBytes(4).toString('hex')}@example.com`;
const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

// /login passes its query on to /authorize; /callback shows who came.
async function app(baseURL) {
  const registered = await client({
    app_type: 'regular_web',
    callbacks: [`${baseURL}/callback`],
    grant_types: ['authorization_code'],
    organization_usage: 'allow',
    initiate_login_uri: 'https://app.example/login',
  });
  const redirect_uri = `${baseURL}/callback`;
  const routes = async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, baseURL);
    if (pathname === '/login') {
      const query = new URLSearchParams({ client_id: registered.client_id, redirect_uri, response_type: 'code', scope: 'openid email' });
      for (const name of ['screen_hint', 'invitation', 'organization']) if (searchParams.has(name)) query.set(name, searchParams.get(name));
      return response.writeHead(302, { location: `https://${domain}/authorize?${query}` }).end();
    }
    if (pathname !== '/callback') return response.writeHead(404).end();
    const { client_id, client_secret } = registered;
    const { status, body } = await tokenRequest({
      grant_type: 'authorization_code', client_id, client_secret, redirect_uri, code: searchParams.get('code') ?? '' });
    const told = status === 200 ? claims(body.id_token) : body;
    response.writeHead(200, { 'content-type': 'text/html' }).end(
      `<!doctype html><html lang="en"><title>App</title><p id="email">${told.email}</p><p id="organization">${told.org_id}</p>`);
  };
  return { routes, registered };
}

let browser, web, registered;
before(async () => {
  mkdirSync(screenshots, { recursive: true });
  browser = await launch();
  web = await serveWeb(async (baseURL) => {
    const built = await app(baseURL);
    registered = built.registered;
    return built.routes;
  });
});
after(async () => {
  await browser?.close();
  await web?.close();
});

const visit = (options, journey) => visitWith(browser, options, journey);
const at = (page, pathname) => page.waitForURL((url) => url.host === domain && url.pathname === pathname);
const arrived = async (page, email) => {
  await page.waitForURL((url) => url.origin === web.baseURL);
  assert.equal(await page.locator('#email').textContent(), email);
};
const shoot = (page, name) => page.screenshot({ path: path.join(screenshots, `${name}.png`), fullPage: true });

describe('the sign-up page', () => {
  for (const [device, options] of Object.entries({ phone, desktop })) {
    test(`comes first where the application asks for it, and signs in whoever signs up (${device})`, () =>
      visit(options, async (page) => {
        const email = someone();
        await page.goto(`${web.baseURL}/login?screen_hint=signup`);
        await at(page, '/u/signup');
        await shoot(page, `sign-up-${device}`);
        const isWide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
        assert.ok(!isWide, 'nothing is wider than the screen');
        await page.fill('input[name=email]', email);
        await page.fill('input[name=password]', 'short');
        await page.press('input[name=password]', 'Enter');
        assert.match(await page.getByRole('alert').textContent(), /too weak/);
        await shoot(page, `sign-up-error-${device}`);
        assert.equal(await page.inputValue('input[name=email]'), email, 'what was typed stays');
        assert.equal(await page.inputValue('input[name=password]'), '', 'but the password');
        await page.fill('input[name=password]', password);
        await page.press('input[name=password]', 'Enter');
        await arrived(page, email);
        await page.goto(`${web.baseURL}/login`);
        await arrived(page, email);
      }));
  }

  test('is a link away from the login page, and the login page from it', () =>
    visit(desktop, async (page) => {
      await page.goto(`${web.baseURL}/login`);
      await at(page, '/u/login');
      await page.getByRole('link', { name: 'Sign up' }).click();
      await at(page, '/u/signup');
      await page.getByRole('link', { name: 'Sign in' }).click();
      await at(page, '/u/login');
    }));

  test('works with scripts disabled, and has a label for each field', () =>
    visit({ ...desktop, javaScriptEnabled: false }, async (page) => {
      const email = someone();
      await page.goto(`${web.baseURL}/login?screen_hint=signup`);
      await at(page, '/u/signup');
      await page.getByLabel('Email').fill(email);
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Sign up' }).click();
      await arrived(page, email);
    }));
});

describe('an invitation', () => {
  test('leads whoever has no account to one, and into the organization', () =>
    visit(desktop, async (page) => {
      const email = someone();
      const [{ id: connection_id }] = await management.call('GET', `connections?name=${realm}`);
      const { id } = await management.call('POST', 'organizations', {
        name: `acme-${randomBytes(4).toString('hex')}`, enabled_connections: [{ connection_id }] });
      const invitation = await management.call('POST', `organizations/${id}/invitations`, {
        inviter: { name: 'Ada' }, invitee: { email }, client_id: registered.client_id, send_invitation_email: false });
      const { search } = new URL(invitation.invitation_url);
      await page.goto(`${web.baseURL}/login${search}`);
      await at(page, '/u/signup');
      await shoot(page, 'sign-up-invited');
      assert.equal(await page.inputValue('input[name=email]'), email);
      assert.ok(await page.locator('input[name=email]').evaluate((input) => input.readOnly), 'the address is fixed');
      await page.fill('input[name=password]', password);
      await page.press('input[name=password]', 'Enter');
      await arrived(page, email);
      assert.equal(await page.locator('#organization').textContent(), id);
      const [member] = await management.call('GET', `organizations/${id}/members`);
      assert.equal(member.email, email);
      assert.ok(await logRow(({ type, organization_id }) => type === 'si' && organization_id === id), 'it is in the log');
    }));
});
