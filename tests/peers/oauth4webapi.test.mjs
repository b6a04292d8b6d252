// oauth4webapi: every answer is checked to the letter of the specifications, and every ID token's signature too.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { before, describe, test } from 'node:test';
import * as oauth from 'oauth4webapi';
import { Browser, aNativeClient, aUser, client, domain, isLoginPage, issuer, logIn, management, signedInApp } from './world.mjs';

const redirectUri = 'https://app.example.com/callback';
const scope = 'openid profile email offline_access';
const server = await oauth.processDiscoveryResponse(new URL(issuer), await oauth.discoveryRequest(new URL(issuer)));
const confidential = (more = {}) =>
  client({
    app_type: 'regular_web',
    callbacks: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    ...more,
  });
const publicClient = (more = {}) =>
  client({
    app_type: 'native',
    token_endpoint_auth_method: 'none',
    callbacks: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    refresh_token: { rotation_type: 'rotating', expiration_type: 'expiring', token_lifetime: 86400, idle_token_lifetime: 3600 },
    ...more,
  });
const refused = (error, status) => (thrown) => {
  assert.equal(thrown.error, error, thrown.message);
  if (status) assert.equal(thrown.status, status);
  return true;
};

async function anApi(more = {}) {
  const identifier = `https://api-${randomBytes(4).toString('hex')}.example.com`;
  const scopes = [{ value: 'read:things' }];
  const open = { allow_offline_access: true, skip_consent_for_verifiable_first_party_clients: true };
  await management.call('POST', 'resource-servers', { identifier, name: identifier, scopes, ...open, ...more });
  return identifier;
}

// The parameters of a new authorization request, and what its answer is checked against.
async function aRequest(parties, parameters = {}) {
  const [verifier, state, nonce] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState(), oauth.generateRandomNonce()];
  const request = {
    client_id: parties.client_id,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope,
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...parameters,
  };
  return { request, verifier, state, nonce };
}

// Signs `user` in at /authorize with `query`, and gives the checked parameters of the answer.
async function answerOf(parties, query, user, state) {
  const url = new URL(server.authorization_endpoint);
  url.search = new URLSearchParams(query);
  const browser = new Browser({ stopAt: new URL(redirectUri).origin });
  const page = await browser.open(url);
  assert.ok(isLoginPage(page), `${page.status} ${page.url}`);
  const end = await logIn(browser, page, user);
  return oauth.validateAuthResponse(server, parties, new URL(end.url), state);
}

// The whole of a sign-in. `options` carry a DPoP handle.
async function signIn(parties, authentication, user, { parameters, options } = {}) {
  const { request, verifier, state, nonce } = await aRequest(parties, parameters);
  const answer = await answerOf(parties, request, user, state);
  const exchange = () => oauth.authorizationCodeGrantRequest(server, parties, authentication, answer, redirectUri, verifier, options);
  const response = await withNonce(exchange, async (reply) => {
    const tokens = await oauth.processAuthorizationCodeResponse(server, parties, reply, { expectedNonce: nonce, requireIdToken: true });
    await oauth.validateApplicationLevelSignature(server, reply);
    return tokens;
  });
  assert.equal(oauth.getValidatedIdTokenClaims(response).sub, user.user_id);
  return response;
}

// RFC 9449 §8: a server that wants a nonce says so once.
async function withNonce(send, process) {
  try {
    return await process(await send());
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error;
    return process(await send());
  }
}

