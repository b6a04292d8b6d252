// npm auth0's ManagementClient against every route that is served: each of its methods for them is called, and each answer is held
// against the type that the package declares. A served route that no test calls fails the last test.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, describe, test } from 'node:test';
import { ManagementClient, ManagementError } from 'auth0';
import { methodOf, operationOf, watched } from './sdk.mjs';
import { applications } from './sdk_calls/applications.mjs';
import { extending } from './sdk_calls/extending.mjs';
import { people } from './sdk_calls/people.mjs';
import { settings, signingKeys } from './sdk_calls/settings.mjs';
import { first, run } from './world.mjs';

const { sdk, called, misfits } = await watched(first);
const served = await first.management.call('GET', 'openapi.json').then(({ paths }) =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => ['get', 'post', 'patch', 'put', 'delete'].includes(method))
      .map(([method, { summary }]) => ({ method: method.toUpperCase(), path, summary })),
  ),
);
// Where Segue says of itself that it has no such thing.
const isAbsent = ({ summary }) => summary.startsWith('Not served');

const tools = {
  // A unique name.
  name: (what) => `${what} ${randomBytes(4).toString('hex')}`,
  // Every item of a list, whichever way it is paged.
  async all(page) {
    const items = [];
    for await (const item of await page) items.push(item);
    return items;
  },
  gone: (promise) => assert.rejects(promise, { statusCode: 404 }),
  // What Segue does not do, and says so.
  refused: (promise) =>
    assert.rejects(promise, ({ statusCode, body }) => statusCode === 400 && body.errorCode === 'operation_not_supported'),
  // What is done behind the answer (a build, a job, an index) is asked after.
  async eventually(isSo) {
    const until = Date.now() + 20_000;
    while (!(await isSo())) {
      assert.ok(Date.now() < until, `not within 20 s: ${isSo}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  },
};

afterEach(() => assert.deepEqual([...new Set(misfits.splice(0))], []));

describe('npm auth0', () => {
  applications(sdk, tools);
  people(sdk, tools);
  extending(sdk, tools);
  settings(sdk, tools);
});

test('what Segue does not have reads as empty, and says why it is refused', async (t) => {
  const organization = await sdk.organizations.create({ name: tools.name('parent').replaceAll(' ', '-') });
  const [connection] = (await sdk.connections.list({ take: 1 })).data;
  const parents = { organizations: organization.id, connections: connection.id };
  const calledAbove = new Set(called);
  for (const { method, path } of served.filter(isAbsent)) {
    const operation = operationOf(method, path);
    // The package has no method for the verb, or a test above has called it.
    if (!operation || calledAbove.has(operation.route)) continue;
    await t.test(`${operation.call} ${path}`, async () => {
      const parts = operation.route.split(' ')[1].split('/');
      const inServed = path.split('/');
      const idAt = (i) => (inServed[i].startsWith('{') ? (parents[parts[i - 1]] ?? 'none_0000000000000000') : inServed[i]);
      const ids = parts.flatMap((part, i) => (part === '{}' ? [idAt(i)] : []));
      const reads = method === 'GET';
      const refusal = await Promise.resolve(methodOf(sdk, operation)(...ids, reads ? {} : { enabled: true }, { maxRetries: 0 })).then(
        () => undefined,
        (error) => error,
      );
      if (reads && !refusal) return;
      assert.ok(refusal instanceof ManagementError, refusal?.stack ?? 'a write was taken');
      assert.ok(refusal.statusCode === 404 || (!reads && refusal.statusCode === 400), refusal.message);
      if (refusal.statusCode === 400) assert.equal(refusal.body.errorCode, 'operation_not_supported', refusal.message);
    });
  }
});

test('an error has the status, the code and the words', async () => {
  const refusal = (expected) => (error) => {
    assert.ok(error instanceof ManagementError);
    const { statusCode, body } = error;
    assert.deepEqual({ kind: error.constructor.name, statusCode, errorCode: body.errorCode, message: body.message }, expected);
    assert.equal(body.statusCode, statusCode);
    assert.equal(typeof body.error, 'string');
    return true;
  };
  await assert.rejects(
    sdk.clients.get('none'),
    refusal({ kind: 'NotFoundError', statusCode: 404, errorCode: 'inexistent_client', message: 'The client does not exist' }),
  );
  await assert.rejects(
    sdk.clients.create({ name: 7 }),
    refusal({
      kind: 'BadRequestError',
      statusCode: 400,
      errorCode: 'invalid_body',
      message: "Payload validation error: 'Expected type string but found type integer' on property name (Name of the client).",
    }),
  );
  const nobody = new ManagementClient({ domain: first.domain, token: 'not a token' });
  await assert.rejects(nobody.clients.list(), (error) => error.constructor.name === 'UnauthorizedError' && error.statusCode === 401);
});

test('a client without the scope is told which one would do', async () => {
  const machine = await sdk.clients.create({
    name: tools.name('reader'),
    app_type: 'non_interactive',
    grant_types: ['client_credentials'],
  });
  await sdk.clientGrants.create({ client_id: machine.client_id, audience: `https://${first.domain}/api/v2/`, scope: ['read:clients'] });
  const reader = new ManagementClient({ domain: first.domain, clientId: machine.client_id, clientSecret: machine.client_secret });
  await reader.clients.list();
  await assert.rejects(reader.roles.create({ name: 'x' }), ({ statusCode, body }) => {
    assert.equal(statusCode, 403);
    assert.equal(body.errorCode, 'insufficient_scope');
    assert.equal(body.message, 'Insufficient scope, expected any of: create:roles');
    return true;
  });
  await sdk.clients.delete(machine.client_id);
});

test('lists are walked to their end, by offset and by checkpoint', async () => {
  const made = [];
  for (let i = 0; i < 5; i++) made.push((await sdk.organizations.create({ name: tools.name('page').replaceAll(' ', '-') })).id);
  for (const request of [{}, { take: 2 }, { take: 5 }]) {
    const ids = (await tools.all(sdk.organizations.list({ ...request }))).map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, 'none twice');
    assert.ok(
      made.every((id) => ids.includes(id)),
      JSON.stringify(request),
    );
  }
  for (const id of made) await sdk.organizations.delete(id);
  const roles = [];
  for (let i = 0; i < 5; i++) roles.push((await sdk.roles.create({ name: tools.name('page') })).id);
  for (const request of [{}, { per_page: 2 }, { per_page: 5 }]) {
    const ids = (await tools.all(sdk.roles.list({ ...request }))).map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, 'none twice');
    assert.ok(
      roles.every((id) => ids.includes(id)),
      JSON.stringify(request),
    );
  }
  for (const id of roles) await sdk.roles.delete(id);
});

test('the limit of requests is told as the package waits for it', async () => {
  const withServer = new URL('../peers/with_server.mjs', import.meta.url).pathname;
  const { code, output } = await run(process.execPath, [withServer, process.execPath, 'sdk_limited.mjs'], {
    env: { SEGUE_MANAGEMENT_REQUESTS_PER_SECOND: '3', SEGUE_TEST_TENANTS: '', NODE_EXTRA_CA_CERTS: '' },
    cwd: import.meta.dirname,
  });
  assert.equal(code, 0, output);
});

// They end the tokens that were signed before.
signingKeys(sdk);

test('every served route was called', () => {
  const ofOurOwn = ({ path, summary }) => path.startsWith('/segue/') || path === '/openapi.json' || isAbsent({ summary });
  const missing = served.filter(({ method, path, ...more }) => {
    const operation = operationOf(method, path);
    return operation ? !called.has(operation.route) : !ofOurOwn({ path, ...more });
  });
  assert.deepEqual(
    missing.map(({ method, path }) => `${method} ${path}`),
    [],
  );
});
