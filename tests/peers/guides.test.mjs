// The commands of the guides, as they stand: a reader pastes them one after the other into one shell.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { aUser, aWebClient, caFile, credentials, domain } from './world.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const shellBlocks = (text) => [...text.matchAll(/```sh\n([^]*?)```/g)].map(([, block]) => block);

// How the README gets `$TOKEN` and defines `api`; the guides begin where it leaves off.
const readme = shellBlocks(readFileSync(path.join(root, 'README.md'), 'utf8')).find((block) => block.includes('api() {'));
const beginning = readme.slice(readme.indexOf('TOKEN='), readme.indexOf('\n', readme.indexOf('api() {')) + 1)
  .replace('client_id=…', `client_id=${credentials.client_id}`)
  .replace('client_secret=…', `client_secret=${credentials.client_secret}`);

// Every answer that has an error is one too many. `after` is what the reader looks at in the end.
async function follow(guide, { before = '', after }) {
  const blocks = shellBlocks(readFileSync(path.join(root, 'docs/guides', guide), 'utf8'));
  const folder = mkdtempSync(path.join(os.tmpdir(), 'segue-guide-'));
  try {
    const script = ['set -e', `D=${domain}`, beginning, before, ...blocks, 'echo; echo "== in the end"', after].join('\n');
    const environment = { ...process.env, CURL_CA_BUNDLE: caFile };
    const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: folder, env: environment });
    const [steps, end] = stdout.split('== in the end\n');
    assert.doesNotMatch(steps, /"error"|[?&]error=|"statusCode"/);
    return { steps, end };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('securing_clients.md replaces a key, pushes, signs and demands proofs', async () => {
  const { steps, end } = await follow('securing_clients.md', {
    after: `curl -s https://$D/oauth/token -d grant_type=client_credentials -d audience=https://$D/api/v2/ \\
      -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer -d client_assertion=$(assertion)`,
  });
  assert.match(steps, /"request_uri":"urn:ietf:params:oauth:request_uri:/);
  assert.match(steps, /\/u\/login\?state=/, 'the signed request leads to the login page');
  assert.match(steps, /"require_proof_of_possession":true/);
  assert.ok(JSON.parse(end).access_token, 'the new key counts');
});

test('third_party_and_organizations.md sets both up', async () => {
  const { user_id: user } = await aUser();
  const { client_id: web } = await aWebClient('https://app.example.com');
  const { steps, end } = await follow('third_party_and_organizations.md', {
    before: `USER_ID='${user}'; GRANT_ID=none; WEB=${web}`,
    after: 'api https://$D/api/v2/organizations/$ORG/members',
  });
  assert.match(steps, /"organization_usage":"require"/);
  assert.deepEqual(JSON.parse(end).map(({ user_id: id }) => id), [user]);
});

test('saml.md sets a service provider up', async () => {
  const { steps, end } = await follow('saml.md', {
    after: 'curl -s -o /dev/null -D - https://$D/samlp/$EXPENSES; curl -s https://$D/samlp/metadata/$EXPENSES',
  });
  assert.match(steps, /<md:EntityDescriptor .*entityID="urn:localhost:/);
  assert.match(steps, /"signAssertion":true/);
  assert.match(steps, /"slo_enabled":true/);
  assert.match(end, /^location: \/u\/login\?state=/im);
  assert.match(end, /WantAuthnRequestsSigned="true"[^]*<md:SingleLogoutService /);
});

test('ws_federation.md sets a relying party up', async () => {
  const { steps, end } = await follow('ws_federation.md', {
    after: 'curl -s -o /dev/null -D - "https://$D/wsfed/$PAYROLL?wa=wsignin1.0&wtrealm=urn%3Apayroll"',
  });
  assert.match(steps, /PassiveRequestorEndpoint/);
  assert.match(steps, /"tokenType":"saml1.1"/);
  assert.match(end, /^location: \/u\/login\?state=/im);
});

test('token_exchange.md exchanges a token of another system', async () => {
  const { end } = await follow('token_exchange.md', {
    after: `curl -s https://$D/oauth/token -d grant_type=urn:ietf:params:oauth:grant-type:token-exchange \\
      -d client_id=$(jq -r .client_id bridge.json) -d client_secret=$(jq -r .client_secret bridge.json) \\
      -d subject_token_type=urn:example:legacy -d subject_token=ada.$PROOF -d scope=openid`,
  });
  const [, claims] = JSON.parse(end).id_token.split('.');
  assert.equal(JSON.parse(Buffer.from(claims, 'base64url')).sub, 'auth0|ada');
});
