// Service providers that read SAML 2.0 by code of their own (C, PHP, JavaScript), unmodified and set up from metadata, in Chromium: Debian's
// mod_auth_mellon and SimpleSAMLphp behind Apache, and passport-wsfed-saml2. Cookies of third parties are blocked.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { skip as withoutMellon } from '../peers/mellon_app.mjs';
import { skip as withoutSimplesamlphp } from '../peers/simplesamlphp_app.mjs';
import { aNativeClient, aUser, aWebClient, domain, issuer, serveWeb, signedInApp } from '../peers/world.mjs';
import { desktop, launch, logInOn, visit as visitWith } from './chromium.mjs';
import { besideAt, isLoginPage, mellonAt, plant, requestOf, shownBy, simplesamlphpAt, traced, wsfedLibraryBySaml } from './federation.mjs';

let browser, nativeClient, portal, home;
before(async () => {
  browser = await launch();
  nativeClient = await aNativeClient();
  portal = await serveWeb(async (baseURL) => {
    home = await aWebClient(baseURL, { allowed_logout_urls: [`${baseURL}/bye`] });
    return (request, response) => response.end('Goodbye');
  }, { host: 'portal.localhost' });
});
after(async () => {
  await browser?.close();
  await portal?.close();
});
// Somebody new, signed in at a native app: of one person in two browsers, mellon ends the session that it finds first.
async function somebody() {
  const user = await aUser();
  return { user, token: await (await signedInApp(nativeClient, user)).sessionTransferToken() };
}
const visit = (journey) => visitWith(browser, desktop, journey);
const noLoginPage = (asked) => assert.ok(!asked.some((request) => isLoginPage(new URL(request.url()))), 'no login page is shown');

const applications = {
  mod_auth_mellon: [withoutMellon, () => mellonAt('mellon.localhost')],
  SimpleSAMLphp: [withoutSimplesamlphp, () => simplesamlphpAt('php.localhost')],
};
for (const [name, [skip, build]] of Object.entries(applications)) {
  describe(name, { skip }, () => {
    let app;
    before(async () => (app = await build()));
    after(() => app?.close());

    async function openedByCookie(page, context) {
      const { user, token } = await somebody();
      await plant(context, token);
      const asked = traced(page);
      await page.goto(app.home);
      assert.equal(await shownBy(page, app), user.email);
      assert.equal(await besideAt(context, app), user.email);
      noLoginPage(asked);
    }
    // The application has forgotten them, and so has the identity provider.
    async function asksForSignIn(page, context) {
      assert.equal(await besideAt(context, app), undefined);
      await page.goto(app.home);
      await page.waitForURL(isLoginPage);
    }

    test('opens signed in by the token of a native app in the query, once, and shows the attribute of the person', () =>
      visit(async (page) => {
        const { user, token } = await somebody();
        const withToken = async (each) => {
          const request = await requestOf(each, app.login);
          request.searchParams.set('session_transfer_token', token);
          return request.href;
        };
        const start = await withToken(page);
        const asked = traced(page);
        await page.goto(start);
        assert.equal(await shownBy(page, app), user.email);
        noLoginPage(asked);
        for (const request of asked.filter((each) => new URL(each.url()).host !== domain)) {
          assert.ok(!request.url().includes(token) && !((await request.allHeaders()).referer ?? '').includes(token), request.url());
        }
        await visit(async (again) => {
          await again.goto(await withToken(again));
          await logInOn(again, domain, user);
          assert.equal(await shownBy(again, app), user.email);
        });
      }));

    test('opens signed in by the token of a native app in a cookie, and a logout that it begins ends both sessions', () =>
      visit(async (page, context) => {
        await openedByCookie(page, context);
        await page.goto(app.logout);
        await page.waitForURL(app.loggedOut);
        await asksForSignIn(page, context);
      }));

    test('is signed out by /v2/logout, and asks for a sign-in again', () =>
      visit(async (page, context) => {
        await openedByCookie(page, context);
        const returnTo = `${portal.baseURL}/bye`;
        await page.goto(`${issuer}v2/logout?${new URLSearchParams({ client_id: home.client_id, returnTo })}`);
        await page.waitForURL(returnTo);
        await asksForSignIn(page, context);
      }));
  });
}

describe('passport-wsfed-saml2 with its protocol samlp', () => {
  test('opens signed in by the token of a native app, once', async (t) => {
    const app = await wsfedLibraryBySaml('payroll.localhost');
    t.after(app.close);
    const { user, token } = await somebody();
    const start = `${app.baseURL}/login?session_transfer_token=${token}`;
    await visit(async (page) => {
      const asked = traced(page);
      await page.goto(start);
      assert.equal(await shownBy(page, app), user.email);
      noLoginPage(asked);
    });
    await visit(async (page) => {
      await page.goto(start);
      await logInOn(page, domain, user);
      assert.equal(await shownBy(page, app), user.email);
    });
  });
});
