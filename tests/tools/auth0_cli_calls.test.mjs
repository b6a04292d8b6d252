// What the auth0 CLI 1.33 sends for its commands, as facts of its source: the CLI itself cannot be built from here. A test is a command; what
// it checks is what the CLI decodes, compares or prints.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GoTool, first } from './world.mjs';

const cli = new GoTool(first, 'Auth0-CLI/1.33.0');
const id = (text) => encodeURIComponent(text);

async function ask(method, path, status, body, until) {
  const answer = await cli.call(method, path, body, until);
  assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}
// The pages as go-auth0 walks them: on while total is more than start + limit.
async function pages(path, key) {
  const items = [];
  for (let page = 0; ; page++) {
    const answer = await ask('GET', `${path}${path.includes('?') ? '&' : '?'}page=${page}&per_page=2`, 200);
    items.push(...answer[key]);
    assert.ok(page < 50, `${path} does not end`);
    if (!(answer.next || answer.total > answer.start + answer.limit)) return items;
  }
}

test('login --client-id --client-secret', async () => {
  for (const more of [{}, { client_id: first.client_id }, { client_id: first.client_id, client_secret: first.client_secret }]) {
    const { access_token, expires_in, token_type } = await cli.signIn(more);
    assert.equal(token_type.toLowerCase(), 'bearer');
    assert.ok(expires_in > 300, 'under five minutes count as none');
    const [header, claims, signature] = access_token.split('.');
    assert.ok(JSON.parse(Buffer.from(header, 'base64url')).alg && JSON.parse(Buffer.from(claims, 'base64url')).exp && signature);
  }
});

