// ./dev provider [PACKAGE…]: the acceptance tests that the Terraform provider's own authors run against a live tenant, here. Many of
// them want what is not served (other identity providers, factors, captchas); each failure is printed with its first error, which must be a
// refusal with a reason or a state that an earlier test left, never another answer than the live service's. No part of ./test.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { caFile, first } from './world.mjs';

const { SEGUE_TERRAFORM: terraform, SEGUE_TERRAFORM_PROVIDER: provider } = process.env;
if (!terraform || !provider) throw new Error('the provider or Terraform is not built: tools/go_tools.sh said why');
const everything =
  'action attackprotection branding client connection customdomain email guardian logstream organization prompt resourceserver role signingkey tenant user';
const packages = process.argv.length > 2 ? process.argv.slice(2) : everything.split(' ');

// As the provider's tenant is set up: its users have names.
const [connection] = await first.management.call('GET', 'connections?name=Username-Password-Authentication');
const { options } = connection;
await first.management.call('PATCH', `connections/${connection.id}`, {
  options: { ...options, requires_username: true, validation: { username: { min: 1, max: 128 } } },
});

const folder = path.join(provider, 'module'); // go_tools.sh made it, and it requires the version that was built
const env = {
  ...process.env,
  TF_ACC: '1',
  TF_ACC_TERRAFORM_PATH: terraform,
  AUTH0_HTTP_RECORDINGS: 'off',
  CHECKPOINT_DISABLE: '1',
  SSL_CERT_FILE: process.env.NODE_EXTRA_CA_CERTS ?? caFile,
  AUTH0_DOMAIN: first.domain,
  AUTH0_CLIENT_ID: first.client_id,
  AUTH0_CLIENT_SECRET: first.client_secret,
};

function goTest(name) {
  return new Promise((resolve) => {
    const tests = `github.com/auth0/terraform-provider-auth0/internal/auth0/${name}`;
    const child = spawn('go', ['test', '-mod=mod', '-count=1', '-v', '-timeout=30m', '-run=^TestAcc', tests], { cwd: folder, env });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.once('close', () => resolve(output));
  });
}

for (const name of packages) {
  const output = await goTest(name);
  const count = (result) => output.match(new RegExp(`^--- ${result}`, 'gm'))?.length ?? 0;
  console.log(`${name}: ${count('PASS')} passed, ${count('FAIL')} failed`);
  for (const part of output.split(/^=== RUN +/m).slice(1)) {
    const test = part.slice(0, part.search(/\s/));
    if (!part.includes(`--- FAIL: ${test}`)) continue;
    const [error] = [/^ +Error: (?!.*errors? occurred).*$/m, /^\s+\* \S.*$/m, /^.*error: .*$/m]
      .map((pattern) => pattern.exec(part))
      .find(Boolean) ?? ['(no error printed)'];
    console.log(`  ${test}: ${error.trim().slice(0, 300)}`);
  }
}
