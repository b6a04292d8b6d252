// npm auth0 in the three major versions that are in use: 7 manages only; 6 and 4 authenticate too.
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { before, describe, test } from 'node:test';
import * as v4 from 'auth0-v4';
import * as v6 from 'auth0';
import * as v7 from 'auth0-v7';
import { aUser, client, credentials, domain, realm } from './world.mjs';

const { audience } = credentials;
const options = { domain, clientId: credentials.client_id, clientSecret: credentials.client_secret };
const name = (what) => `node-auth0 ${what} ${randomBytes(4).toString('hex')}`;
const refusal = (statusCode, more = {}) => (error) => {
  assert.equal(error.statusCode, statusCode, error.message);
  for (const [field, value] of Object.entries(more)) assert.equal(error[field] ?? error.body?.[field], value);
  return true;
};

// The same five calls, as each version spells them.
const since5 = ({ ManagementClient }) => {
  const { clients } = new ManagementClient(options);
  return {
    create: (body) => clients.create(body),
    get: (id) => clients.get(id),
    update: (id, body) => clients.update(id, body),
    delete: (id) => clients.delete(id),
    async ids() {
      const ids = [];
      for await (const { client_id } of await clients.list({ per_page: 3 })) ids.push(client_id);
      return ids;
    },
  };
};
const until4 = ({ ManagementClient }) => {
  const { clients } = new ManagementClient(options);
  const data = async (answer) => (await answer).data;
  return {
    create: (body) => data(clients.create(body)),
    get: (client_id) => data(clients.get({ client_id })),
    update: (client_id, body) => data(clients.update({ client_id }, body)),
    delete: (client_id) => data(clients.delete({ client_id })),
    async ids() {
      const ids = [];
      for (let page = 0; ; page++) {
        const answer = await data(clients.getAll({ page, per_page: 3, include_totals: true }));
        ids.push(...answer.clients.map(({ client_id }) => client_id));
        if (answer.start + answer.clients.length >= answer.total) return ids;
      }
    },
  };
};

for (const [version, clients] of Object.entries({ 7: since5(v7), 6: since5(v6), 4: until4(v4) })) {
  describe(`auth0 ${version}: ManagementClient`, () => {
    test('creates, reads, lists, changes and deletes clients with session_transfer', async () => {
      const created = await clients.create({
        name: name('web'),
        app_type: 'regular_web',
        callbacks: ['https://a.example/cb'],
        session_transfer: { allowed_authentication_methods: ['cookie', 'query'], enforce_device_binding: 'none' },
      });
      assert.ok(created.client_secret);
      const whole = {
        can_create_session_transfer_token: false,
        enforce_cascade_revocation: true,
        allowed_authentication_methods: ['cookie', 'query'],
        enforce_device_binding: 'none',
        allow_refresh_token: false,
        enforce_online_refresh_tokens: true,
      };
      assert.deepEqual(created.session_transfer, whole);

      const changed = await clients.update(created.client_id, { session_transfer: { allow_refresh_token: true } });
      assert.deepEqual(changed.session_transfer, { ...whole, allow_refresh_token: true });
      assert.deepEqual((await clients.get(created.client_id)).session_transfer, changed.session_transfer);

      const ids = await clients.ids();
      assert.ok(ids.includes(created.client_id));
      assert.equal(new Set(ids).size, ids.length, 'no client twice');

      assert.ok(!('session_transfer' in (await clients.update(created.client_id, { session_transfer: null }))));
      await clients.delete(created.client_id);
      await assert.rejects(clients.get(created.client_id), refusal(404));
    });

    test('a value that session_transfer does not know is refused', () =>
      assert.rejects(clients.create({ name: name('bad'), session_transfer: { enforce_device_binding: 'moon' } }), refusal(400)));
  });
}

