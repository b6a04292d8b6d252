// Which pages may read what the token endpoint answers, as Chromium decides it (Fetch §3.2): those of an origin that the client named,
// exactly, and none with cookies. That a page may read the DPoP nonce is seen in spa_js.test.mjs, which cannot do without it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { aUser, client, domain, serveWeb, signedInTokens } from '../peers/world.mjs';
import { desktop, launch, visit } from './chromium.mjs';

const page = (request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>A page</title>');

let browser, named, stranger, spa, ada;
before(async () => {
  browser = await launch();
  ada = await aUser();
  [named, stranger] = [await serveWeb(() => page), await serveWeb(() => page)];
  spa = await client({
    app_type: 'spa',
    token_endpoint_auth_method: 'none',
    callbacks: ['https://app.example.com/callback'],
    web_origins: [named.baseURL],
    allowed_origins: [named.baseURL],
    grant_types: ['authorization_code', 'refresh_token', 'http://auth0.com/oauth/grant-type/password-realm'],
    refresh_token: { rotation_type: 'rotating', expiration_type: 'expiring', token_lifetime: 86400, idle_token_lifetime: 3600 },
  });
});
after(async () => {
  await browser?.close();
  await named?.close();
  await stranger?.close();
});

// Calls the token endpoint from a page at `baseURL`, as a script there would.
async function refreshFrom(baseURL, { headers = {}, credentials = 'omit' } = {}) {
  const { refresh_token } = await signedInTokens(spa, ada);
  let answer;
  await visit(browser, desktop, async (at) => {
    await at.goto(baseURL);
    answer = await at.evaluate(
      async ({ url, init }) => {
        try {
          const response = await fetch(url, init);
          return { status: response.status, body: await response.json() };
        } catch (error) {
          return { refused: error.name };
        }
      },
      {
        url: `https://${domain}/oauth/token`,
        init: {
          method: 'POST',
          credentials,
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify({ grant_type: 'refresh_token', client_id: spa.client_id, refresh_token }),
        },
      },
    );
  });
  return answer;
}

describe('the token endpoint, called from a page', () => {
  test('of an origin that the client named: with a preflight, and the SDKs’ own header', async () => {
    const { status, body } = await refreshFrom(named.baseURL, { headers: { 'auth0-client': 'e30' } });
    assert.equal(status, 200);
    assert.ok(body.refresh_token && body.access_token);
  });

  test('of another origin: on the same host, but not the same port', async () => {
    assert.deepEqual(await refreshFrom(stranger.baseURL), { refused: 'TypeError' });
  });

  test('of the named origin, with cookies: never', async () => {
    assert.deepEqual(await refreshFrom(named.baseURL, { credentials: 'include' }), { refused: 'TypeError' });
  });

  test('with a DPoP header: the preflight lets it pass', async () => {
    // Whatever becomes of the proof, the page may read the answer.
    const { status, body } = await refreshFrom(named.baseURL, { headers: { dpop: 'not.a.proof' } });
    assert.ok(status === 200 || body.error, JSON.stringify({ status, body }));
  });

  test('with a header that no SDK sends: refused by the preflight', async () => {
    assert.deepEqual(await refreshFrom(named.baseURL, { headers: { 'x-anything': '1' } }), { refused: 'TypeError' });
  });
});
