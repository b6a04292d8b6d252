// Single logout in Chromium: applications of SAML 2.0, told by redirects and by forms, and one of WS-Federation, told by an image.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { aUser, domain, issuer } from '../peers/world.mjs';
import { desktop, logInOn, visit as visitWith } from './chromium.mjs';
import { besideAt, bindings, isLoginPage, modes, samlAppOf, shownBy, wsfedApp } from './federation.mjs';

let ada;
before(async () => (ada = await aUser()));

for (const { cookies, blocks, start } of modes) {
  // What an image brings is the difference between the modes.
  for (const binding of blocks ? bindings : bindings.slice(0, 1)) {
    describe(`by ${binding}, with cookies of third parties ${cookies}`, () => {
      let browser, expenses, travel, payroll, all;
      before(async () => {
        browser = await start();
        expenses = await samlAppOf(binding, 'expenses.localhost');
        travel = await samlAppOf(binding, 'travel.localhost');
        payroll = await wsfedApp('payroll.localhost');
        all = [expenses, travel, payroll];
      });
      after(async () => {
        await browser?.close();
        await Promise.all((all ?? []).map((each) => each.close()));
      });

      const visit = (journey) =>
        visitWith(browser, desktop, async (page, context) => {
          for (const app of all) {
            await page.goto(`${app.baseURL}/login`);
            if (app === expenses) await logInOn(page, domain, ada);
            assert.equal(await shownBy(page, app), ada.email);
          }
          const endedItself = await journey(page, context);
          // An image brings its site's cookies only where those of third parties are kept: WS-Federation has nothing better.
          const reached = (app) => app !== payroll || !blocks || endedItself;
          for (const app of all) assert.equal(await besideAt(context, app), reached(app) ? undefined : ada.email, app.baseURL);
          await page.goto(`${expenses.baseURL}/login`);
          await page.waitForURL(isLoginPage);
        });

      test('an application that signs out takes the others along', () =>
        visit(async (page) => {
          await page.goto(`${travel.baseURL}/logout`);
          await page.waitForURL((url) => url.origin === travel.baseURL && url.pathname === '/slo');
          assert.deepEqual(JSON.parse(await page.textContent('body')), { ended: true });
        }));

      test('/v2/logout signs out of every application', () =>
        visit(async (page) => {
          const returnTo = `${payroll.baseURL}/goodbye`;
          await page.goto(`${issuer}v2/logout?${new URLSearchParams({ client_id: payroll.record.client_id, returnTo })}`);
          await page.waitForURL(returnTo);
        }));

      // It ends its own session before it goes, as it is not told.
      test('an application of WS-Federation that signs out takes the others along', () =>
        visit(async (page, context) => {
          await context.clearCookies({ name: 'rp' });
          const wreply = `${payroll.baseURL}/goodbye`;
          const query = new URLSearchParams({ wa: 'wsignout1.0', wtrealm: payroll.realm, wreply });
          await page.goto(`${payroll.identityProvider.signOnUrl}?${query}`);
          await page.waitForURL(wreply);
          return true;
        }));

      if (blocks) return;
      test('an application that signs nothing takes the others along when the person agrees', async (t) => {
        const unsigned = await samlAppOf(binding, 'unsigned.localhost', {
          addon: (baseURL) => ({ signingCert: undefined, logout: { callback: `${baseURL}/slo`, slo_enabled: false } }),
          options: { privateKey: undefined, authnRequestBinding: binding },
        });
        t.after(unsigned.close);
        await visit(async (page) => {
          await page.goto(`${unsigned.baseURL}/login`);
          assert.equal(await shownBy(page, unsigned), ada.email);
          await page.goto(`${unsigned.baseURL}/logout`);
          await page.waitForURL((url) => url.host === domain);
          await page.getByRole('button').first().click();
          await page.waitForURL((url) => url.origin === unsigned.baseURL && url.pathname === '/slo');
          assert.deepEqual(JSON.parse(await page.textContent('body')), { ended: true });
        });
      });
    });
  }
}
