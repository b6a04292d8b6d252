// Actions and their modules, token exchange profiles, the log and its streams.
import assert from 'node:assert/strict';
import { test } from 'node:test';

const code = 'exports.onExecutePostLogin = async () => {};';

export function extending(sdk, { all, gone, name, eventually }) {
  const { actions } = sdk;
  const built = (id) => eventually(async () => (await actions.get(id)).status === 'built');

  test('actions: drafts, versions, bindings, executions', async () => {
    const named = name('action').replaceAll(' ', '-');
    const { id } = await actions.create({
      name: named,
      supported_triggers: [{ id: 'post-login', version: 'v3' }],
      code,
      dependencies: [],
      secrets: [{ name: 'KEY', value: 'a secret' }],
    });
    await built(id);
    const deployed = await actions.deploy(id);
    await eventually(async () => (await actions.get(id)).all_changes_deployed);
    await actions.update(id, { code: `${code} // changed` });
    await built(id);
    await actions.deploy(id);
    assert.equal((await all(actions.versions.list(id))).length, 2);
    assert.equal((await actions.versions.get(id, deployed.id)).number, 1);
    await actions.versions.deploy(id, deployed.id);
    await actions.test(id, { payload: { event: { user: { user_id: 'auth0|1' } } } });
    assert.ok((await all(actions.list({ per_page: 1 }))).some((each) => each.id === id));
    assert.ok((await actions.triggers.list()).triggers.some((each) => each.id === 'post-login'));
    const before = (await all(actions.triggers.bindings.list('post-login'))).map((each) => ({
      ref: { type: 'binding_id', value: each.id },
      display_name: each.display_name,
    }));
    const bindings = [...before, { ref: { type: 'action_name', value: named }, display_name: named }];
    await actions.triggers.bindings.updateMany('post-login', { bindings });
    assert.equal((await all(actions.triggers.bindings.list('post-login', { per_page: 1 }))).length, bindings.length);
    await actions.triggers.bindings.updateMany('post-login', { bindings: before });
    await gone(actions.executions.get('0123456789abcdef'));
    await actions.delete(id, { force: true });
    await gone(actions.get(id));
  });

  test('modules of actions', async () => {
    const { modules } = actions;
    const named = name('module').replaceAll(' ', '-');
    const { id } = await modules.create({ name: named, code: 'module.exports = 1;' });
    const first = await modules.versions.create(id);
    await modules.update(id, { code: 'module.exports = 2;' });
    await modules.versions.create(id);
    assert.equal((await all(modules.versions.list(id))).length, 2);
    assert.equal((await modules.versions.get(id, first.id)).id, first.id);
    assert.match((await modules.rollback(id, { module_version_id: first.id })).code, /1/);
    assert.equal((await modules.get(id)).name, named);
    assert.deepEqual(await all(modules.listActions(id)), []);
    assert.ok((await all(modules.list({ per_page: 1 }))).some((each) => each.id === id));
    await modules.delete(id);
    await gone(modules.get(id));
  });

  test('token exchange profiles', async () => {
    const { tokenExchangeProfiles } = sdk;
    const action = await actions.create({
      name: name('exchange').replaceAll(' ', '-'),
      supported_triggers: [{ id: 'custom-token-exchange', version: 'v1' }],
      code: 'exports.onExecuteCustomTokenExchange = async () => {};',
    });
    await built(action.id);
    await actions.deploy(action.id);
    const { id } = await tokenExchangeProfiles.create({
      name: name('profile'),
      subject_token_type: `urn:example:${name('type').replaceAll(' ', '-')}`,
      action_id: action.id,
      type: 'custom_authentication',
    });
    await tokenExchangeProfiles.update(id, { name: name('profile') });
    assert.equal((await tokenExchangeProfiles.get(id)).action_id, action.id);
    assert.ok((await all(tokenExchangeProfiles.list({ take: 1 }))).some((each) => each.id === id));
    await tokenExchangeProfiles.delete(id);
    await gone(tokenExchangeProfiles.get(id));
    await actions.delete(action.id, { force: true });
  });

  test('logs', async () => {
    const { logs } = sdk;
    let row;
    await eventually(async () => ([row] = (await logs.list({ per_page: 1, sort: 'date:-1' })).data).length > 0);
    assert.equal((await logs.get(row.log_id)).log_id, row.log_id);
    await logs.list({ search: 'type:sapi', per_page: 3, include_totals: true });
    await logs.list({ from: row.log_id, take: 2 });
  });

  test('log streams', async () => {
    const { logStreams } = sdk;
    const { id } = await logStreams.create({
      name: name('siem'),
      type: 'http',
      sink: { httpEndpoint: 'https://siem.example/logs', httpContentType: 'application/json', httpContentFormat: 'JSONLINES' },
      filters: [{ type: 'category', name: 'auth.login.fail' }],
    });
    assert.equal((await logStreams.update(id, { status: 'paused' })).status, 'paused');
    assert.equal((await logStreams.get(id)).status, 'paused');
    assert.ok((await logStreams.list()).some((each) => each.id === id));
    await logStreams.delete(id);
    await gone(logStreams.get(id));
  });
}
