// @auth0/auth0-spa-js in Chromium: sign-in, silent renewal through the frame, refresh tokens over CORS, hand-over, logout.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { aNativeClient, aUser, domain, issuer, signedInApp } from '../peers/world.mjs';
import { desktop, launch, logInOn, visit } from './chromium.mjs';
import { inPage, serveSpa } from './spa_page.mjs';

let browser, spa, ada;
before(async () => {
  browser = await launch();
  ada = await aUser();
  spa = await serveSpa();
});
after(async () => {
  await browser?.close();
  await spa?.close();
});

// Runs in the page.
function spoilRefreshToken() {
  for (const [key, text] of Object.entries(localStorage)) {
    localStorage.setItem(key, text.replace(/"refresh_token":"[^"]*"/, '"refresh_token":"spoilt"'));
  }
}

// One visit of the app: `run` runs something in its page with the SDK's client.
const inApp = (options, journey) =>
  visit(browser, desktop, (page, context) => {
    const run = (action, argument) => inPage(page, spa, options, action, argument);
    return journey({ page, context, run });
  });

async function startSignIn({ page, run }, authorizationParams = {}) {
  await page.goto(spa.baseURL);
  // The page goes away under the call.
  await run((client, parameters) => void client.loginWithRedirect({ authorizationParams: parameters }), authorizationParams);
}

async function finishSignIn({ page, run }) {
  await page.waitForURL((url) => url.origin === spa.baseURL && (url.searchParams.has('code') || url.searchParams.has('error')));
  return run((client) => client.handleRedirectCallback().then(() => client.getUser()));
}

async function signIn(app) {
  await startSignIn(app);
  await logInOn(app.page, domain, ada);
  return finishSignIn(app);
}

const renew = (client) => client.getTokenSilently({ cacheMode: 'off', detailedResponse: true });

describe('auth0-spa-js', () => {
  test('loginWithRedirect and handleRedirectCallback sign in', () =>
    inApp({}, async (app) => {
      const user = await signIn(app);
      assert.equal(user.sub, ada.user_id);
      assert.equal(user.email, ada.email);
      const claims = await app.run((client) => client.getIdTokenClaims());
      assert.equal(claims.iss, issuer);
      assert.equal(claims.aud, spa.clientId);
      assert.ok(claims.nonce && claims.sid);
    }));

  test('getTokenSilently renews through a frame (web_message)', () =>
    inApp({}, async (app) => {
      await signIn(app);
      const first = await app.run(renew);
      const second = await app.run(renew);
      assert.ok(first.access_token && first.id_token);
      assert.notEqual(second.id_token, first.id_token);
      // A page that is opened anew knows nobody, and asks the session.
      await app.page.goto(spa.baseURL);
      await app.run((client) => client.getTokenSilently());
      assert.equal((await app.run((client) => client.getUser())).sub, ada.user_id);
    }));

  test('getTokenSilently without a session is login_required, and the app can sign in', () =>
    inApp({}, async (app) => {
      await app.page.goto(spa.baseURL);
      // A frame that does not answer would be the error `timeout`.
      await assert.rejects(app.run(renew), { error: 'login_required' });
      assert.equal((await signIn(app)).sub, ada.user_id);
    }));

  test('checkSession of a page that knows nobody leaves it so', () =>
    inApp({}, async (app) => {
      await app.page.goto(spa.baseURL);
      await app.run((client) => client.checkSession());
      assert.equal(await app.run((client) => client.isAuthenticated()), false);
    }));

  for (const cacheLocation of ['localstorage', 'memory']) {
    test(`refresh tokens rotate over CORS (${cacheLocation})`, () =>
      inApp({ useRefreshTokens: true, cacheLocation }, async (app) => {
        const calls = [];
        app.page.on('request', (request) => calls.push(request));
        await signIn(app);
        calls.length = 0;
        const first = await app.run(renew);
        const second = await app.run(renew);
        assert.notEqual(second.access_token, first.access_token);
        assert.equal((await app.run((client) => client.getUser())).sub, ada.user_id);
        assert.ok(!calls.some((request) => new URL(request.url()).pathname === '/authorize'), 'no frame was needed');
      }));
  }

  test('a refresh token that is dead falls back to the frame', () =>
    inApp({ useRefreshTokens: true, useRefreshTokensFallback: true, cacheLocation: 'localstorage' }, async (app) => {
      await signIn(app);
      await app.page.evaluate(spoilRefreshToken);
      const renewed = await app.run(renew);
      assert.ok(renewed.access_token);
    }));

  test('a refresh token that is dead, without the fallback, is the error the SDK knows', () =>
    inApp({ useRefreshTokens: true, cacheLocation: 'localstorage' }, async (app) => {
      await signIn(app);
      await app.page.evaluate(spoilRefreshToken);
      await assert.rejects(app.run(renew), { error: 'invalid_grant', message: 'Unknown or invalid refresh token.' });
    }));

  test('logout ends the session and comes back', () =>
    inApp({}, async (app) => {
      await signIn(app);
      await app.run((client, returnTo) => void client.logout({ logoutParams: { returnTo } }), spa.baseURL);
      await app.page.waitForURL((url) => url.href === `${spa.baseURL}/`);
      await app.page.waitForLoadState();
      assert.equal(await app.run((client) => client.isAuthenticated()), false);
      await assert.rejects(app.run(renew), { error: 'login_required' });
    }));

  test('a session transfer token in authorizationParams signs in without a prompt', () =>
    inApp({}, async (app) => {
      const native = await signedInApp(await aNativeClient(), ada);
      await startSignIn(app, { session_transfer_token: await native.sessionTransferToken() });
      const user = await finishSignIn(app);
      assert.equal(user.sub, ada.user_id);
    }));

  test('useDpop binds the tokens to a key, through sign-in, renewal and userinfo', () =>
    inApp({ useDpop: true, useRefreshTokens: true, cacheLocation: 'localstorage' }, async (app) => {
      const requests = [];
      app.page.on('request', (request) => {
        if (request.method() === 'POST' && new URL(request.url()).pathname === '/oauth/token') requests.push(request.headers().dpop);
      });
      await signIn(app);
      const renewed = await app.run(renew);
      assert.equal(renewed.token_type, 'DPoP');
      assert.ok(requests.length >= 2 && requests.every(Boolean), 'every token request carries a proof');
      const userInfo = await app.run(async (client, url) => {
        const fetcher = client.createFetcher({ dpopNonceId: 'userinfo' });
        const response = await fetcher.fetchWithAuth(url);
        return { status: response.status, body: await response.json() };
      }, `${issuer}userinfo`);
      assert.equal(userInfo.status, 200, JSON.stringify(userInfo.body));
      assert.equal(userInfo.body.sub, ada.user_id);
      const bearer = await fetch(`${issuer}userinfo`, { headers: { authorization: `Bearer ${renewed.access_token}` } });
      assert.equal(bearer.status, 401, 'it is no bearer token');
    }));
});
