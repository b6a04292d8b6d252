// The Native to Web documentation's own steps, with curl.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { aNativeClient, aUser, aWebClient, caFile, domain, issuer, logRow } from './world.mjs';

const baseURL = 'https://app.example.com';
const hostname = domain.split(':')[0];
let native, web, ada;

before(async () => {
  native = await aNativeClient();
  web = await aWebClient(baseURL);
  ada = await aUser();
});

async function curl(...options) {
  const { stdout } = await promisify(execFile)('curl', ['--silent', '--show-error', '--cacert', caFile, '--include', ...options]);
  const at = stdout.indexOf('\r\n\r\n');
  const [statusLine, ...lines] = stdout.slice(0, at).split('\r\n');
  const headers = new Headers(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
  return { status: Number(statusLine.split(' ')[1]), headers, text: stdout.slice(at + 4) };
}

async function token(body) {
  const answer = await curl('--request', 'POST', '--url', `https://${domain}/oauth/token`, '--header', 'content-type: application/json',
    '--data', JSON.stringify(body));
  return { ...answer, body: JSON.parse(answer.text) };
}

const signIn = (more) =>
  token({ grant_type: 'password', client_id: native.client_id, username: ada.email, password: ada.password,
    scope: 'openid profile email offline_access', ...more });

const exchange = (refresh_token, audience = `urn:${domain}:session_transfer`) =>
  token({ grant_type: 'refresh_token', client_id: native.client_id, refresh_token, audience });

async function sessionTransferToken() {
  return (await exchange((await signIn()).body.refresh_token)).body.access_token;
}

function authorizeUrl(parameters, path = '/authorize') {
  const query = new URLSearchParams({
    response_type: 'code', client_id: web.client_id, redirect_uri: `${baseURL}/callback`, scope: 'openid profile email', state: 'xyz',
    ...parameters,
  });
  return `https://${domain}${path}?${query}`;
}

async function signedInAs(answer) {
  assert.equal(answer.status, 302, answer.text);
  const location = new URL(answer.headers.get('location'));
  assert.equal(location.origin + location.pathname, `${baseURL}/callback`);
  assert.equal(location.searchParams.get('state'), 'xyz');
  const tokens = await token({
    grant_type: 'authorization_code', client_id: web.client_id, client_secret: web.client_secret,
    code: location.searchParams.get('code'), redirect_uri: `${baseURL}/callback`,
  });
  assert.equal(tokens.status, 200, tokens.text);
  return { tokens: tokens.body, claims: JSON.parse(Buffer.from(tokens.body.id_token.split('.')[1], 'base64url')) };
}

const prompts = (answer) => {
  assert.equal(answer.status, 302, answer.text);
  assert.equal(new URL(answer.headers.get('location'), `https://${domain}`).pathname, '/u/login');
};

test('the password grant gives the refresh token of the first step', async () => {
  const { status, headers, body } = await signIn();
  assert.equal(status, 200);
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.equal(body.token_type, 'Bearer');
  assert.ok(body.refresh_token && body.id_token && body.access_token);
});

describe('the exchange', () => {
  for (const [form, audience] of [['with the port', `urn:${domain}:session_transfer`], ['without the port', `urn:${hostname}:session_transfer`],
    ['in capitals', `urn:${domain.toUpperCase()}:session_transfer`]]) {
    test(`answers as documented for an audience ${form}`, async () => {
      const { refresh_token } = (await signIn()).body;
      const { status, headers, body } = await exchange(refresh_token, audience);
      assert.equal(status, 200);
      assert.equal(headers.get('cache-control'), 'no-store');
      assert.equal(body.issued_token_type, 'urn:auth0:params:oauth:token-type:session_transfer_token');
      assert.equal(body.token_type, 'N_A');
      assert.equal(body.expires_in, 60);
      assert.ok(body.access_token && body.id_token);
      assert.ok(body.refresh_token && body.refresh_token !== refresh_token);
    });
  }

  test('takes a form body too', async () => {
    const { refresh_token } = (await signIn()).body;
    const answer = await curl('--request', 'POST', '--url', `https://${domain}/oauth/token`,
      '--data-urlencode', 'grant_type=refresh_token', '--data-urlencode', `client_id=${native.client_id}`,
      '--data-urlencode', `refresh_token=${refresh_token}`, '--data-urlencode', `audience=urn:${domain}:session_transfer`);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(JSON.parse(answer.text).token_type, 'N_A');
  });

  test('an unknown refresh token, a foreign domain and a client that may not are refused', async () => {
    const unknown = await exchange('unknown');
    assert.equal(unknown.status, 403);
    assert.deepEqual(unknown.body, { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' });
    const foreign = await exchange((await signIn()).body.refresh_token, 'urn:other.example.com:session_transfer');
    assert.equal(foreign.status, 403);
    assert.equal(foreign.body.error, 'access_denied');
    const plain = await aNativeClient({ session_transfer: undefined });
    const { refresh_token } = (await signIn({ client_id: plain.client_id })).body;
    const refused = await token({ grant_type: 'refresh_token', client_id: plain.client_id, refresh_token,
      audience: `urn:${domain}:session_transfer` });
    assert.equal(refused.status, 403);
    assert.equal(refused.body.error, 'unauthorized_client');
  });
});

describe('opening /authorize', () => {
  test('with the token as cookie signs the user in', async () => {
    const stt = await sessionTransferToken();
    const answer = await curl('--cookie', `auth0_session_transfer_token=${stt}`, '--url', authorizeUrl());
    const cookies = answer.headers.getSetCookie();
    assert.ok(cookies.some((line) => line.startsWith('auth0=')), 'a session cookie');
    assert.ok(cookies.some((line) => line.startsWith('auth0_session_transfer_token=;')), 'the token cookie is taken away');
    const { claims } = await signedInAs(answer);
    assert.equal(claims.sub, ada.user_id);
    assert.equal(claims.iss, issuer);
    assert.equal(claims.aud, web.client_id);
  });

  test('with the token as parameter signs the user in, with the doubled slash of the documentation too', async () => {
    for (const path of ['/authorize', '//authorize']) {
      const answer = await curl('--url', authorizeUrl({ session_transfer_token: await sessionTransferToken() }, path));
      const { claims, tokens } = await signedInAs(answer);
      assert.equal(claims.sub, ada.user_id);
      assert.equal(tokens.refresh_token, undefined);
    }
  });

  test('a token works once, and a second use prompts', async () => {
    const stt = await sessionTransferToken();
    await signedInAs(await curl('--url', authorizeUrl({ session_transfer_token: stt })));
    prompts(await curl('--url', authorizeUrl({ session_transfer_token: stt })));
    const row = await logRow((each) => each.type === 'w' && each.client_id === web.client_id);
    assert.match(row?.description ?? '', /Session Transfer Token not found or expired/);
  });

  test('offline_access is no error and gives no refresh token unless the web client allows it', async () => {
    const scope = 'openid offline_access';
    const first = await signedInAs(await curl('--url', authorizeUrl({ scope, session_transfer_token: await sessionTransferToken() })));
    assert.equal(first.tokens.refresh_token, undefined);
    const allowing = await aWebClient(baseURL, {
      session_transfer: { allowed_authentication_methods: ['query'], allow_refresh_token: true },
    });
    const before = web;
    web = allowing;
    try {
      const second = await signedInAs(await curl('--url', authorizeUrl({ scope, session_transfer_token: await sessionTransferToken() })));
      assert.ok(second.tokens.refresh_token);
    } finally {
      web = before;
    }
  });

  test('HEAD and a prefetch leave the token unspent', async () => {
    const stt = await sessionTransferToken();
    await curl('--head', '--url', authorizeUrl({ session_transfer_token: stt }));
    await curl('--header', 'Sec-Purpose: prefetch', '--url', authorizeUrl({ session_transfer_token: stt }));
    await signedInAs(await curl('--url', authorizeUrl({ session_transfer_token: stt })));
  });

  test('the log says that the sign-in came from a session transfer token', async () => {
    await signedInAs(await curl('--url', authorizeUrl({ session_transfer_token: await sessionTransferToken() })));
    const row = await logRow((each) => each.type === 's' && each.client_id === web.client_id && each.user_id === ada.user_id);
    assert.equal(row?.details?.triggered_by_session_transfer_token, true);
  });
});
