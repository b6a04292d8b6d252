// Users, what they may do, what they belong to, and the sessions and tokens that they have.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser, aNativeClient, logIn, realm, sampleWeb, signedInTokens } from '../../peers/world.mjs';

const password = 'Correct-horse-9182';

export function people(sdk, { all, gone, refused, name, eventually }) {
  const { users } = sdk;
  const aUser = async (more = {}) => {
    const email = `${name('user').replaceAll(' ', '.')}@example.com`;
    return { ...(await users.create({ connection: realm, email, password, email_verified: true, ...more })), email, password };
  };

  test('users', async () => {
    const { user_id, email } = await aUser({ name: 'Nora Node', user_metadata: { theme: 'dark' } });
    assert.equal((await users.get(user_id)).email, email);
    assert.deepEqual(Object.keys(await users.get(user_id, { fields: 'user_id', include_fields: true })), ['user_id']);
    assert.equal((await users.update(user_id, { name: 'Nora Changed', app_metadata: { plan: 'gold' } })).name, 'Nora Changed');
    assert.deepEqual(
      (await users.listUsersByEmail({ email })).map((each) => each.user_id),
      [user_id],
    );
    assert.ok((await all(users.list({ per_page: 3 }))).some((each) => each.user_id === user_id));
    await eventually(async () => (await users.list({ q: `email:"${email}"`, search_engine: 'v3' })).data.length === 1);
    await all(users.logs.list(user_id));
    await users.delete(user_id);
    await gone(users.get(user_id));
  });

  test('linked identities', async () => {
    const native = await aNativeClient();
    const [first, second] = [await aUser(), await aUser({ name: 'Sec Ond' })];
    const [provider, id] = second.user_id.split('|');
    const linked = await users.identities.link(first.user_id, { provider, user_id: id });
    assert.deepEqual(
      linked.map((each) => [each.provider, each.user_id, each.connection, each.isSocial]),
      [[...first.user_id.split('|'), realm, false], [provider, id, realm, false]],
    );
    assert.equal(linked[1].profileData.email, second.email);
    assert.equal(linked[1].profileData.name, 'Sec Ond');
    assert.deepEqual((await users.get(first.user_id)).identities, linked);
    await gone(users.get(second.user_id));
    await assert.rejects(users.identities.link(first.user_id, { provider, user_id: id }), { statusCode: 409 });
    const { id_token } = await signedInTokens(native, second);
    assert.equal(JSON.parse(Buffer.from(id_token.split('.')[1], 'base64url')).sub, first.user_id);
    assert.deepEqual(
      (await users.identities.delete(first.user_id, provider, id)).map((each) => each.user_id),
      [first.user_id.split('|')[1]],
    );
    assert.equal((await users.get(second.user_id)).email, second.email);
    for (const { user_id } of [first, second]) await users.delete(user_id);
  });

  test('factors of users, of which there are none', async () => {
    const { user_id } = await aUser();
    assert.deepEqual(await users.enrollments.get(user_id), []);
    assert.deepEqual(await all(users.authenticationMethods.list(user_id)), []);
    await refused(users.authenticationMethods.create(user_id, { type: 'totp', totp_secret: 'JBSWY3DPEHPK3PXP' }));
    await users.authenticationMethods.deleteAll(user_id);
    await users.authenticators.deleteAll(user_id);
    await users.multifactor.deleteProvider(user_id, 'duo');
    await users.delete(user_id);
  });

  test('roles and permissions', async () => {
    const { roles, resourceServers } = sdk;
    const identifier = `https://${name('api').replaceAll(' ', '-')}.example/`;
    const api = await resourceServers.create({ identifier, name: 'Orders', scopes: [{ value: 'read:orders' }, { value: 'write:orders' }] });
    const permissions = [{ resource_server_identifier: identifier, permission_name: 'read:orders' }];
    const role = await roles.create({ name: name('role'), description: 'Reads' });
    assert.equal((await roles.get(role.id)).description, 'Reads');
    await roles.update(role.id, { description: 'Reads all' });
    assert.ok((await all(roles.list({ per_page: 2 }))).some(({ id }) => id === role.id));
    await roles.permissions.add(role.id, { permissions });
    assert.deepEqual(
      (await all(roles.permissions.list(role.id))).map((each) => each.permission_name),
      ['read:orders'],
    );
    const { user_id } = await aUser();
    await users.roles.assign(user_id, { roles: [role.id] });
    assert.deepEqual(
      (await all(users.roles.list(user_id))).map(({ id }) => id),
      [role.id],
    );
    assert.deepEqual(
      (await all(roles.users.list(role.id))).map((each) => each.user_id),
      [user_id],
    );
    assert.equal((await all(users.permissions.list(user_id))).length, 1);
    assert.deepEqual(
      (await all(users.effectiveRoles.list(user_id))).map(({ id }) => id),
      [role.id],
    );
    const of_api = { resource_server_identifier: identifier };
    assert.deepEqual(
      (await all(users.effectivePermissions.list(user_id, of_api))).map((each) => each.permission_name),
      ['read:orders'],
    );
    assert.deepEqual(
      (await all(users.effectivePermissions.sources.roles.list(user_id, { ...of_api, permission_name: 'read:orders' }))).map(({ id }) => id),
      [role.id],
    );
    assert.deepEqual(await all(users.effectiveRoles.sources.groups.list(user_id, { role_id: role.id })), []);
    await users.roles.delete(user_id, { roles: [role.id] });
    await roles.users.assign(role.id, { users: [user_id] });
    const direct = { permissions: [{ resource_server_identifier: identifier, permission_name: 'write:orders' }] };
    await users.permissions.create(user_id, direct);
    assert.equal((await all(users.permissions.list(user_id))).length, 2);
    await users.permissions.delete(user_id, direct);
    await roles.permissions.delete(role.id, { permissions });
    await roles.delete(role.id);
    await gone(roles.get(role.id));
    await users.delete(user_id);
    await resourceServers.delete(api.id);
  });

  test('organizations, their members and their connections', async () => {
    const { organizations, connections, roles } = sdk;
    const organization = await organizations.create({
      name: name('acme').replaceAll(' ', '-'),
      display_name: 'Acme',
      metadata: { plan: 'gold' },
    });
    const { id } = organization;
    assert.equal((await organizations.get(id)).display_name, 'Acme');
    assert.equal((await organizations.getByName(organization.name)).id, id);
    await organizations.update(id, { display_name: 'Acme Ltd', branding: { colors: { primary: '#0059d6', page_background: '#000000' } } });
    assert.ok((await all(organizations.list({ take: 1 }))).some((each) => each.id === id));
    const { user_id } = await aUser({ name: 'Otto Org' });
    await organizations.members.create(id, { members: [user_id] });
    assert.deepEqual(
      (await all(organizations.members.list(id))).map((each) => each.user_id),
      [user_id],
    );
    assert.deepEqual(
      (await all(users.organizations.list(user_id))).map((each) => each.id),
      [id],
    );
    const role = await roles.create({ name: name('role') });
    await organizations.members.roles.assign(id, user_id, { roles: [role.id] });
    assert.deepEqual(
      (await all(organizations.members.roles.list(id, user_id))).map((each) => each.id),
      [role.id],
    );
    assert.deepEqual(
      (await all(organizations.members.effectiveRoles.list(id, user_id))).map((each) => each.id),
      [role.id],
    );
    assert.deepEqual(await all(organizations.members.effectiveRoles.sources.groups.list(id, user_id, { role_id: role.id })), []);
    await organizations.members.roles.delete(id, user_id, { roles: [role.id] });
    await organizations.members.delete(id, { members: [user_id] });

    const { id: connection_id } = (await connections.list({ name: realm })).data[0];
    const { connections: now, enabledConnections: before } = organizations;
    for (const each of [
      { ...now, add: now.create.bind(now), of: now },
      { add: before.add.bind(before), of: before },
    ]) {
      await each.add(id, { connection_id, assign_membership_on_login: true });
      assert.deepEqual(
        (await all(each.of.list(id))).map((one) => one.connection_id),
        [connection_id],
      );
      assert.equal((await each.of.get(id, connection_id)).connection.name, realm);
      await each.of.update(id, connection_id, { assign_membership_on_login: false });
      await each.of.delete(id, connection_id);
    }
    const app = await sdk.clients.create({ name: name('invites'), app_type: 'regular_web', organization_usage: 'allow', initiate_login_uri: 'https://app.example/login' });
    const invitation = await organizations.invitations.create(id, {
      inviter: { name: 'Otto' },
      invitee: { email: 'new@example.com' },
      client_id: app.client_id,
      send_invitation_email: false,
    });
    assert.equal((await all(organizations.invitations.list(id))).length, 1);
    assert.equal((await organizations.invitations.get(id, invitation.id)).invitee.email, 'new@example.com');
    await organizations.invitations.delete(id, invitation.id);
    await gone(organizations.invitations.get(id, invitation.id));
    await sdk.clients.delete(app.client_id);
    await organizations.delete(id);
    await gone(organizations.get(id));
    await roles.delete(role.id);
    await users.delete(user_id);
  });

  test('sessions, refresh tokens, device credentials and grants', async () => {
    const { sessions, refreshTokens, deviceCredentials, userGrants } = sdk;
    const native = await aNativeClient();
    const person = await aUser({ name: 'Sara Session' });
    const { user_id } = person;
    for (let i = 0; i < 4; i++) await signedInTokens(native, person);
    const tokens = await all(users.refreshToken.list(user_id, { take: 2 }));
    assert.equal(tokens.length, 4);
    const [first, second, third] = tokens.map(({ id }) => id);
    assert.equal((await refreshTokens.get(first)).user_id, user_id);
    assert.deepEqual((await refreshTokens.update(first, { refresh_token_metadata: { of: 'tests' } })).refresh_token_metadata, {
      of: 'tests',
    });
    assert.equal((await all(refreshTokens.list({ user_id }))).length, 4);
    await refreshTokens.delete(first);
    await gone(refreshTokens.get(first));
    await refreshTokens.revoke({ ids: [second] });
    const credentials = await all(deviceCredentials.list({ user_id, type: 'rotating_refresh_token' }));
    assert.equal(credentials.length, 2);
    await deviceCredentials.delete(third);
    await users.refreshToken.delete(user_id);
    await eventually(async () => (await users.refreshToken.list(user_id)).data.length === 0);

    const web = await sampleWeb();
    const signIn = async () => {
      const browser = new Browser();
      return logIn(browser, await browser.open(`${web.baseURL}/login`), person);
    };
    for (let i = 0; i < 2; i++) await signIn();
    await web.close();
    const [one, two] = (await all(users.sessions.list(user_id))).map(({ id }) => id);
    assert.equal((await sessions.get(one)).user_id, user_id);
    assert.deepEqual((await sessions.update(one, { session_metadata: { of: 'tests' } })).session_metadata, { of: 'tests' });
    await sessions.revoke(one);
    await sessions.delete(two);
    await users.sessions.delete(user_id);
    await eventually(async () => (await users.sessions.list(user_id)).data.length === 0);
    assert.deepEqual(await all(userGrants.list({ user_id })), [], 'clients of the first party ask for no consent');
    await userGrants.delete('grt_0000000000000000');
    await userGrants.deleteByUserId({ user_id });
    await users.delete(user_id);
  });

  test('jobs', async () => {
    const { jobs, connections } = sdk;
    const { id: connection_id } = (await connections.list({ name: realm })).data[0];
    const email = `${name('import').replaceAll(' ', '.')}@example.com`;
    const users_file = new File([JSON.stringify([{ email }, { email: 'not an address' }])], 'users.json', { type: 'application/json' });
    const imported = await jobs.usersImports.create({ users: users_file, connection_id, upsert: true, external_id: 'tests' });
    const done = async (id) => (await jobs.get(id)).status !== 'pending' && (await jobs.get(id)).status !== 'processing';
    await eventually(() => done(imported.id));
    assert.equal((await jobs.errors.get(imported.id)).length, 1);
    const exported = await jobs.usersExports.create({ connection_id, format: 'csv', limit: 5, fields: [{ name: 'email' }] });
    await eventually(() => done(exported.id));
    assert.match((await jobs.get(exported.id)).location, /^https:/);
    const [{ user_id }] = await users.listUsersByEmail({ email });
    assert.match((await jobs.verificationEmail.create({ user_id })).type, /verification_email/);
    assert.match((await sdk.tickets.verifyEmail({ user_id })).ticket, /^https:/);
    assert.match((await sdk.tickets.changePassword({ user_id })).ticket, /^https:/);
    await users.delete(user_id);
  });
}
