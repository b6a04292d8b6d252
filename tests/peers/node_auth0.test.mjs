// npm auth0: the Management client sets things up, the Authentication client gets tokens.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { before, describe, test } from 'node:test';
import { AuthenticationClient, ManagementClient, UserInfoClient } from 'auth0';
import { aNativeClient, aUser, client, credentials, domain, realm, signedInApp } from './world.mjs';

const { client_id: clientId, client_secret: clientSecret, audience } = credentials;
const management = new ManagementClient({ domain, clientId, clientSecret });
const name = (what) => `node-auth0 ${what} ${randomBytes(4).toString('hex')}`;
const status = (statusCode) => (error) => {
  assert.equal(error.statusCode, statusCode, error.message);
  return true;
};

describe('ManagementClient: clients', () => {
  const defaults = {
    can_create_session_transfer_token: false,
    enforce_cascade_revocation: true,
    allowed_authentication_methods: [],
    enforce_device_binding: 'ip',
    allow_refresh_token: false,
    enforce_online_refresh_tokens: true,
  };

  test('create, get, list, update, delete', async () => {
    const created = await management.clients.create({ name: name('client'), app_type: 'regular_web', callbacks: ['https://a.example/cb'] });
    assert.ok(created.client_id);
    assert.ok(created.client_secret);
    const read = await management.clients.get(created.client_id);
    assert.equal(read.name, created.name);
    assert.deepEqual(read.callbacks, ['https://a.example/cb']);

    const seen = [];
    for await (const each of await management.clients.list({ per_page: 2 })) seen.push(each.client_id);
    assert.ok(seen.includes(created.client_id));
    assert.equal(new Set(seen).size, seen.length, 'no client twice');

    const updated = await management.clients.update(created.client_id, { description: 'changed' });
    assert.equal(updated.description, 'changed');
    await management.clients.delete(created.client_id);
    await assert.rejects(management.clients.get(created.client_id), status(404));
  });

  test('session_transfer is absent until set, then whole, merged by field, and removed by null', async () => {
    const { client_id: id, session_transfer: none } = await management.clients.create({ name: name('transfer'), app_type: 'regular_web' });
    assert.equal(none, undefined);
    const set = (session_transfer) => management.clients.update(id, { session_transfer });

    assert.deepEqual((await set({ allowed_authentication_methods: ['query', 'cookie'] })).session_transfer, {
      ...defaults,
      allowed_authentication_methods: ['query', 'cookie'],
    });
    const merged = await set({ allow_refresh_token: true });
    assert.deepEqual(merged.session_transfer, {
      ...defaults,
      allowed_authentication_methods: ['query', 'cookie'],
      allow_refresh_token: true,
    });
    assert.deepEqual((await management.clients.get(id)).session_transfer, merged.session_transfer);
    assert.equal((await set(null)).session_transfer, undefined);
    assert.ok(!('session_transfer' in (await management.clients.get(id))));
  });

  test('create fills in the defaults of session_transfer', async () => {
    const created = await management.clients.create({ name: name('defaults'), session_transfer: { enforce_cascade_revocation: true } });
    assert.deepEqual(created.session_transfer, defaults);
  });

  test('bad bodies are refused with a reason', async () => {
    await assert.rejects(management.clients.create({}), status(400));
    await assert.rejects(management.clients.create({ name: name('unknown'), no_such_field: 1 }), (error) => {
      assert.equal(error.statusCode, 400);
      assert.equal(error.body.errorCode, 'invalid_body');
      assert.match(error.body.message, /no_such_field/);
      return true;
    });
    await assert.rejects(
      management.clients.create({ name: name('method'), session_transfer: { allowed_authentication_methods: ['carrier-pigeon'] } }),
      status(400),
    );
  });
});

test('ManagementClient: connections and the clients enabled on them', async () => {
  const found = [];
  for await (const each of await management.connections.list({ name: realm })) found.push(each);
  assert.equal(found.length, 1);
  assert.equal(found[0].strategy, 'auth0');

  const made = await management.connections.create({ name: `Directory-${randomBytes(4).toString('hex')}`, strategy: 'auth0' });
  const member = await client({ app_type: 'regular_web' });
  await management.connections.clients.update(made.id, [{ client_id: member.client_id, status: true }]);
  const enabled = async () => {
    const ids = [];
    for await (const each of await management.connections.clients.get(made.id)) ids.push(each.client_id);
    return ids;
  };
  assert.deepEqual(await enabled(), [member.client_id]);
  await management.connections.clients.update(made.id, [{ client_id: member.client_id, status: false }]);
  assert.deepEqual(await enabled(), []);
  await management.connections.delete(made.id);
  await assert.rejects(management.connections.get(made.id), status(404));
});

test('ManagementClient: users', async () => {
  const email = `node.${randomBytes(4).toString('hex')}@example.com`;
  const created = await management.users.create({ connection: realm, email, password: 'A-long-one-9182', name: 'Nora Node' });
  assert.match(created.user_id, /^auth0\|/);
  assert.equal(created.password, undefined);
  assert.equal((await management.users.get(created.user_id)).email, email);
  assert.deepEqual((await management.users.listUsersByEmail({ email })).map(({ user_id }) => user_id), [created.user_id]);

  const updated = await management.users.update(created.user_id, { name: 'Nora Changed', user_metadata: { theme: 'dark' } });
  assert.equal(updated.name, 'Nora Changed');
  assert.deepEqual(updated.user_metadata, { theme: 'dark' });

  let seen = false;
  for await (const each of await management.users.list({ per_page: 2 })) seen ||= each.user_id === created.user_id;
  assert.ok(seen);

  await assert.rejects(management.users.create({ connection: realm, email, password: 'A-long-one-9182' }), status(409));
  await management.users.delete(created.user_id);
  await assert.rejects(management.users.get(created.user_id), status(404));
});