describe('oauth4webapi', () => {
  let ada, web, secret;
  before(async () => {
    ada = await aUser();
    const created = await confidential();
    web = { client_id: created.client_id };
    secret = oauth.ClientSecretPost(created.client_secret);
  });

  test('the metadata names only what is there', async () => {
    assert.equal(server.authorization_response_iss_parameter_supported, true);
    assert.deepEqual(server.code_challenge_methods_supported, ['S256']);
    const endpoints = Object.entries(server).filter(([name]) => /_(endpoint|uri)$/.test(name));
    assert.ok(endpoints.length >= 4);
    for (const [name, url] of endpoints) {
      assert.equal(new URL(url).host, domain, name);
      for (const method of ['GET', 'POST']) {
        const { status } = await fetch(url, { method, redirect: 'manual' });
        assert.notEqual(status, 404, `${method} ${name}`);
      }
    }
  });

  test('code with PKCE, userinfo and refresh', async () => {
    const tokens = await signIn(web, secret, ada);
    const userInfo = await oauth.userInfoRequest(server, web, tokens.access_token);
    const user = await oauth.processUserInfoResponse(server, web, ada.user_id, userInfo);
    assert.equal(user.email, ada.email);

    const response = await oauth.refreshTokenGrantRequest(server, web, secret, tokens.refresh_token);
    const renewed = await oauth.processRefreshTokenResponse(server, web, response);
    await oauth.validateApplicationLevelSignature(server, response);
    assert.equal(oauth.getValidatedIdTokenClaims(renewed).sub, ada.user_id);
  });

  test('an authorization response carries the issuer, and without it the client would refuse', async () => {
    const { request, state } = await aRequest(web);
    const answer = await answerOf(web, request, ada, state);
    assert.equal(answer.get('iss'), issuer);
    answer.delete('iss');
    assert.throws(() => oauth.validateAuthResponse(server, web, answer, state), { code: 'OAUTH_INVALID_RESPONSE' });
  });

  test('a token that userinfo does not know is challenged (RFC 6750 §3)', async () => {
    const response = await oauth.userInfoRequest(server, web, 'not-a-token');
    await assert.rejects(oauth.processUserInfoResponse(server, web, ada.user_id, response), ({ cause, status }) => {
      assert.equal(status, 401);
      assert.equal(cause[0].scheme, 'bearer');
      assert.equal(cause[0].parameters.error, 'invalid_token');
      return true;
    });
  });

  test('client credentials, and a wrong secret', async () => {
    const audience = await anApi();
    await management.call('POST', 'client-grants', { client_id: web.client_id, audience, scope: ['read:things'] });
    const ask = (authentication) => oauth.clientCredentialsGrantRequest(server, web, authentication, { audience });
    const tokens = await oauth.processClientCredentialsResponse(server, web, await ask(secret));
    assert.equal(tokens.scope, 'read:things');
    const wrong = await ask(oauth.ClientSecretPost('wrong'));
    await assert.rejects(oauth.processClientCredentialsResponse(server, web, wrong), ({ status }) => status === 401);
  });

  test('a refresh token is revoked by either kind of client', async () => {
    const created = await publicClient();
    for (const [parties, authentication] of [[web, secret], [{ client_id: created.client_id }, oauth.None()]]) {
      const tokens = await signIn(parties, authentication, ada);
      await oauth.processRevocationResponse(await oauth.revocationRequest(server, parties, authentication, tokens.refresh_token));
      const response = await oauth.refreshTokenGrantRequest(server, parties, authentication, tokens.refresh_token);
      await assert.rejects(oauth.processRefreshTokenResponse(server, parties, response), refused('invalid_grant'));
    }
  });

  test('a pushed request is used once, and nothing beside it counts', async () => {
    const { request, verifier, state, nonce } = await aRequest(web);
    const pushed = await oauth.processPushedAuthorizationResponse(
      server,
      web,
      await oauth.pushedAuthorizationRequest(server, web, secret, request),
    );
    const query = { client_id: web.client_id, request_uri: pushed.request_uri, scope: 'openid', state: 'not this one' };
    const answer = await answerOf(web, query, ada, state);
    const response = await oauth.authorizationCodeGrantRequest(server, web, secret, answer, redirectUri, verifier);
    const tokens = await oauth.processAuthorizationCodeResponse(server, web, response, { expectedNonce: nonce, requireIdToken: true });
    assert.ok(tokens.refresh_token, 'the pushed scope is the one');

    const url = new URL(server.authorization_endpoint);
    url.search = new URLSearchParams(query);
    const again = await new Browser({ stopAt: new URL(redirectUri).origin }).open(url);
    assert.ok(!isLoginPage(again), again.url);
    assert.ok(again.status >= 400 || new URL(again.url).searchParams.has('error'));
  });

  test('a session transfer token beside a pushed request is honoured', async () => {
    const created = await confidential({ session_transfer: { allowed_authentication_methods: ['query'] } });
    const parties = { client_id: created.client_id };
    const authentication = oauth.ClientSecretPost(created.client_secret);
    const native = await signedInApp(await aNativeClient(), ada);
    const { request, verifier, state, nonce } = await aRequest(parties);
    const response = await oauth.pushedAuthorizationRequest(server, parties, authentication, request);
    const { request_uri } = await oauth.processPushedAuthorizationResponse(server, parties, response);

    const url = new URL(server.authorization_endpoint);
    url.search = new URLSearchParams({ ...parties, request_uri, session_transfer_token: await native.sessionTransferToken() });
    const end = new URL((await new Browser({ stopAt: new URL(redirectUri).origin }).open(url)).url);
    const answer = oauth.validateAuthResponse(server, parties, end, state);
    const exchange = await oauth.authorizationCodeGrantRequest(server, parties, authentication, answer, redirectUri, verifier);
    const tokens = await oauth.processAuthorizationCodeResponse(server, parties, exchange, { expectedNonce: nonce, requireIdToken: true });
    assert.equal(oauth.getValidatedIdTokenClaims(tokens).sub, ada.user_id);
  });

  test('a pushed request with a wrong secret is refused', async () => {
    const { request } = await aRequest(web);
    const response = await oauth.pushedAuthorizationRequest(server, web, oauth.ClientSecretPost('wrong'), request);
    await assert.rejects(oauth.processPushedAuthorizationResponse(server, web, response), ({ status }) => status === 401);
  });

  test('a key instead of a secret (private_key_jwt)', async () => {
    const { publicKey, privateKey } = await oauth.generateKeyPair('RS256');
    const spki = Buffer.from(await crypto.subtle.exportKey('spki', publicKey)).toString('base64');
    const pem = `-----BEGIN PUBLIC KEY-----\n${spki.match(/.{1,64}/g).join('\n')}\n-----END PUBLIC KEY-----\n`;
    const credentials = [{ name: 'key', credential_type: 'public_key', pem, alg: 'RS256' }];
    const created = await confidential({ client_authentication_methods: { private_key_jwt: { credentials } } });
    const parties = { client_id: created.client_id };
    const refresh = async (authentication, token) => {
      const response = await oauth.refreshTokenGrantRequest(server, parties, authentication, token);
      return oauth.processRefreshTokenResponse(server, parties, response);
    };
    const tokens = await signIn(parties, oauth.PrivateKeyJwt(privateKey), ada);

    // One assertion counts once (RFC 7523 §3: jti).
    let kept;
    const sameAssertion = async (as, party, body, headers) => {
      if (!kept) {
        kept = new URLSearchParams();
        await oauth.PrivateKeyJwt(privateKey)(as, party, kept, headers);
      }
      for (const [name, value] of kept) body.set(name, value);
    };
    await refresh(sameAssertion, tokens.refresh_token);
    await assert.rejects(refresh(sameAssertion, tokens.refresh_token), refused('invalid_client', 401));

    const other = (await oauth.generateKeyPair('RS256')).privateKey;
    await assert.rejects(refresh(oauth.PrivateKeyJwt(other), tokens.refresh_token), refused('invalid_client', 401));
    await refresh(oauth.PrivateKeyJwt(privateKey), tokens.refresh_token);
  });

  test('an API of the rfc9068_profile dialect takes its access tokens by the book', async () => {
    const audience = await anApi({ token_dialect: 'rfc9068_profile' });
    const tokens = await signIn(web, secret, ada, { parameters: { audience, scope: `${scope} read:things` } });
    const request = new Request(`${audience}/things`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
    const claims = await oauth.validateJwtAccessToken(server, request, audience);
    assert.equal(claims.sub, ada.user_id);
    assert.equal(claims.client_id, web.client_id);
    assert.ok(claims.scope.split(' ').includes('read:things'));
    await assert.rejects(oauth.validateJwtAccessToken(server, request, 'https://another.example.com'));
  });

  test('DPoP binds the tokens to a key, at userinfo and on refresh', async () => {
    const created = await publicClient();
    const parties = { client_id: created.client_id };
    const DPoP = oauth.DPoP(parties, await oauth.generateKeyPair('ES256'));
    const tokens = await signIn(parties, oauth.None(), ada, { options: { DPoP } });
    assert.equal(tokens.token_type, 'dpop');
    const user = await withNonce(
      () => oauth.userInfoRequest(server, parties, tokens.access_token, { DPoP }),
      (reply) => oauth.processUserInfoResponse(server, parties, ada.user_id, reply),
    );
    assert.equal(user.sub, ada.user_id);

    const refresh = (handle, token) =>
      withNonce(
        () => oauth.refreshTokenGrantRequest(server, parties, oauth.None(), token, { DPoP: handle }),
        (reply) => oauth.processRefreshTokenResponse(server, parties, reply),
      );
    const renewed = await refresh(DPoP, tokens.refresh_token);
    assert.equal(renewed.token_type, 'dpop');
    // As a bearer token, or with another key, they are worth nothing.
    const asBearer = await fetch(server.userinfo_endpoint, { headers: { authorization: `Bearer ${renewed.access_token}` } });
    assert.equal(asBearer.status, 401);
    await assert.rejects(refresh(undefined, renewed.refresh_token));
    await assert.rejects(refresh(oauth.DPoP(parties, await oauth.generateKeyPair('ES256')), renewed.refresh_token));
    assert.ok((await refresh(DPoP, renewed.refresh_token)).access_token, 'the refusals spent nothing');
  });

  describe('the device flow', () => {
    let parties, device;
    before(async () => {
      const grant_types = ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'];
      parties = { client_id: (await publicClient({ grant_types })).client_id };
    });
    const begin = async () => {
      const asked = await oauth.deviceAuthorizationRequest(server, parties, oauth.None(), { scope });
      device = await oauth.processDeviceAuthorizationResponse(server, parties, asked);
      return device;
    };
    const poll = async () => {
      const response = await oauth.deviceCodeGrantRequest(server, parties, oauth.None(), device.device_code);
      return oauth.processDeviceCodeResponse(server, parties, response);
    };

    test('nobody has answered yet', async () => {
      await begin();
      await assert.rejects(poll(), refused('authorization_pending'));
    });

    test('a person at another device signs in and agrees, once', async () => {
      const { verification_uri_complete, user_code } = await begin();
      assert.ok(verification_uri_complete.includes(encodeURIComponent(user_code)));
      const browser = new Browser();
      let page = await browser.get(verification_uri_complete);
      for (let steps = 0; steps < 4 && page.forms.length; steps++) {
        page = isLoginPage(page) ? await logIn(browser, page, ada) : await browser.submit(page, { decision: 'allow' });
      }
      const tokens = await poll();
      assert.equal(oauth.getValidatedIdTokenClaims(tokens).sub, ada.user_id);
      assert.ok(tokens.refresh_token);
      await assert.rejects(poll(), refused('invalid_grant'));
    });
  });
});