for (const [version, { AuthenticationClient, UserInfoClient }] of Object.entries({ 6: v6, 4: v4 })) {
  describe(`auth0 ${version}: AuthenticationClient of a confidential client`, () => {
    const scope = 'openid profile email offline_access';
    let ada, oauth, created;
    before(async () => {
      ada = await aUser();
      created = await client({
        app_type: 'regular_web',
        callbacks: ['https://app.example.com/callback'],
        grant_types: ['authorization_code', 'refresh_token', 'password', 'http://auth0.com/oauth/grant-type/password-realm'],
        session_transfer: { can_create_session_transfer_token: true },
      });
      oauth = new AuthenticationClient({ domain, clientId: created.client_id, clientSecret: created.client_secret }).oauth;
    });
    const signIn = async () => (await oauth.passwordGrant({ username: ada.email, password: ada.password, realm, scope })).data;

    test('password, refresh and userinfo, with the ID tokens validated', async () => {
      const tokens = await signIn();
      assert.equal(tokens.token_type, 'Bearer');
      const { data: renewed } = await oauth.refreshTokenGrant({ refresh_token: tokens.refresh_token });
      assert.ok(renewed.id_token);
      const { data: user } = await new UserInfoClient({ domain }).getUserInfo(renewed.access_token);
      assert.equal(user.sub, ada.user_id);
      assert.equal(user.email, ada.email);
    });

    test('a wrong password is told in the words that SDKs compare', () =>
      assert.rejects(
        oauth.passwordGrant({ username: ada.email, password: 'not it', realm, scope }),
        refusal(403, { error: 'invalid_grant', error_description: 'Wrong email or password.' }),
      ));

    test('the refresh token is exchanged for a session transfer token', async () => {
      const { refresh_token } = await signIn();
      const { data } = await oauth.refreshTokenGrant({ refresh_token, audience: `urn:${domain}:session_transfer` });
      assert.equal(data.token_type, 'N_A');
      assert.equal(data.expires_in, 60);
      assert.equal(data.issued_token_type, 'urn:auth0:params:oauth:token-type:session_transfer_token');
      assert.ok(data.id_token);
    });

    test('a revoked refresh token is dead', async () => {
      const { refresh_token } = await signIn();
      await oauth.revokeRefreshToken({ token: refresh_token });
      await assert.rejects(
        oauth.refreshTokenGrant({ refresh_token }),
        refusal(403, { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' }),
      );
      // RFC 7009 §2.2: a token that means nothing is no error.
      await oauth.revokeRefreshToken({ token: refresh_token });
    });

    test('a request is pushed', async () => {
      const { data, status } = await oauth.pushedAuthorization({
        client_id: created.client_id,
        response_type: 'code',
        redirect_uri: 'https://app.example.com/callback',
        scope,
        state: 'a state',
      });
      assert.equal(status, 201);
      assert.match(data.request_uri, /^urn:ietf:params:oauth:request_uri:/);
      assert.ok(data.expires_in > 0);
    });
  });

  test(`auth0 ${version}: AuthenticationClient with a key of its own (private_key_jwt)`, async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = publicKey.export({ type: 'spki', format: 'pem' });
    const credentials = [{ name: 'key', credential_type: 'public_key', pem, alg: 'RS256' }];
    const machine = await client({
      app_type: 'non_interactive',
      grant_types: ['client_credentials'],
      client_authentication_methods: { private_key_jwt: { credentials } },
    });
    await grantManagement(machine);
    const clientAssertionSigningKey = privateKey.export({ type: 'pkcs8', format: 'pem' });
    const { oauth } = new AuthenticationClient({ domain, clientId: machine.client_id, clientAssertionSigningKey });
    const { data } = await oauth.clientCredentialsGrant({ audience });
    assert.equal(data.token_type, 'Bearer');
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
    const stranger = new AuthenticationClient({ domain, clientId: machine.client_id, clientAssertionSigningKey: other });
    await assert.rejects(stranger.oauth.clientCredentialsGrant({ audience }), refusal(401, { error: 'invalid_client' }));
  });
}

async function grantManagement({ client_id }) {
  const { clientGrants } = new v6.ManagementClient(options);
  await clientGrants.create({ client_id, audience, scope: ['read:clients'] });
}
