// SAML 2.0 and WS-Federation as Chromium takes part: with its rules about cookies, forms and redirects between sites, and with cookies of
// third parties kept and blocked. Every application stands on a site of its own.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { samlApp } from '../peers/saml_app.mjs';
import { aNativeClient, aUser, domain, issuer, logRow, serveWeb, signedInApp } from '../peers/world.mjs';
import { relyingParty } from '../peers/wsfed_app.mjs';
import { desktop, launch, launchKeepingThirdPartyCookies, logInOn, visit as visitWith } from './chromium.mjs';

const bindings = ['HTTP-Redirect', 'HTTP-POST'];
const emailClaim = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress';

let ada, native;
before(async () => {
  ada = await aUser();
  native = await signedInApp(await aNativeClient(), ada);
});

async function plant(context, value) {
  const [host] = domain.split(':');
  const expires = Math.floor(Date.now() / 1000) + 60;
  await context.addCookies([
    { name: 'auth0_session_transfer_token', value, domain: host, path: '/', secure: true, httpOnly: true, sameSite: 'None', expires },
  ]);
}

// Who the application says is signed in.
const apps = {
  async saml({ page, app }) {
    await page.waitForURL(`${app.baseURL}/`);
    return page.locator('#email').textContent();
  },
  async wsfed({ page, app }) {
    await page.waitForURL(`${app.baseURL}/profile`);
    return JSON.parse(await page.textContent('body')).user[emailClaim];
  },
};

const prompted = (page) => page.waitForURL((url) => url.host === domain && url.pathname === '/u/login');
async function isSignedIn(context, { baseURL }, path) {
  const page = await context.newPage();
  await page.goto(`${baseURL}${path}`);
  const text = await page.textContent('body');
  await page.close();
  return text.includes(ada.email);
}

// Every address that the page has been led to.
function traced(page) {
  const led = [];
  page.on('request', (request) => request.isNavigationRequest() && led.push(request));
  return {
    sawLoginPage: () => led.some((request) => new URL(request.url()).pathname.startsWith('/u/login')),
    to: (app) => led.filter((request) => request.url().startsWith(app.baseURL)),
  };
}

