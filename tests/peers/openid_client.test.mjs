// openid-client, with all of its strict checks.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import * as oidc from 'openid-client';
import { Browser, aUser, client, credentials, domain, isLoginPage, issuer, logIn } from './world.mjs';

const redirectUri = 'https://app.example.com/callback';
const scope = 'openid profile email offline_access';
const clients = {
  'a confidential client with its secret in the body': {
    fields: { app_type: 'regular_web', token_endpoint_auth_method: 'client_secret_post' },
    authentication: (created) => oidc.ClientSecretPost(created.client_secret),
  },
  'a confidential client with HTTP Basic': {
    fields: { app_type: 'regular_web', token_endpoint_auth_method: 'client_secret_basic' },
    authentication: (created) => oidc.ClientSecretBasic(created.client_secret),
  },
  'a public client': {
    fields: {
      app_type: 'spa',
      token_endpoint_auth_method: 'none',
      refresh_token: { rotation_type: 'rotating', expiration_type: 'expiring', token_lifetime: 86400, idle_token_lifetime: 3600 },
    },
    authentication: () => oidc.None(),
  },
};

// A browser in which the redirect to the client is where the journey ends.
async function authorize(configuration, user, parameters = {}) {
  const codeVerifier = oidc.randomPKCECodeVerifier();
  const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
  const url = oidc.buildAuthorizationUrl(configuration, {
    redirect_uri: redirectUri,
    scope,
    state,
    nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    ...parameters,
  });
  const browser = new Browser({ stopAt: new URL(redirectUri).origin });
  const page = await browser.open(url);
  assert.ok(isLoginPage(page), `${page.status} ${page.url}`);
  const end = await logIn(browser, page, user);
  return { browser, url: new URL(end.url), checks: { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: codeVerifier } };
}

for (const [name, { fields, authentication }] of Object.entries(clients)) {
  describe(`openid-client as ${name}`, () => {
    let configuration, ada;
    before(async () => {
      const created = await client({
        callbacks: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        oidc_conformant: true,
        ...fields,
      });
      configuration = await oidc.discovery(new URL(issuer), created.client_id, undefined, authentication(created));
      ada = await aUser();
    });

    test('discovery names the issuer and the endpoints', () => {
      const server = configuration.serverMetadata();
      assert.equal(server.issuer, issuer);
      assert.equal(server.authorization_endpoint, `https://${domain}/authorize`);
      assert.equal(server.token_endpoint, `https://${domain}/oauth/token`);
      assert.equal(server.jwks_uri, `https://${domain}/.well-known/jwks.json`);
    });

    test('signs in by code with PKCE, verifies the signature, refreshes and asks for userinfo', async () => {
      const { url, checks } = await authorize(configuration, ada);
      oidc.enableNonRepudiationChecks(configuration);
      const tokens = await oidc.authorizationCodeGrant(configuration, url, { ...checks, idTokenExpected: true });
      assert.equal(tokens.claims().sub, ada.user_id);
      assert.equal(tokens.claims().email, ada.email);
      assert.ok(tokens.refresh_token);

      const user = await oidc.fetchUserInfo(configuration, tokens.access_token, ada.user_id);
      assert.equal(user.name, 'Ada Lovelace');

      const renewed = await oidc.refreshTokenGrant(configuration, tokens.refresh_token);
      assert.equal(renewed.claims().sub, ada.user_id);
      assert.equal(renewed.claims().nonce, undefined);
      const again = await oidc.fetchUserInfo(configuration, renewed.access_token, ada.user_id);
      assert.equal(again.email, ada.email);
    });

    test('a code works once', async () => {
      const { url, checks } = await authorize(configuration, ada);
      await oidc.authorizationCodeGrant(configuration, url, checks);
      await assert.rejects(oidc.authorizationCodeGrant(configuration, url, checks), { error: 'invalid_grant' });
    });

    test('another verifier is refused', async () => {
      const { url, checks } = await authorize(configuration, ada);
      const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
      await assert.rejects(oidc.authorizationCodeGrant(configuration, url, { ...checks, pkceCodeVerifier }), { error: 'invalid_grant' });
    });

    test('max_age asks for auth_time, and prompt=none without a session is login_required', async () => {
      const { url, checks } = await authorize(configuration, ada, { max_age: 600 });
      const tokens = await oidc.authorizationCodeGrant(configuration, url, { ...checks, maxAge: 600 });
      assert.equal(typeof tokens.claims().auth_time, 'number');

      const state = oidc.randomState();
      const challenge = await oidc.calculatePKCECodeChallenge(oidc.randomPKCECodeVerifier());
      const silent = oidc.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: 'openid',
        prompt: 'none',
        state,
        code_challenge: challenge,
        code_challenge_method: 'S256',
      });
      const end = await new Browser({ stopAt: new URL(redirectUri).origin }).open(silent);
      await assert.rejects(oidc.authorizationCodeGrant(configuration, new URL(end.url), { expectedState: state }), {
        error: 'login_required',
      });
    });
  });
}

test('client credentials give a Management API token', async () => {
  const configuration = await oidc.discovery(new URL(issuer), credentials.client_id, credentials.client_secret);
  const tokens = await oidc.clientCredentialsGrant(configuration, { audience: credentials.audience });
  const response = await fetch(`https://${domain}/api/v2/clients`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
  assert.equal(response.status, 200);
});
