// The life of every resource as terraform-provider-auth0 lives it: create, read, an empty second plan, change, import, destroy
// (provider_calls/README.md).
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import { applications } from './provider_calls/applications.mjs';
import { extending } from './provider_calls/extending.mjs';
import { people } from './provider_calls/people.mjs';
import { protection } from './provider_calls/protection.mjs';
import { tenant } from './provider_calls/tenant.mjs';
import { GoTool, first } from './world.mjs';

const provider = new GoTool(first, 'Go-Auth0/1.47.0');
const publicKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' });

for (const [name, life] of Object.entries({ ...applications(publicKey), ...people, ...extending, ...tenant, ...protection })) {
  describe(name, () => {
    const kept = {};
    const { before = [], create, reads, changes = [], imports = [], id, after = [] } = life;
    const destroy = life.destroy ?? (id ? [['DELETE', id, undefined, life.destroyed ?? 204]] : []);
    const gone = life.gone ?? (life.destroy ? undefined : id);
    const perform = async (calls) => {
      for (const [method, path, body, status, as, until] of calls) {
        const answer = await provider.call(method, filled(path, kept, encodeURIComponent), filled(body, kept), until);
        assert.ok([status].flat().includes(answer.status), `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
        if (as) kept[as] = answer.body;
      }
    };
    const read = async (path) => {
      const { status, body } = await provider.call('GET', filled(path, kept, encodeURIComponent));
      assert.equal(status, 200, `GET ${path}: ${JSON.stringify(body)}`);
      assert.deepEqual(nullsOf(body), [], `GET ${path} has members that are null`);
      return body;
    };
    // What the provider has in its state after a write, and what its next plan finds.
    const planIsEmpty = async (members) => {
      for (const [path, expected] of members) {
        const [state, found] = [await read(path), await read(path)];
        assert.deepEqual(found, state, `GET ${path}`);
        if (expected) holds(found, filled(expected, kept), path);
      }
    };

    test('is created as configured', async () => {
      await perform([...before, ...create]);
      await planIsEmpty(reads);
    });
    let [[path, expected], ...others] = reads;
    for (const { calls, gives } of changes) {
      test(`is changed: ${Object.keys(gives).join(', ')}`, async () => {
        await perform(calls);
        expected = { ...expected, ...gives };
        await planIsEmpty([[path, expected], ...others]);
      });
    }
    for (const path of imports) test(`is imported by ${path}`, async () => assert.deepEqual(await read(path), await read(reads[0][0])));
    test('is destroyed', async () => {
      await perform(destroy);
      await planIsEmpty(after);
      if (!gone) return;
      // Gone, to a read that drops it from the state and to a second destroy.
      assert.equal((await provider.call('GET', filled(gone, kept, encodeURIComponent))).status, 404);
    });
  });
}

// {name.member} in texts stands for what an earlier answer had.
function filled(value, kept, encode = (text) => text) {
  if (typeof value === 'string') return value.replace(/\{(\w+)\.(\w+)\}/g, (_, name, member) => encode(kept[name][member]));
  if (Array.isArray(value)) return value.map((each) => filled(each, kept, encode));
  if (value && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each, kept, encode)]));
  return value;
}

// Every member of `expected` is in `found`; undefined stands for what the provider reads as unset.
function holds(found, expected, where) {
  if (expected === undefined) {
    const isUnset =
      found === undefined ||
      found === '' ||
      found === false ||
      found === 0 ||
      (typeof found === 'object' && Object.keys(found).length === 0);
    return assert.ok(isUnset, `${where} is set: ${JSON.stringify(found)}`);
  }
  if (expected === null || typeof expected !== 'object') return assert.deepEqual(found, expected, where);
  if (Array.isArray(expected)) assert.equal(found?.length, expected.length, `${where}: ${JSON.stringify(found)}`);
  else assert.equal(typeof found, 'object', `${where} is missing`);
  for (const [key, value] of Object.entries(expected)) holds(found?.[key], value, `${where}.${key}`);
}

function nullsOf(value, where = '') {
  if (value === null) return [where];
  return typeof value === 'object' ? Object.entries(value).flatMap(([key, each]) => nullsOf(each, `${where}.${key}`)) : [];
}
