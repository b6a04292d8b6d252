// Clients that sign, as they are in the field: private_key_jwt by npm auth0 and openid-client, signed requests by openid-client.
import assert from 'node:assert/strict';
import { generateKeyPairSync, webcrypto } from 'node:crypto';
import { before, describe, test } from 'node:test';
import { AuthenticationClient, ManagementClient } from 'auth0';
import * as oidc from 'openid-client';
import { Browser, aUser, client, credentials, domain, isLoginPage, issuer, logIn, management } from './world.mjs';

const redirectUri = 'https://app.example.com/callback';

function keyPair() {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    credential: { credential_type: 'public_key', pem: publicKey.export({ type: 'spki', format: 'pem' }) },
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    // openid-client signs by the algorithm that the key was imported for.
    imported: (name, hash) =>
      webcrypto.subtle.importKey('pkcs8', privateKey.export({ type: 'pkcs8', format: 'der' }), { name, hash }, false, ['sign']),
  };
}
const byKey = (credential, alg) => ({ private_key_jwt: { credentials: [{ ...credential, alg }] } });

for (const alg of ['RS256', 'RS384', 'PS256']) {
  test(`npm auth0 authenticates by ${alg}`, async () => {
    const { credential, pem } = keyPair();
    const created = await client({ grant_types: ['client_credentials'], client_authentication_methods: byKey(credential, alg) });
    await management.call('POST', 'client-grants', {
      client_id: created.client_id,
      audience: credentials.audience,
      scope: ['read:clients'],
    });
    const signing = { domain, clientId: created.client_id, clientAssertionSigningKey: pem, clientAssertionSigningAlg: alg };
    const { data } = await new AuthenticationClient(signing).oauth.clientCredentialsGrant({ audience: credentials.audience });
    assert.ok(data.access_token);
    const own = new ManagementClient({ ...signing, audience: credentials.audience });
    assert.equal((await own.clients.get(created.client_id)).client_id, created.client_id);
  });
}

test('npm auth0 creates, lists, changes and deletes credentials', async () => {
  const { client_id: clientId, client_secret: clientSecret, audience } = credentials;
  const own = new ManagementClient({ domain, clientId, clientSecret, audience });
  const { client_id: id } = await client({ app_type: 'regular_web' });
  const made = await own.clients.credentials.create(id, keyPair().credential);
  assert.match(made.id, /^cred_/);
  assert.deepEqual((await own.clients.credentials.list(id)).map((each) => each.id), [made.id]);
  const changed = await own.clients.credentials.update(id, made.id, { expires_at: '2040-01-01T00:00:00.000Z' });
  assert.equal(new Date(changed.expires_at).getTime(), Date.parse('2040-01-01T00:00:00.000Z'));
  await own.clients.update(id, { client_authentication_methods: { private_key_jwt: { credentials: [{ id: made.id }] } } });
  await assert.rejects(own.clients.credentials.delete(id, made.id), (error) => error.statusCode === 400);
  await own.clients.update(id, { client_authentication_methods: null, token_endpoint_auth_method: 'client_secret_post' });
  await own.clients.credentials.delete(id, made.id);
  assert.deepEqual(await own.clients.credentials.list(id), []);
});

describe('openid-client with keys', () => {
  let configuration, ada, requestKey;
  before(async () => {
    const [authentication, request] = [keyPair(), keyPair()];
    const created = await client({
      app_type: 'regular_web',
      callbacks: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      client_authentication_methods: byKey(authentication.credential, 'PS256'),
      signed_request_object: { required: true, credentials: [{ ...request.credential, alg: 'RS256' }] },
    });
    requestKey = await request.imported('RSASSA-PKCS1-v1_5', 'SHA-256');
    const method = oidc.PrivateKeyJwt(await authentication.imported('RSA-PSS', 'SHA-256'));
    configuration = await oidc.discovery(new URL(issuer), created.client_id, undefined, method);
    ada = await aUser();
  });

  async function signIn(urlFor) {
    const codeVerifier = oidc.randomPKCECodeVerifier();
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    const url = await urlFor({
      redirect_uri: redirectUri,
      scope: 'openid profile email',
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
    });
    const browser = new Browser({ stopAt: new URL(redirectUri).origin });
    const page = await browser.open(url);
    assert.ok(isLoginPage(page), `${page.status} ${page.url}`);
    const end = await logIn(browser, page, ada);
    return oidc.authorizationCodeGrant(configuration, new URL(end.url), {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: codeVerifier,
    });
  }

  test('signs a request and proves itself', async () => {
    const tokens = await signIn((parameters) => oidc.buildAuthorizationUrlWithJAR(configuration, parameters, requestKey));
    assert.equal(tokens.claims().email, ada.email);
  });

  test('pushes a signed request', async () => {
    const tokens = await signIn(async (parameters) => {
      const signed = await oidc.buildAuthorizationUrlWithJAR(configuration, parameters, requestKey);
      return oidc.buildAuthorizationUrlWithPAR(configuration, signed.searchParams);
    });
    assert.equal(tokens.claims().email, ada.email);
  });

  test('is refused with a request that it did not sign', async () => {
    const browser = new Browser({ stopAt: new URL(redirectUri).origin });
    const page = await browser.open(oidc.buildAuthorizationUrl(configuration, { redirect_uri: redirectUri, scope: 'openid' }));
    assert.equal(page.status, 400);
  });
});
