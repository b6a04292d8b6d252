// openid-client on the ways an authorization request can go and its answer can come: pushed, hybrid, implicit.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import * as oidc from 'openid-client';
import { Browser, aUser, client, isLoginPage, issuer, logIn } from './world.mjs';

const redirectUri = 'https://app.example.com/callback';

// The URL with which a browser comes back after a sign-in, fragment and all.
async function answer(url, user) {
  const browser = new Browser({ stopAt: new URL(redirectUri).origin });
  const page = await browser.open(url);
  assert.ok(isLoginPage(page), `${page.status} ${page.url}`);
  return new URL((await logIn(browser, page, user)).url);
}

describe('openid-client', () => {
  let created, ada;
  const configured = () =>
    oidc.discovery(new URL(issuer), created.client_id, undefined, oidc.ClientSecretPost(created.client_secret));
  before(async () => {
    created = await client({
      app_type: 'regular_web',
      token_endpoint_auth_method: 'client_secret_post',
      callbacks: [redirectUri],
      grant_types: ['authorization_code', 'implicit', 'refresh_token'],
    });
    ada = await aUser();
  });
  const parametersOf = async (verifier, more = {}) => ({
    redirect_uri: redirectUri,
    scope: 'openid email',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...more,
  });

  test('pushes its request and signs in by the request_uri, once', async () => {
    const configuration = await configured();
    const verifier = oidc.randomPKCECodeVerifier();
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    const url = await oidc.buildAuthorizationUrlWithPAR(configuration, await parametersOf(verifier, { state, nonce }));
    assert.deepEqual([...url.searchParams.keys()].sort(), ['client_id', 'request_uri']);
    const end = await answer(url, ada);
    const tokens = await oidc.authorizationCodeGrant(configuration, end, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    assert.equal(tokens.claims().email, ada.email);
    const again = await new Browser({ stopAt: new URL(redirectUri).origin }).open(url);
    assert.equal(again.status, 400);
  });

  test('a pushed request that is wrong is told to the client', async () => {
    const configuration = await configured();
    const parameters = await parametersOf(oidc.randomPKCECodeVerifier(), { redirect_uri: 'https://evil.example/' });
    await assert.rejects(oidc.buildAuthorizationUrlWithPAR(configuration, parameters), { error: 'invalid_request', status: 400 });
  });

  test('takes a hybrid answer with all of its hashes', async () => {
    const configuration = await configured();
    oidc.useCodeIdTokenResponseType(configuration);
    oidc.enableDetachedSignatureResponseChecks(configuration);
    const verifier = oidc.randomPKCECodeVerifier();
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    const end = await answer(oidc.buildAuthorizationUrl(configuration, await parametersOf(verifier, { state, nonce })), ada);
    assert.equal(end.search, '');
    const tokens = await oidc.authorizationCodeGrant(configuration, end, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
    });
    assert.equal(tokens.claims().sub, ada.user_id);
  });

  test('takes an ID token by itself', async () => {
    const configuration = await configured();
    oidc.useIdTokenResponseType(configuration);
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    const url = oidc.buildAuthorizationUrl(configuration, { redirect_uri: redirectUri, scope: 'openid email', state, nonce });
    const claims = await oidc.implicitAuthentication(configuration, await answer(url, ada), nonce, { expectedState: state });
    assert.equal(claims.email, ada.email);
  });
});