test('ManagementClient: resource servers and client grants, and a token for them', async () => {
  const identifier = `https://api-${randomBytes(4).toString('hex')}.example.com`;
  const api = await management.resourceServers.create({
    identifier,
    name: name('api'),
    scopes: [{ value: 'read:things', description: 'Read' }, { value: 'write:things', description: 'Write' }],
  });
  assert.equal((await management.resourceServers.get(api.id)).identifier, identifier);
  const machine = await management.clients.create({ name: name('machine'), app_type: 'non_interactive', grant_types: ['client_credentials'] });
  const authentication = new AuthenticationClient({ domain, clientId: machine.client_id, clientSecret: machine.client_secret });

  await assert.rejects(authentication.oauth.clientCredentialsGrant({ audience: identifier }), status(403));
  const grant = await management.clientGrants.create({ client_id: machine.client_id, audience: identifier, scope: ['read:things'] });
  const grants = [];
  for await (const each of await management.clientGrants.list({ client_id: machine.client_id })) grants.push(each.id);
  assert.deepEqual(grants, [grant.id]);

  const { data } = await authentication.oauth.clientCredentialsGrant({ audience: identifier });
  const claims = JSON.parse(Buffer.from(data.access_token.split('.')[1], 'base64url'));
  assert.equal(claims.aud, identifier);
  assert.equal(claims.scope, 'read:things');
  assert.equal(claims.gty, 'client-credentials');

  await management.clientGrants.update(grant.id, { scope: ['read:things', 'write:things'] });
  assert.equal((await authentication.oauth.clientCredentialsGrant({ audience: identifier })).data.scope, 'read:things write:things');
  await management.clientGrants.delete(grant.id);
  await assert.rejects(authentication.oauth.clientCredentialsGrant({ audience: identifier }), status(403));
  await management.resourceServers.delete(api.id);
  await assert.rejects(management.resourceServers.get(api.id), status(404));
});

test('ManagementClient: the log tells of an exchange', async () => {
  const native = await aNativeClient();
  const ada = await aUser();
  await (await signedInApp(native, ada)).sessionTransferToken();
  const until = Date.now() + 8000;
  let row;
  while (!row && Date.now() < until) {
    const page = await management.logs.list({ search: `type:sertft AND client_id:${native.client_id}`, sort: 'date:-1', per_page: 10 });
    row = page.data[0];
    if (!row) await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.ok(row, 'a sertft row');
  assert.equal(row.type, 'sertft');
  assert.equal(row.client_id, native.client_id);
  assert.equal(row.user_id, ada.user_id);
  assert.match(String(row.audience), /^urn:.*:session_transfer$/);
  assert.equal((await management.logs.get(row.log_id)).log_id, row.log_id);
});

describe('AuthenticationClient', () => {
  let ada, authentication;
  before(async () => {
    ada = await aUser();
    const confidential = await client({
      app_type: 'regular_web',
      grant_types: ['authorization_code', 'refresh_token', 'password', 'http://auth0.com/oauth/grant-type/password-realm'],
      session_transfer: { can_create_session_transfer_token: true },
    });
    authentication = new AuthenticationClient({ domain, clientId: confidential.client_id, clientSecret: confidential.client_secret });
  });

  test('client credentials for the Management API', async () => {
    const machine = new AuthenticationClient({ domain, clientId, clientSecret });
    const { data, status: code } = await machine.oauth.clientCredentialsGrant({ audience });
    assert.equal(code, 200);
    assert.equal(data.token_type, 'Bearer');
    assert.ok(data.expires_in > 0);
    const wrong = new AuthenticationClient({ domain, clientId, clientSecret: 'not-the-secret' });
    await assert.rejects(wrong.oauth.clientCredentialsGrant({ audience }), status(401));
  });

  test('password, refresh and userinfo, with the ID token validated', async () => {
    const scope = 'openid profile email offline_access';
    const { data } = await authentication.oauth.passwordGrant({ username: ada.email, password: ada.password, realm, scope });
    const renewed = await authentication.oauth.refreshTokenGrant({ refresh_token: data.refresh_token });
    assert.ok(renewed.data.id_token);
    const userInfo = await new UserInfoClient({ domain }).getUserInfo(renewed.data.access_token);
    assert.equal(userInfo.data.sub, ada.user_id);
  });

  test('a confidential client exchanges its refresh token for a session transfer token', async () => {
    const scope = 'openid offline_access';
    const { data } = await authentication.oauth.passwordGrant({ username: ada.email, password: ada.password, realm, scope });
    const exchange = await authentication.oauth.refreshTokenGrant({
      refresh_token: data.refresh_token,
      audience: `urn:${domain}:session_transfer`,
    });
    assert.equal(exchange.data.token_type, 'N_A');
    assert.equal(exchange.data.expires_in, 60);
  });
});
