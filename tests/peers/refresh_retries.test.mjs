// Refreshing and revoking as apps do it on bad networks, by openid-client: answers that are lost, retries, and two at once.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, test } from 'node:test';
import * as oidc from 'openid-client';
import { Browser, aNativeClient, aUser, client, isLoginPage, issuer, logIn, management, signedInTokens } from './world.mjs';

const redirectUri = 'https://app.example.com/callback';
const rotating = { rotation_type: 'rotating', expiration_type: 'expiring', token_lifetime: 86400, idle_token_lifetime: 3600 };
const dead = { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' };

const configure = ({ client_id }) => oidc.discovery(new URL(issuer), client_id, undefined, oidc.None());

// The server gets the next request and answers it; the app does not hear it.
function loseNextAnswer(configuration) {
  configuration[oidc.customFetch] = async (url, options) => {
    const response = await fetch(url, options);
    await response.arrayBuffer();
    configuration[oidc.customFetch] = fetch;
    throw new TypeError('the network is gone');
  };
}
const lost = /the network is gone/;

describe('an app that rotates with a leeway', () => {
  let native, configuration, ada, token;
  before(async () => {
    native = await aNativeClient({ refresh_token: { ...rotating, leeway: 30 } });
    configuration = await configure(native);
    ada = await aUser();
  });
  const signIn = async () => (token = (await signedInTokens(native, ada)).refresh_token);

  test('asks again after a lost answer and goes on with what it gets', async () => {
    await signIn();
    loseNextAnswer(configuration);
    await assert.rejects(oidc.refreshTokenGrant(configuration, token), lost);
    const renewed = await oidc.refreshTokenGrant(configuration, token);
    assert.equal(renewed.claims().sub, ada.user_id);
    const next = await oidc.refreshTokenGrant(configuration, renewed.refresh_token);
    assert.ok((await oidc.refreshTokenGrant(configuration, next.refresh_token)).refresh_token);
  });

  test('may lose several answers in a row', async () => {
    await signIn();
    for (let attempt = 0; attempt < 3; attempt++) {
      loseNextAnswer(configuration);
      await assert.rejects(oidc.refreshTokenGrant(configuration, token), lost);
    }
    const renewed = await oidc.refreshTokenGrant(configuration, token);
    assert.ok((await oidc.refreshTokenGrant(configuration, renewed.refresh_token)).refresh_token);
  });

  test('in two tabs at once gets one successor, whichever tab keeps it', async () => {
    await signIn();
    const both = await Promise.all([oidc.refreshTokenGrant(configuration, token), oidc.refreshTokenGrant(configuration, token)]);
    assert.equal(both[0].refresh_token, both[1].refresh_token);
    assert.notEqual(both[0].access_token, both[1].access_token);
    assert.ok((await oidc.refreshTokenGrant(configuration, both[1].refresh_token)).refresh_token);
    // The slower tab comes with what is two steps old: that is theft, for all one can know.
    await assert.rejects(oidc.refreshTokenGrant(configuration, token), dead);
  });

  test('may ask for another scope in the other tab', async () => {
    await signIn();
    const [all, narrow] = await Promise.all([
      oidc.refreshTokenGrant(configuration, token),
      oidc.refreshTokenGrant(configuration, token, { scope: 'openid' }),
    ]);
    assert.equal(all.refresh_token, narrow.refresh_token);
    assert.equal(narrow.scope, 'openid');
  });

  test('gives its token back, and again when it did not hear that this was done', async () => {
    await signIn();
    loseNextAnswer(configuration);
    await assert.rejects(oidc.tokenRevocation(configuration, token), lost);
    await oidc.tokenRevocation(configuration, token);
    await assert.rejects(oidc.refreshTokenGrant(configuration, token), dead);
  });

  test('that signs out while it refreshes keeps nothing', async () => {
    for (let round = 0; round < 5; round++) {
      await signIn();
      const [refreshed, revoked] = await Promise.allSettled([
        oidc.refreshTokenGrant(configuration, token),
        oidc.tokenRevocation(configuration, token),
      ]);
      assert.equal(revoked.status, 'fulfilled');
      if (refreshed.status === 'fulfilled') await assert.rejects(oidc.refreshTokenGrant(configuration, refreshed.value.refresh_token), dead);
      await assert.rejects(oidc.refreshTokenGrant(configuration, token), dead);
    }
  });
});

test('an app without a leeway that asks twice at once is answered once, and has to sign in again', async () => {
  const native = await aNativeClient({ refresh_token: { ...rotating, leeway: 0 } });
  const configuration = await configure(native);
  const { refresh_token: token } = await signedInTokens(native, await aUser());
  const both = await Promise.allSettled([oidc.refreshTokenGrant(configuration, token), oidc.refreshTokenGrant(configuration, token)]);
  const winners = both.filter((each) => each.status === 'fulfilled');
  assert.equal(winners.length, 1);
  await assert.rejects(oidc.refreshTokenGrant(configuration, winners[0].value.refresh_token), dead);
});

test('one refresh token reaches the APIs of its client’s policies', async () => {
  const audience = `https://bills.example.com/${randomUUID()}`;
  await management.call('POST', 'resource-servers', {
    identifier: audience,
    skip_consent_for_verifiable_first_party_clients: true,
    scopes: [{ value: 'read:bills' }],
  });
  const native = await aNativeClient({
    refresh_token: { ...rotating, leeway: 30, policies: [{ audience, scope: ['read:bills'] }] },
  });
  const configuration = await configure(native);
  const { refresh_token: token } = await signedInTokens(native, await aUser());
  const tokens = await oidc.refreshTokenGrant(configuration, token, { audience });
  // What auth0-spa-js compares with what it asked for.
  assert.equal(tokens.scope, 'openid profile email offline_access read:bills');
  await assert.rejects(oidc.refreshTokenGrant(configuration, tokens.refresh_token, { audience: 'https://unlisted.example.com' }), {
    error: 'access_denied',
  });
  assert.ok((await oidc.refreshTokenGrant(configuration, tokens.refresh_token)).refresh_token);
});

test('a page with a key lives on an online refresh token until it gives it back, which signs the browser out', async () => {
  const page = await client({
    app_type: 'spa',
    token_endpoint_auth_method: 'none',
    callbacks: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
  });
  const configuration = await configure(page);
  const ada = await aUser();
  const DPoP = oidc.getDPoPHandle(configuration, await oidc.randomDPoPKeyPair());
  const browser = new Browser({ stopAt: new URL(redirectUri).origin });
  const request = async () => {
    const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
    const expectedState = oidc.randomState();
    const url = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: 'openid profile online_access',
      state: expectedState,
      code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    });
    return { url, checks: { pkceCodeVerifier, expectedState } };
  };
  const { url, checks } = await request();
  const end = await logIn(browser, await browser.open(url), ada);
  const tokens = await oidc.authorizationCodeGrant(configuration, new URL(end.url), checks, undefined, { DPoP });
  assert.match(tokens.refresh_token, /^ORT/);
  assert.equal(tokens.token_type, 'dpop');

  // It does not rotate, so a lost answer and two at once are nothing to it.
  for (const renewed of await Promise.all([1, 2].map(() => oidc.refreshTokenGrant(configuration, tokens.refresh_token, {}, { DPoP })))) {
    assert.equal(renewed.refresh_token, undefined);
    assert.equal(renewed.scope, 'openid profile');
  }
  await assert.rejects(oidc.refreshTokenGrant(configuration, tokens.refresh_token), { error: 'invalid_dpop_proof' });

  await oidc.tokenRevocation(configuration, tokens.refresh_token);
  await assert.rejects(oidc.refreshTokenGrant(configuration, tokens.refresh_token, {}, { DPoP }), dead);
  assert.ok(isLoginPage(await browser.open((await request()).url)));
});
