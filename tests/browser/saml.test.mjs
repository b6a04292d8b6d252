// Sign-ins by SAML 2.0 and WS-Federation as Chromium takes part: with its rules about cookies, forms and redirects between sites, and with
// cookies of third parties kept and blocked.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { aNativeClient, aUser, domain, serveWeb, signedInApp } from '../peers/world.mjs';
import { desktop, logInOn, visit as visitWith } from './chromium.mjs';
import { bindings, isLoginPage, modes, plant, samlAppOf, shownBy, traced, wsfedApp } from './federation.mjs';

let ada, native;
before(async () => {
  ada = await aUser();
  native = await signedInApp(await aNativeClient(), ada);
});

for (const { cookies, blocks, start } of modes) {
  describe(`with cookies of third parties ${cookies}`, () => {
    let browser;
    before(async () => (browser = await start()));
    after(() => browser?.close());
    const visit = (journey, options = {}) => visitWith(browser, { ...desktop, ...options }, journey);

    test('Chromium does what the name of these tests says', async () => {
      let brought = 'no request';
      const answer = (request, response) => {
        if (request.url === '/image') brought = request.headers.cookie;
        response.writeHead(200, { 'set-cookie': 'known=1; Secure; SameSite=None', 'content-type': 'text/html' });
        response.end('<!doctype html><html lang="en"><title>Site</title>');
      };
      const [one, other] = await Promise.all(['one.localhost', 'other.localhost'].map((host) => serveWeb(() => answer, { host })));
      try {
        await visit(async (page) => {
          await page.goto(other.baseURL);
          await page.goto(one.baseURL);
          const load = (src) => new Promise((resolve) => Object.assign(new Image(), { onload: resolve, onerror: resolve, src }));
          await page.evaluate(load, `${other.baseURL}/image`);
          assert.equal(brought, blocks ? undefined : 'known=1');
        });
      } finally {
        await Promise.all([one.close(), other.close()]);
      }
    });

    const applications = {
      ...Object.fromEntries(bindings.map((binding) => [`passport-saml (${binding})`, () => samlAppOf(binding, 'expenses.localhost')])),
      'passport-wsfed-saml2': () => wsfedApp('payroll.localhost'),
    };
    for (const [name, build] of Object.entries(applications)) {
      describe(name, () => {
        let app;
        before(async () => (app = await build()));
        after(() => app?.close());

        for (const by of ['query', 'cookie']) {
          test(`opens signed in by the token of a native app (${by}), once`, () =>
            visit(async (page, context) => {
              const token = await native.sessionTransferToken();
              const start = `${app.baseURL}/login${by === 'query' ? `?session_transfer_token=${token}` : ''}`;
              if (by === 'cookie') await plant(context, token);
              const asked = traced(page);
              await page.goto(start);
              assert.equal(await shownBy(page, app), ada.email);
              assert.ok(!asked.some((request) => isLoginPage(new URL(request.url()))), 'no login page is shown');
              const left = (await context.cookies(`https://${domain}`)).map((each) => each.name);
              assert.ok(left.includes('auth0') && !left.includes('auth0_session_transfer_token'), left.join());
              // The application's pages learn nothing of the token from where the browser comes.
              for (const request of asked.filter((each) => each.url().startsWith(app.baseURL) && each.url() !== start)) {
                assert.ok(!request.url().includes(token) && !((await request.allHeaders()).referer ?? '').includes(token), request.url());
              }

              await visit(async (again, another) => {
                if (by === 'cookie') await plant(another, token);
                await again.goto(start);
                await again.waitForURL(isLoginPage);
                assert.ok(!again.url().includes(token) && !(await again.content()).includes(token));
                await logInOn(again, domain, ada);
                assert.equal(await shownBy(again, app), ada.email);
              });
            }));
        }

        test('needs no login page while the session lives', () =>
          visit(async (page) => {
            await page.goto(`${app.baseURL}/login`);
            await logInOn(page, domain, ada);
            assert.equal(await shownBy(page, app), ada.email);
            const asked = traced(page);
            // A page of the application begins, so that Chromium takes the request for one of another site.
            await Promise.all([
              page.waitForResponse((response) => response.url() === app.home && response.request().isNavigationRequest()),
              page.evaluate(() => location.assign('/login')),
            ]);
            assert.equal(await shownBy(page, app), ada.email);
            assert.ok(!asked.some((request) => isLoginPage(new URL(request.url()))), 'no login page is shown');
            const here = asked.filter((request) => request.url().startsWith(`https://${domain}/`)).map((request) => request.method());
            // A form of another site is sent again by a page of ours.
            assert.deepEqual(here, name.includes('HTTP-POST') ? ['POST', 'POST'] : ['GET']);
          }));
      });
    }
  });
}

describe('the page that posts the answer', () => {
  let browser, apps;
  before(async () => {
    browser = await modes[1].start();
    apps = {
      plain: await samlAppOf('HTTP-Redirect', 'expenses.localhost'),
      broker: await samlAppOf('HTTP-Redirect', 'broker.localhost', { welcome: (baseURL) => `${baseURL.replace('broker', 'front')}/` }),
    };
  });
  after(async () => {
    await browser?.close();
    await Promise.all(Object.values(apps ?? {}).map((each) => each.close()));
  });

  test('has a button where scripts are disabled', () =>
    visitWith(browser, { ...desktop, javaScriptEnabled: false }, async (page) => {
      await page.goto(`${apps.plain.baseURL}/login`);
      await logInOn(page, domain, ada);
      await page.getByRole('button', { name: 'Continue' }).last().click();
      assert.equal(await shownBy(page, apps.plain), ada.email);
    }));

  // Chromium holds the redirects that follow a form against the form-action of its page.
  test('lets the application lead on to another site', () =>
    visitWith(browser, desktop, async (page) => {
      await page.goto(`${apps.broker.baseURL}/login`);
      await logInOn(page, domain, ada);
      await page.waitForURL(`${apps.broker.baseURL.replace('broker', 'front')}/`);
    }));
});
