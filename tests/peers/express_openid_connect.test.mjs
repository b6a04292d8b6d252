// express-openid-connect, unmodified: its default id_token flow by form_post, and its code flow.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openWebApp } from '../../samples/native-to-web/native/app.mjs';
import { Browser, aNativeClient, aUser, domain, isLoginPage, logIn, sampleWeb, signedInApp, whoIsSignedIn } from './world.mjs';

const flows = {
  'the default id_token flow': {},
  'the code flow': {
    options: (web) => ({
      clientSecret: web.client_secret,
      authorizationParams: { response_type: 'code', scope: 'openid profile email' },
    }),
  },
};

for (const [name, setup] of Object.entries(flows)) {
  describe(`express-openid-connect in ${name}`, () => {
    let app, ada, web;
    before(async () => {
      ada = await aUser();
      app = await signedInApp(await aNativeClient(), ada);
      web = await sampleWeb(setup);
    });
    after(() => web?.close());

    for (const by of ['query', 'cookie']) {
      test(`a session transfer token by ${by} signs its user in`, async () => {
        const browser = new Browser();
        const token = await app.sessionTransferToken();
        const page = await openWebApp(browser, { domain, baseURL: web.baseURL, token, by });
        assert.match(page.text, /Signed in as .*Ada Lovelace/);
        const user = await whoIsSignedIn(browser, web.baseURL);
        assert.equal(user.sub, ada.user_id);
        assert.equal(user.email, ada.email);
        assert.ok(user.sid, 'the ID token names the session');
      });
    }

    test('a spent token that is sent again prompts, and the prompt works', async () => {
      const token = await app.sessionTransferToken();
      await openWebApp(new Browser(), { domain, baseURL: web.baseURL, token, by: 'query' });
      const browser = new Browser();
      const page = await openWebApp(browser, { domain, baseURL: web.baseURL, token, by: 'query' });
      assert.ok(isLoginPage(page), `${page.status} ${page.url}`);
      assert.ok(!page.url.includes(token) && !page.text.includes(token), 'the token goes no further');
      const bob = await aUser('Bob Byron');
      assert.match((await logIn(browser, page, bob)).text, /Signed in as .*Bob Byron/);
    });

    test('without a token the login page signs in, and a second app visit needs no prompt', async () => {
      const browser = new Browser();
      const page = await browser.open(`${web.baseURL}/login`);
      assert.match((await logIn(browser, page, ada)).text, /Signed in as .*Ada Lovelace/);
      assert.match((await browser.open(`${web.baseURL}/login`)).text, /Signed in as .*Ada Lovelace/);
    });

    test('a wrong password shows the login page again with an alert', async () => {
      const browser = new Browser();
      const page = await browser.open(`${web.baseURL}/login`);
      const again = await browser.submit(page, { username: ada.email, password: 'not it' });
      assert.ok(isLoginPage(again), again.url);
      assert.match(again.text, /role="alert"/);
      assert.match((await logIn(browser, again, ada)).text, /Signed in as/);
    });

    test('logout ends the session at the server too', async () => {
      const browser = new Browser();
      await openWebApp(browser, { domain, baseURL: web.baseURL, token: await app.sessionTransferToken(), by: 'query' });
      const home = await browser.open(`${web.baseURL}/logout`);
      assert.equal(new URL(home.url).origin, web.baseURL);
      assert.match(home.text, /Not signed in/);
      assert.ok(isLoginPage(await browser.open(`${web.baseURL}/login`)));
    });
  });
}