for (const blocksThirdPartyCookies of [false, true]) {
  describe(`with cookies of third parties ${blocksThirdPartyCookies ? 'blocked' : 'kept'}`, () => {
    let browser, samlApps, wsfed;
    before(async () => {
      browser = await (blocksThirdPartyCookies ? launch() : launchKeepingThirdPartyCookies());
      samlApps = Object.fromEntries(
        await Promise.all(
          bindings.map(async (binding) => {
            // A form of another site brings no cookie that is Lax: an application that wants forms has others.
            const app = (host) =>
              samlApp({
                host,
                addon: { binding: `urn:oasis:names:tc:SAML:2.0:bindings:${binding}` },
                options: { authnRequestBinding: binding },
                cookie: { sameSite: binding === 'HTTP-POST' ? 'none' : 'lax' },
              });
            return [binding, await Promise.all(['expenses.localhost', 'travel.localhost'].map(app))];
          }),
        ),
      );
      wsfed = await relyingParty({ host: 'payroll.localhost', cookie: { sameSite: 'none' } });
    });
    after(async () => {
      await browser?.close();
      await Promise.all([wsfed, ...Object.values(samlApps ?? {}).flat()].map((each) => each?.close()));
    });
    const visit = (journey) => visitWith(browser, desktop, journey);

    test('Chromium does as the name of these tests says', async () => {
      let brought;
      const other = await serveWeb(() => (request, response) => {
        if (request.url === '/image') brought = request.headers.cookie;
        response.writeHead(200, { 'set-cookie': 'known=1; Secure; SameSite=None', 'content-type': 'text/html' }).end('<!doctype html><title>Other</title>');
      }, { host: 'other.localhost' });
      try {
        await visit(async (page) => {
          await page.goto(other.baseURL);
          await page.goto(`${samlApps['HTTP-POST'][0].baseURL}/`);
          await page.evaluate((src) => new Promise((resolve) => Object.assign(new Image(), { onload: resolve, onerror: resolve, src })), `${other.baseURL}/image`);
          assert.equal(brought, blocksThirdPartyCookies ? undefined : 'known=1');
        });
      } finally {
        await other.close();
      }
    });

    const kinds = [
      ...bindings.map((binding) => [`passport-saml (${binding})`, apps.saml, () => samlApps[binding][0]]),
      ['passport-wsfed-saml2', apps.wsfed, () => wsfed],
    ];
    for (const [name, whoIsIn, application] of kinds) {
      describe(name, () => {
        let app;
        before(() => (app = application()));

        for (const by of ['query', 'cookie']) {
          test(`opens signed in by a native app's token (${by}), once`, () =>
            visit(async (page, context) => {
              const token = await native.sessionTransferToken();
              const login = `${app.baseURL}/login${by === 'query' ? `?session_transfer_token=${token}` : ''}`;
              if (by === 'cookie') await plant(context, token);
              const trace = traced(page);
              await page.goto(login);
              assert.equal(await whoIsIn({ page, app }), ada.email);
              assert.ok(!trace.sawLoginPage());
              const left = (await context.cookies(`https://${domain}`)).map((each) => each.name);
              assert.ok(left.includes('auth0') && !left.includes('auth0_session_transfer_token'), left.join());
              // Whoever reads the answer learns nothing of the token from where it came.
              for (const request of trace.to(app).slice(1)) {
                assert.ok(!request.url().includes(token) && !((await request.allHeaders()).referer ?? '').includes(token), request.url());
              }
              await visit(async (again, another) => {
                if (by === 'cookie') await plant(another, token);
                await again.goto(login);
                await prompted(again);
                assert.ok(!again.url().includes(token) && !(await again.content()).includes(token));
                await logInOn(again, domain, ada);
                assert.equal(await whoIsIn({ page: again, app }), ada.email);
              });
            }));
        }

        test('needs no login page where the session lives', () =>
          visit(async (page) => {
            await page.goto(`${app.baseURL}/login`);
            await logInOn(page, domain, ada);
            assert.equal(await whoIsIn({ page, app }), ada.email);
            const trace = traced(page);
            // By a link of a page of the application, so that the way begins at another site.
            await page.evaluate(() => location.assign('/login'));
            await page.waitForURL((url) => url.host === domain).catch(() => {});
            assert.equal(await whoIsIn({ page, app }), ada.email);
            assert.ok(!trace.sawLoginPage());
            assert.ok(trace.to(app).some((request) => request.method() === 'POST'));
          }));
      });
    }

    // --- Signing out. ---

    async function signedInEverywhere(page, all) {
      for (const app of all) {
        await page.goto(`${app.baseURL}/login`);
        if (app === all[0]) await logInOn(page, domain, ada);
        assert.equal(await (app === wsfed ? apps.wsfed : apps.saml)({ page, app }), ada.email);
      }
    }

    // An image brings its site's cookies only where those of third parties are kept: nothing better exists in WS-Federation.
    async function signedOutEverywhere(page, context, all) {
      for (const app of all) {
        const staysIn = app === wsfed && blocksThirdPartyCookies;
        assert.equal(await isSignedIn(context, app, app === wsfed ? '/profile' : '/'), staysIn, app.baseURL);
      }
      await page.goto(`${all[0].baseURL}/login`);
      await prompted(page);
    }

    for (const binding of bindings) {
      test(`an application that signs out takes the others along (${binding})`, () =>
        visit(async (page, context) => {
          const [first, second] = samlApps[binding];
          await signedInEverywhere(page, [first, second, wsfed]);
          await page.goto(`${second.baseURL}/logout`);
          await page.waitForURL((url) => url.origin === second.baseURL && url.pathname === '/slo');
          assert.deepEqual(JSON.parse(await page.textContent('body')), { ended: true });
          await signedOutEverywhere(page, context, [first, second, wsfed]);
        }));

      test(`/v2/logout signs out of every application (${binding})`, () =>
        visit(async (page, context) => {
          const all = [...samlApps[binding], wsfed];
          await signedInEverywhere(page, all);
          const returnTo = `${wsfed.baseURL}/goodbye`;
          await page.goto(`${issuer}v2/logout?${new URLSearchParams({ client_id: wsfed.record.client_id, returnTo })}`);
          await page.waitForURL(returnTo);
          await signedOutEverywhere(page, context, all);
        }));
    }
  });
}
