// The auth0 CLI, unmodified, as a machine. It was written where the CLI cannot be had, and has not been run; tools/go_tools.sh says when it
// is skipped, and why. auth0_cli_calls.test.mjs replays what it sends for the same commands.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { caFile, first, run } from './world.mjs';

const program = process.env.SEGUE_AUTH0_CLI;
const home = mkdtempSync(path.join(os.tmpdir(), 'segue-auth0-cli-'));
after(() => rmSync(home, { recursive: true, force: true }));

describe('auth0 CLI', { skip: program ? false : 'it is not built' }, () => {
  const env = { HOME: home, XDG_CONFIG_HOME: path.join(home, '.config'), SSL_CERT_FILE: caFile, AUTH0_CLI_ANALYTICS: 'false' };
  async function auth0(...args) {
    const { code, output } = await run(program, [...args, '--no-input'], { env, cwd: home });
    assert.equal(code, 0, `auth0 ${args.join(' ')}: ${output}`);
    return output;
  }
  // What --json prints, behind whatever else is said.
  const asked = async (...args) => JSON.parse((await auth0(...args, '--json')).replace(/^[^[{]*/, ''));

  before(() => auth0('login', '--domain', first.domain, '--client-id', first.client_id, '--client-secret', first.client_secret));

  test('apps', async () => {
    const { client_id } = await asked('apps', 'create', '--name', 'cli', '--type', 'native', '--description', 'An app');
    assert.ok((await asked('apps', 'list')).some((each) => each.client_id === client_id));
    assert.equal((await asked('apps', 'update', client_id, '--name', 'cli 2')).name, 'cli 2');
    assert.equal((await asked('apps', 'show', client_id)).name, 'cli 2');
    const flags = ['--can-create-token=true', '--allowed-auth-methods', 'cookie,query', '--enforce-device-binding', 'asn'];
    await auth0('apps', 'session-transfer', 'update', client_id, ...flags);
    assert.match(await auth0('apps', 'session-transfer', 'show', client_id), /asn/);
    await auth0('apps', 'delete', client_id, '--force');
  });

  test('users', async () => {
    const realm = 'Username-Password-Authentication';
    const fields = ['--name', 'Cli', '--email', 'cli@example.com', '--password', 'Correct-horse-9182', '--connection-name', realm];
    const { user_id } = await asked('users', 'create', ...fields);
    assert.equal((await asked('users', 'show', user_id)).email, 'cli@example.com');
    await auth0('users', 'search', '--query', 'email:"cli@example.com"');
    await auth0('users', 'delete', user_id, '--force');
  });

  test('apis', async () => {
    const { id } = await asked('apis', 'create', '--name', 'cli', '--identifier', 'https://cli.example/v1', '--scopes', 'read:it');
    assert.ok((await asked('apis', 'list')).some((each) => each.id === id));
    assert.equal((await asked('apis', 'show', 'https://cli.example/v1')).id, id);
    await auth0('apis', 'delete', id, '--force');
  });

  test('roles', async () => {
    const { id } = await asked('roles', 'create', '--name', 'cli', '--description', 'A role');
    assert.ok((await asked('roles', 'list')).some((each) => each.id === id));
    await auth0('roles', 'delete', id, '--force');
  });

  test('orgs', async () => {
    const { id } = await asked('orgs', 'create', '--name', 'cli', '--display', 'Cli');
    assert.ok((await asked('orgs', 'list')).some((each) => each.id === id));
    await auth0('orgs', 'delete', id, '--force');
  });

  test('actions', async () => {
    const code = 'exports.onExecutePostLogin = async () => {};';
    const { id } = await asked('actions', 'create', '--name', 'cli', '--trigger', 'post-login', '--code', code);
    assert.ok((await asked('actions', 'list')).some((each) => each.id === id));
    await auth0('actions', 'deploy', id);
    await auth0('actions', 'delete', id, '--force');
  });

  test('logs list, logs tail', async () => {
    assert.ok((await asked('logs', 'list')).length > 0);
    const tail = spawn(program, ['logs', 'tail', '--json-compact', '--no-input'], { env: { ...process.env, ...env }, cwd: home });
    const rows = once(tail.stdout, 'data');
    const { client_id } = await asked('apps', 'create', '--name', 'tailed', '--type', 'm2m', '--description', 'An app');
    await auth0('apps', 'delete', client_id, '--force');
    assert.ok((await rows).length > 0);
    tail.kill();
  });

  test('api', async () => assert.ok((await asked('api', 'get', 'tenants/settings')).enabled_locales));
});
