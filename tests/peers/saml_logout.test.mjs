// Single logout with unmodified service providers of SAML 2.0, npm @node-saml/passport-saml, over TLS and in both directions: one of
// them begins, or the identity provider does. What they know of it they have from its metadata.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { samlApp } from './saml_app.mjs';
import { skip as withoutSchemas } from './schemas.mjs';
import { kindsHeld } from './sent_messages.mjs';
import { Browser, aUser, aWebClient, issuer, isLoginPage, logIn, logRow } from './world.mjs';

const isSignedIn = async (browser, { baseURL }) => (await browser.get(`${baseURL}/me`)).status === 200;

for (const binding of ['HTTP-Redirect', 'HTTP-POST']) {
  describe(`passport-saml, told by ${binding}`, () => {
    let ada, sps, home;
    before(async () => {
      ada = await aUser();
      sps = await Promise.all([0, 1, 2].map(() => samlApp({ addon: { binding: `urn:oasis:names:tc:SAML:2.0:bindings:${binding}` } })));
      home = await aWebClient('https://home.example', { allowed_logout_urls: ['https://home.example/bye'] });
    });
    after(() => Promise.all((sps ?? []).map((each) => each.close())));

    async function signedInEverywhere() {
      const browser = new Browser({ stopAt: 'https://home.example' });
      for (const sp of sps) {
        const page = await browser.open(`${sp.baseURL}/login`);
        if (isLoginPage(page)) await logIn(browser, page, ada);
        assert.ok(await isSignedIn(browser, sp), page.text.slice(0, 300));
      }
      return browser;
    }
    async function signedInNowhere(browser) {
      for (const sp of sps) assert.ok(!(await isSignedIn(browser, sp)), sp.baseURL);
      assert.ok(isLoginPage(await browser.open(`${sps[0].baseURL}/login`)));
    }

    test('signs out everywhere when one of them begins', async () => {
      const browser = await signedInEverywhere();
      const page = await browser.open(`${sps[1].baseURL}/logout`);
      assert.equal(page.status, 200, page.text.slice(0, 500));
      assert.equal(new URL(page.url).origin, sps[1].baseURL);
      assert.deepEqual(JSON.parse(page.text), { ended: true });
      await signedInNowhere(browser);
      const row = await logRow((each) => each.type === 'slo' && each.client_id === sps[1].web.client_id);
      assert.equal(row.details.protocol, 'samlp');
      assert.equal(row.user_id, ada.user_id);
    });

    test('signs out everywhere when the identity provider begins', async () => {
      const browser = await signedInEverywhere();
      const query = new URLSearchParams({ client_id: home.client_id, returnTo: 'https://home.example/bye' });
      const page = await browser.open(`${issuer}v2/logout?${query}`);
      assert.equal(page.url, 'https://home.example/bye');
      await signedInNowhere(browser);
    });

    test('goes on where one of them fails, and says who', async () => {
      const browser = await signedInEverywhere();
      // The application has somebody else in this browser.
      sps[0].people.set(browser.cookie(sps[0].baseURL, sps[0].cookie), { nameID: 'somebody else' });
      const page = await browser.open(`${sps[1].baseURL}/logout`);
      assert.deepEqual(JSON.parse(page.text), { ended: true });
      await signedInNowhere(browser);
      const row = await logRow((each) => each.type === 'flo' && each.details?.untold?.includes(sps[0].web.client_id));
      assert.deepEqual(row.details.untold, [sps[0].web.client_id]);
    });

    test('is not believed about the session of somebody else', async () => {
      const grace = await aUser('Grace Hopper');
      const mine = await signedInEverywhere();
      const theirs = new Browser();
      await logIn(theirs, await theirs.open(`${sps[0].baseURL}/login`), grace);
      // Grace's logout request in Ada's browser.
      const headers = { cookie: `${sps[0].cookie}=${theirs.cookie(sps[0].baseURL, sps[0].cookie)}` };
      const sent = await fetch(`${sps[0].baseURL}/logout`, { redirect: 'manual', headers });
      const page = await mine.open(sent.headers.get('location'));
      // In a form the library does not look at the status.
      if (binding === 'HTTP-Redirect') assert.match(page.text, /Bad status code: urn:oasis:names:tc:SAML:2.0:status:Requester/);
      for (const sp of sps) assert.ok(await isSignedIn(mine, sp));
    });
  });
}

test('every message that the server sent has been held against its schema', { skip: withoutSchemas }, () => {
  assert.deepEqual(kindsHeld(), ['EntityDescriptor', 'LogoutRequest', 'LogoutResponse', 'Response']);
});
