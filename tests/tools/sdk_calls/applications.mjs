// Clients and their credentials, APIs and who may call them, connections.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';

const publicKey = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' });

export function applications(sdk, { all, gone, name }) {
  test('clients, with session_transfer', async () => {
    const { clients } = sdk;
    const { client_id } = await clients.create({
      name: name('web'),
      app_type: 'regular_web',
      callbacks: ['https://web.example/callback'],
      session_transfer: { allowed_authentication_methods: ['cookie', 'query'], enforce_device_binding: 'asn' },
      refresh_token: { rotation_type: 'rotating', expiration_type: 'expiring' },
      jwt_configuration: { alg: 'RS256' },
    });
    assert.equal((await clients.get(client_id)).session_transfer.enforce_device_binding, 'asn');
    assert.deepEqual(Object.keys(await clients.get(client_id, { fields: 'client_id,name', include_fields: true })).sort(), [
      'client_id',
      'name',
    ]);
    const changed = await clients.update(client_id, { session_transfer: { allow_refresh_token: true }, description: 'Changed' });
    assert.equal(changed.session_transfer.enforce_device_binding, 'asn');
    assert.equal(changed.session_transfer.allow_refresh_token, true);
    assert.ok((await all(clients.list({ is_global: false, per_page: 2 }))).some((each) => each.client_id === client_id));
    assert.notEqual((await clients.rotateSecret(client_id)).client_secret, changed.client_secret);
    await all(clients.connections.get(client_id));
    await clients.delete(client_id);
    await gone(clients.get(client_id));
  });

  test('keys that a client signs with', async () => {
    const { clients } = sdk;
    const { client_id } = await clients.create({ name: name('machine'), app_type: 'non_interactive', grant_types: ['client_credentials'] });
    const first = await clients.credentials.create(client_id, {
      credential_type: 'public_key',
      name: 'first',
      pem: publicKey(),
      alg: 'RS256',
    });
    await clients.update(client_id, {
      token_endpoint_auth_method: null,
      client_authentication_methods: { private_key_jwt: { credentials: [{ id: first.id }] } },
    });
    const second = await clients.credentials.create(client_id, { credential_type: 'public_key', name: 'second', pem: publicKey() });
    assert.equal((await clients.credentials.get(client_id, second.id)).name, 'second');
    await clients.credentials.update(client_id, second.id, { expires_at: '2099-01-01T00:00:00.000Z' });
    assert.equal((await clients.credentials.list(client_id)).length, 2);
    await clients.credentials.delete(client_id, second.id);
    await gone(clients.credentials.get(client_id, second.id));
    await clients.delete(client_id);
  });

  test('resource servers and client grants', async () => {
    const { clients, resourceServers, clientGrants } = sdk;
    const identifier = `https://${name('api').replaceAll(' ', '-')}.example/`;
    const api = await resourceServers.create({ identifier, name: 'Orders', scopes: [{ value: 'read:orders', description: 'Read' }] });
    assert.equal((await resourceServers.get(encodeURIComponent(identifier)).catch(() => resourceServers.get(identifier))).id, api.id);
    await resourceServers.update(api.id, { name: 'Orders of all', enforce_policies: true, token_dialect: 'access_token_authz' });
    assert.ok((await all(resourceServers.list({ per_page: 2 }))).some(({ id }) => id === api.id));
    const { client_id } = await clients.create({ name: name('machine'), app_type: 'non_interactive', grant_types: ['client_credentials'] });
    const grant = await clientGrants.create({ client_id, audience: identifier, scope: [] });
    await clientGrants.update(grant.id, { scope: ['read:orders'] });
    assert.deepEqual((await clientGrants.get(grant.id)).scope, ['read:orders']);
    assert.deepEqual(
      (await all(clientGrants.list({ client_id }))).map(({ id }) => id),
      [grant.id],
    );
    await clientGrants.delete(grant.id);
    await gone(clientGrants.get(grant.id));
    await resourceServers.delete(api.id);
    await gone(resourceServers.get(api.id));
    await clients.delete(client_id);
  });

  test('connections', async () => {
    const { clients, connections } = sdk;
    const { client_id } = await clients.create({ name: name('app'), app_type: 'native' });
    const { id } = await connections.create({
      name: name('people').replaceAll(' ', '-'),
      strategy: 'auth0',
      options: { passwordPolicy: 'good' },
    });
    await connections.update(id, { display_name: 'People', options: { passwordPolicy: 'fair', requires_username: false } });
    assert.equal((await connections.get(id)).options.passwordPolicy, 'fair');
    await connections.clients.update(id, [{ client_id, status: true }]);
    assert.deepEqual(
      (await all(connections.clients.get(id))).map((each) => each.client_id),
      [client_id],
    );
    assert.ok((await all(clients.connections.get(client_id))).some((each) => each.id === id));
    assert.ok((await all(connections.list({ strategy: ['auth0'], take: 1 }))).some((each) => each.id === id));
    await connections.delete(id);
    await clients.delete(client_id);
  });
}
