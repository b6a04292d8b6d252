// The JavaScript core of react-native-auth0 as the native client: passwordRealm → ssoExchange → the web.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { openWebApp } from '../../samples/native-to-web/native/app.mjs';
import { Browser, aNativeClient, aUser, domain, issuer, isLoginPage, realm, sampleWeb, whoIsSignedIn } from './world.mjs';

// The package exports its React Native entry only; its core runs anywhere and is loaded by file.
const require = createRequire(import.meta.url);
const core = path.join(path.dirname(require.resolve('react-native-auth0/package.json')), 'lib/commonjs/core/services');
const { AuthenticationOrchestrator } = require(path.join(core, 'AuthenticationOrchestrator.js'));
const { HttpClient } = require(path.join(core, 'HttpClient.js'));

const baseUrl = `https://${domain}`;
const scope = 'openid profile email offline_access';
let web, ada, native, auth;

before(async () => {
  ada = await aUser();
  native = await aNativeClient();
  web = await sampleWeb();
  auth = new AuthenticationOrchestrator({ clientId: native.client_id, baseUrl, httpClient: new HttpClient({ baseUrl }) });
});
after(() => web?.close());

const signIn = () => auth.passwordRealm({ username: ada.email, password: ada.password, realm, scope });

test('passwordRealm signs in with tokens for the native client', async () => {
  const credentials = await signIn();
  assert.equal(credentials.tokenType.toLowerCase(), 'bearer');
  assert.ok(credentials.refreshToken);
  const claims = JSON.parse(Buffer.from(credentials.idToken.split('.')[1], 'base64url'));
  assert.equal(claims.iss, issuer);
  assert.equal(claims.aud, native.client_id);
  assert.equal(claims.sub, ada.user_id);
});

for (const by of ['query', 'cookie']) {
  test(`ssoExchange gives a token that opens the web by ${by}`, async () => {
    const { refreshToken } = await signIn();
    const sso = await auth.ssoExchange({ refreshToken });
    assert.ok(sso.sessionTransferToken);
    assert.equal(sso.tokenType, 'urn:auth0:params:oauth:token-type:session_transfer_token');
    assert.ok(sso.idToken, 'mobile SDKs cannot do without an ID token');
    assert.notEqual(sso.refreshToken, undefined, 'the client rotates');
    const browser = new Browser();
    await openWebApp(browser, { domain, baseURL: web.baseURL, token: sso.sessionTransferToken, by });
    assert.equal((await whoIsSignedIn(browser, web.baseURL)).sub, ada.user_id);
  });
}

test('the rotated refresh token goes on working', async () => {
  const { refreshToken } = await signIn();
  const sso = await auth.ssoExchange({ refreshToken });
  const renewed = await auth.refreshToken({ refreshToken: sso.refreshToken, scope });
  assert.ok(renewed.accessToken);
  assert.ok(renewed.idToken);
});

test('userInfo answers for the access token', async () => {
  const { accessToken } = await signIn();
  const user = await auth.userInfo({ token: accessToken });
  assert.equal(user.sub, ada.user_id);
  assert.equal(user.email, ada.email);
});

test('a wrong password and an unknown refresh token are the errors that the SDK knows', async () => {
  await assert.rejects(auth.passwordRealm({ username: ada.email, password: 'not it', realm, scope }), (error) => {
    assert.equal(error.code ?? error.name, 'invalid_grant');
    assert.match(error.message, /Wrong email or password\./);
    return true;
  });
  await assert.rejects(auth.ssoExchange({ refreshToken: 'rt_unknown' }), (error) => {
    assert.match(error.message, /Unknown or invalid refresh token\./);
    return true;
  });
});

test('a session transfer token that somebody made up only prompts', async () => {
  const page = await openWebApp(new Browser(), { domain, baseURL: web.baseURL, token: 'stt_made.up', by: 'query' });
  assert.ok(isLoginPage(page), page.url);
});
