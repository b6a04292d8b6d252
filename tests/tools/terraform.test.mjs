// terraform-provider-auth0, unmodified, through a development override: apply, an empty plan, change, import, destroy.
// tools/go_tools.sh says when it is skipped, and why.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { caFile, first, run } from './world.mjs';

const { SEGUE_TERRAFORM: terraform, SEGUE_TERRAFORM_PROVIDER: provider } = process.env;
const folder = mkdtempSync(path.join(os.tmpdir(), 'segue-terraform-'));
after(() => rmSync(folder, { recursive: true, force: true }));

describe('terraform-provider-auth0', { skip: !terraform || !provider ? 'it is not built' : false }, () => {
  const configuration = path.join(folder, 'terraform.rc');
  cpSync(path.join(import.meta.dirname, 'terraform'), folder, { recursive: true });
  writeFileSync(
    configuration,
    `provider_installation {\n  dev_overrides { "auth0/auth0" = ${JSON.stringify(provider)} }\n  direct {}\n}\n`,
  );
  const publicKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' });
  const env = {
    TF_CLI_CONFIG_FILE: configuration,
    TF_VAR_public_key: publicKey,
    TF_IN_AUTOMATION: '1',
    CHECKPOINT_DISABLE: '1',
    SSL_CERT_FILE: caFile,
    AUTH0_DOMAIN: first.domain,
    AUTH0_CLIENT_ID: first.client_id,
    AUTH0_CLIENT_SECRET: first.client_secret,
  };
  let changed = false;
  async function tf(command, ...more) {
    const takesVariables = ['apply', 'plan', 'import', 'destroy'].includes(command);
    const options = takesVariables ? ['-input=false', '-no-color', `-var=changed=${changed}`] : [];
    const { code, output } = await run(terraform, [command, ...options, ...more], { cwd: folder, env });
    assert.equal(code, 0, `${command}: ${output}`);
    return output;
  }
  // With -detailed-exitcode a plan that is not empty ends with 2.
  const planIsEmpty = () => tf('plan', '-detailed-exitcode');

  test('applies everything, and the second plan is empty', async () => {
    await tf('apply', '-auto-approve');
    await planIsEmpty();
  });
  test('changes, and the next plan is empty', async () => {
    changed = true;
    await tf('apply', '-auto-approve');
    await planIsEmpty();
  });
  test('imports everything that exists, and misses what nobody may read back alone', async () => {
    const resources = (await tf('state', 'list')).split('\n').filter((line) => /^auth0_/.test(line));
    assert.equal(resources.length, 30);
    for (const resource of resources) {
      const [, id] = /^ +id += "(.*)"$/m.exec(await tf('state', 'show', '-no-color', resource));
      await tf('state', 'rm', resource);
      await tf('import', resource, id);
    }
    // A key's PEM, passwords, and what the provider keeps in its state only: they are written once more.
    const plan = await tf('plan');
    assert.deepEqual(
      [...plan.matchAll(/^ +# (\S+) (?:will|must) be .*$/gm)].map(([, resource]) => resource),
      ['auth0_action.greet', 'auth0_client_credentials.machine', 'auth0_email_provider.smtp', 'auth0_user.ada'],
    );
    await tf('apply', '-auto-approve');
    await planIsEmpty();
  });
  test('destroys everything', async () => {
    await tf('destroy', '-auto-approve');
    assert.deepEqual(
      (await first.management.call('GET', 'clients')).filter(({ name }) => name.startsWith('tf ')),
      [],
    );
  });
});
