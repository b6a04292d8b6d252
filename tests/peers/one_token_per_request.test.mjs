// The sample hands a session transfer token on with the request it came with, and with no other.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openWebApp } from '../../samples/native-to-web/native/app.mjs';
import { Browser, aNativeClient, aUser, domain, isLoginPage, logIn, sampleWeb, signedInApp, whoIsSignedIn } from './world.mjs';

let web, native, ada, bob;
before(async () => {
  web = await sampleWeb();
  native = await aNativeClient();
  [ada, bob] = [await aUser('Ada Lovelace'), await aUser('Bob Byron')];
});
after(() => web?.close());

// The authorization request that the web app answers its /login with.
async function authorizationRequest(token) {
  const url = new URL('/login', web.baseURL);
  if (token) url.searchParams.set('session_transfer_token', token);
  const response = await fetch(url, { redirect: 'manual' });
  assert.equal(response.status, 302);
  return new URL(response.headers.get('location')).searchParams;
}

test("one user's unspent token never travels with another's login", async () => {
  const adasToken = await (await signedInApp(native, ada)).sessionTransferToken();
  assert.deepEqual((await authorizationRequest(adasToken)).getAll('session_transfer_token'), [adasToken]);

  // Ada's browser goes no further for the moment. Bob signs in by hand, and is himself.
  const bobsBrowser = new Browser();
  const page = await bobsBrowser.open(`${web.baseURL}/login`);
  assert.ok(isLoginPage(page), `Bob is asked who he is: ${page.url}`);
  await logIn(bobsBrowser, page, bob);
  assert.equal((await whoIsSignedIn(bobsBrowser, web.baseURL)).sub, bob.user_id);

  // Nobody spent Ada's token meanwhile.
  const adasBrowser = new Browser();
  await openWebApp(adasBrowser, { domain, baseURL: web.baseURL, token: adasToken, by: 'query' });
  assert.equal((await whoIsSignedIn(adasBrowser, web.baseURL)).sub, ada.user_id);
});

test('requests at the same time each carry their own token or none', async () => {
  const tokens = Array.from({ length: 40 }, (_, at) => (at % 2 ? `made-up-token-${at}` : undefined));
  const seen = await Promise.all(tokens.map(authorizationRequest));
  assert.deepEqual(
    seen.map((parameters) => parameters.getAll('session_transfer_token')),
    tokens.map((token) => (token ? [token] : [])),
  );
});

test('two handoffs at the same time end with the right user each', async () => {
  const apps = await Promise.all([ada, bob].map((user) => signedInApp(native, user)));
  const browsers = [new Browser(), new Browser()];
  const tokens = await Promise.all(apps.map((app) => app.sessionTransferToken()));
  await Promise.all(
    browsers.map((browser, at) => openWebApp(browser, { domain, baseURL: web.baseURL, token: tokens[at], by: 'query' })),
  );
  const users = await Promise.all(browsers.map((browser) => whoIsSignedIn(browser, web.baseURL)));
  assert.deepEqual(users.map((user) => user?.sub), [ada.user_id, bob.user_id]);
});

test('a parameter given twice is handed on as none', async () => {
  const response = await fetch(`${web.baseURL}/login?session_transfer_token=a&session_transfer_token=b`, { redirect: 'manual' });
  assert.ok(!new URL(response.headers.get('location')).searchParams.has('session_transfer_token'));
});