describe('apps', () => {
  let app;
  test('create', async () => {
    app = await ask('POST', 'clients', 201, {
      name: 'cli app',
      description: '',
      app_type: 'native',
      oidc_conformant: true,
      jwt_configuration: { alg: 'RS256' },
      callbacks: ['https://cli.example/callback'],
      grant_types: ['implicit', 'authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
      client_metadata: {},
    });
    assert.equal(app.name, 'cli app');
  });
  test('list', async () => {
    const all = await pages('clients?include_totals=true&is_global=false', 'clients');
    assert.ok(all.some(({ client_id }) => client_id === app.client_id));
    assert.ok(all.every(({ global }) => !global));
  });
  test('show', async () =>
    assert.deepEqual((await ask('GET', `clients/${app.client_id}`, 200)).callbacks, ['https://cli.example/callback']));
  test('update', async () => {
    const { client_id } = await ask('GET', `clients/${app.client_id}`, 200);
    assert.equal((await ask('PATCH', `clients/${client_id}`, 200, { name: 'cli app 2', callbacks: [] })).name, 'cli app 2');
  });
  test('session-transfer show: nothing is configured', async () =>
    assert.ok(!('session_transfer' in (await ask('GET', `clients/${app.client_id}`, 200)))));
  test('session-transfer update --can-create-token --allowed-auth-methods --enforce-device-binding', async () => {
    // Only the flags that were given, and the binding as it stands when it was not.
    const flags = [
      [{ can_create_session_transfer_token: true, enforce_device_binding: 'asn' }, {}],
      [{ allowed_authentication_methods: ['cookie', 'query'], enforce_device_binding: 'asn' }, { can_create_session_transfer_token: true }],
      [
        { enforce_device_binding: 'none' },
        { can_create_session_transfer_token: true, allowed_authentication_methods: ['cookie', 'query'] },
      ],
    ];
    for (const [session_transfer, kept] of flags) {
      await ask('GET', `clients/${app.client_id}`, 200);
      const changed = (await ask('PATCH', `clients/${app.client_id}`, 200, { session_transfer })).session_transfer;
      for (const [name, value] of Object.entries({ ...session_transfer, ...kept })) assert.deepEqual(changed[name], value, name);
    }
  });
  test('delete', async () => {
    await ask('GET', `clients/${app.client_id}`, 200);
    assert.equal(await ask('DELETE', `clients/${app.client_id}`, 204), undefined);
    assert.equal((await ask('GET', `clients/${app.client_id}`, 404)).errorCode, 'inexistent_client');
  });
});

describe('users', () => {
  let user;
  test('create', async () => {
    const strategies = [0, 1, 2].map((i) => `strategy%5B${i}%5D=${['auth0', 'email', 'sms'][i]}`).join('&');
    const { connections } = await ask('GET', `connections?include_totals=true&page=0&per_page=100&${strategies}`, 200);
    assert.ok(connections.length > 0 && connections.every(({ strategy }) => ['auth0', 'email', 'sms'].includes(strategy)));
    const withClients = [];
    for (const connection of connections)
      if ((await ask('GET', `connections/${connection.id}/clients`, 200)).clients.length > 0) withClients.push(connection);
    assert.ok(withClients.length > 0, 'a connection without clients is not offered');
    const [{ name }] = withClients;
    const { connections: found } = await ask('GET', `connections?include_totals=true&page=0&per_page=1&name=${id(name)}`, 200);
    assert.deepEqual(
      found.map((each) => each.name),
      [name],
    );
    user = await ask('POST', 'users', 201, {
      connection: name,
      email: 'cli@example.com',
      name: 'Cli User',
      password: 'Correct-horse-9182',
    });
  });
  test('show', async () => assert.equal((await ask('GET', `users/${id(user.user_id)}`, 200)).email, 'cli@example.com'));
  test('search', async () => {
    const query = `users?include_totals=true&page=0&per_page=50&search_engine=v3&q=${id('email:"cli@example.com"')}`;
    const { users } = await ask('GET', query, 200, undefined, (answer) => answer.users.length > 0);
    assert.equal(users[0].user_id, user.user_id);
  });
  test('search-by-email', async () => assert.equal((await ask('GET', `users-by-email?email=${id('cli@example.com')}`, 200)).length, 1));
  test('update', async () => {
    await ask('GET', `users/${id(user.user_id)}`, 200);
    assert.equal((await ask('PATCH', `users/${id(user.user_id)}`, 200, { name: 'Cli Changed', blocked: true })).name, 'Cli Changed');
  });
  test('roles assign, show, remove', async () => {
    const role = await ask('POST', 'roles', 200, { name: 'cli assigned', description: 'Assigned' });
    await ask('POST', `users/${id(user.user_id)}/roles`, 204, { roles: [role.id] });
    assert.deepEqual(
      (await pages(`users/${id(user.user_id)}/roles?include_totals=true`, 'roles')).map((each) => each.id),
      [role.id],
    );
    await ask('DELETE', `users/${id(user.user_id)}/roles`, 204, { roles: [role.id] });
    await ask('DELETE', `roles/${role.id}`, 200);
  });
  test('delete', async () => {
    await ask('DELETE', `users/${id(user.user_id)}`, 204);
    await ask('GET', `users/${id(user.user_id)}`, 404);
  });
});

describe('apis', () => {
  const identifier = 'https://cli-api.example/v1';
  let api;
  test('create', async () => {
    api = await ask('POST', 'resource-servers', 201, {
      name: 'cli api',
      identifier,
      scopes: [{ value: 'read:it' }],
      token_lifetime: 86400,
      allow_offline_access: false,
      signing_alg: 'RS256',
    });
  });
  test('list', async () =>
    assert.ok((await pages('resource-servers?include_totals=true', 'resource_servers')).some((each) => each.id === api.id)));
  // An identifier is escaped by the CLI, and once more by go-auth0.
  test('show by id and by identifier', async () => {
    for (const path of [api.id, id(identifier), id(id(identifier))])
      assert.equal((await ask('GET', `resource-servers/${path}`, 200)).id, api.id);
  });
  test('update, scopes list', async () => {
    await ask('PATCH', `resource-servers/${api.id}`, 200, {
      name: 'cli api 2',
      scopes: [{ value: 'read:it' }, { value: 'write:it' }],
      token_lifetime: 7200,
    });
    assert.equal((await ask('GET', `resource-servers/${id(id(identifier))}`, 200)).scopes.length, 2);
  });
  test('delete', async () => {
    await ask('DELETE', `resource-servers/${id(id(identifier))}`, 204);
    await ask('GET', `resource-servers/${api.id}`, 404);
  });
});

test('roles create, list, show, update, permissions add, list, remove, delete', async () => {
  const api = await ask('POST', 'resource-servers', 201, {
    name: 'cli role api',
    identifier: 'https://cli-role.example',
    scopes: [{ value: 'read:it' }],
  });
  const role = await ask('POST', 'roles', 200, { name: 'cli role', description: 'Role' });
  assert.ok((await pages('roles?include_totals=true', 'roles')).some((each) => each.id === role.id));
  assert.equal((await ask('GET', `roles/${role.id}`, 200)).name, 'cli role');
  assert.equal((await ask('PATCH', `roles/${role.id}`, 200, { name: 'cli role 2', description: 'Role' })).name, 'cli role 2');
  const permissions = [{ resource_server_identifier: api.identifier, permission_name: 'read:it' }];
  await ask('POST', `roles/${role.id}/permissions`, 201, { permissions });
  assert.equal((await pages(`roles/${role.id}/permissions?include_totals=true`, 'permissions')).length, 1);
  await ask('DELETE', `roles/${role.id}/permissions`, 200, { permissions });
  await ask('DELETE', `roles/${role.id}`, 200);
  assert.equal((await ask('GET', `roles/${role.id}`, 404)).message, 'The role does not exist.');
  await ask('DELETE', `resource-servers/${api.id}`, 204);
});

test('orgs create, list, show, update, members list, delete', async () => {
  const org = await ask('POST', 'organizations', 201, { name: 'cli-org', display_name: 'Cli', metadata: {} });
  assert.ok((await pages('organizations?include_totals=true', 'organizations')).some((each) => each.id === org.id));
  const all = await ask('GET', 'organizations?from=&take=100', 200);
  assert.ok(all.organizations.some((each) => each.id === org.id) && !all.next && !('total' in all));
  await ask('PATCH', `organizations/${org.id}`, 200, { display_name: 'Cli 2' });
  assert.equal((await ask('GET', `organizations/${org.id}`, 200)).display_name, 'Cli 2');
  assert.deepEqual((await ask('GET', `organizations/${org.id}/members?include_totals=true&page=0&per_page=100`, 200)).members, []);
  await ask('DELETE', `organizations/${org.id}`, 204);
  assert.equal((await ask('GET', `organizations/${org.id}`, 404)).message, 'No organization found by that id or name');
});

describe('logs', () => {
  const shaped = (row) => {
    assert.match(row.log_id, /^900\d+$/);
    assert.equal(row._id, row.log_id);
    assert.ok(!Number.isNaN(Date.parse(row.date)));
    for (const text of [
      'type',
      'client_id',
      'client_name',
      'ip',
      'user_agent',
      'user_id',
      'user_name',
      'description',
      'connection',
      'connection_id',
      'strategy',
      'audience',
      'hostname',
    ])
      assert.ok([undefined, null].includes(row[text]) || typeof row[text] === 'string', `${text}: ${row[text]}`);
    for (const object of ['details', 'location_info'])
      assert.ok([undefined, null].includes(row[object]) || typeof row[object] === 'object', object);
  };
  test('list -n 50, list --filter', async () => {
    const rows = await ask('GET', 'logs?sort=date%3A-1&page=0&per_page=50', 200, undefined, (answer) => answer.length > 1);
    assert.ok(Array.isArray(rows));
    rows.forEach(shaped);
    assert.deepEqual(
      rows.map(({ date }) => date),
      rows
        .map(({ date }) => date)
        .sort()
        .reverse(),
    );
    for (const row of await ask('GET', 'logs?sort=date%3A-1&page=0&per_page=50&q=type%3Asapi', 200)) assert.equal(row.type, 'sapi');
  });
  test('tail', async () => {
    const [{ log_id: last }] = await ask('GET', 'logs?sort=date%3A-1&page=0&per_page=50', 200);
    const { id: role } = await ask('POST', 'roles', 200, { name: 'cli tailed', description: 'Tail' });
    await ask('DELETE', `roles/${role}`, 200);
    // What came is printed when there is more than the row that was known.
    const range = id(`log_id:[${last} TO *]`);
    const rows = await ask('GET', `logs?page=0&per_page=100&q=${range}&sort=date%3A-1`, 200, undefined, (answer) => answer.length > 1);
    assert.equal(rows.at(-1).log_id, last, 'the range holds its own bound');
    assert.ok(rows.slice(0, -1).every(({ log_id }) => BigInt(log_id) > BigInt(last)));
  });
});

test('actions list, create, show, update, deploy, delete', async () => {
  const { triggers } = await ask('GET', 'actions/triggers', 200);
  const { id: trigger, version } = triggers.find((each) => each.id === 'post-login' && each.status === 'CURRENT');
  const code = 'exports.onExecutePostLogin = async () => {};';
  const action = await ask('POST', 'actions/actions', 201, {
    name: 'cli action',
    supported_triggers: [{ id: trigger, version }],
    code,
    dependencies: [],
    secrets: [],
    runtime: 'node22',
  });
  assert.ok((await ask('GET', 'actions/actions?page=0&per_page=100', 200)).actions.some((each) => each.id === action.id));
  const isBuilt = ({ status }) => status === 'built';
  await ask('GET', `actions/actions/${action.id}`, 200, undefined, isBuilt);
  await ask('PATCH', `actions/actions/${action.id}`, 200, { name: 'cli action 2', code });
  await ask('GET', `actions/actions/${action.id}`, 200, undefined, isBuilt);
  await ask('POST', `actions/actions/${action.id}/deploy`, 200);
  await ask('GET', `actions/actions/${action.id}`, 200, undefined, ({ deployed_version }) => deployed_version?.deployed === true);
  await ask('DELETE', `actions/actions/${action.id}`, 204);
  await ask('GET', `actions/actions/${action.id}`, 404);
});

test('api get, post, patch, delete', async () => {
  assert.ok((await ask('GET', 'tenants/settings', 200)).enabled_locales);
  const { client_id } = await ask('POST', 'clients', 201, { name: 'raw' });
  await ask('PATCH', `clients/${client_id}`, 200, { description: 'raw' });
  await ask('DELETE', `clients/${client_id}`, 204);
  const { statusCode, message } = await ask('POST', 'clients', 400, {});
  assert.equal(statusCode, 400);
  assert.match(message, /^Payload validation error: 'Missing required property: name'/);
});

test('a missing scope is named as the CLI looks for it', async () => {
  const machine = await ask('POST', 'clients', 201, {
    name: 'cli reader',
    app_type: 'non_interactive',
    grant_types: ['client_credentials'],
  });
  await ask('POST', 'client-grants', 201, {
    client_id: machine.client_id,
    audience: `https://${first.domain}/api/v2/`,
    scope: ['read:clients'],
  });
  const reader = new GoTool({ ...first, ...machine }, 'Auth0-CLI/1.33.0');
  const { status, body } = await reader.call('POST', 'roles', { name: 'x' });
  assert.equal(status, 403);
  assert.match(body.message, /^Insufficient scope, expected any of: create:roles/);
  await ask('DELETE', `clients/${machine.client_id}`, 204);
});
