// npm auth0-deploy-cli, unmodified, with no type excluded (docs/reference: what the tools read).
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { changesOf, filesOf, first, run, second } from './world.mjs';

const a0deploy = path.resolve(import.meta.dirname, 'node_modules/auth0-deploy-cli/lib/index.js');
const folder = mkdtempSync(path.join(os.tmpdir(), 'segue-tools-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const env = ({ domain, client_id, client_secret }) => ({
  AUTH0_DOMAIN: domain,
  AUTH0_CLIENT_ID: client_id,
  AUTH0_CLIENT_SECRET: client_secret,
  AUTH0_API_MAX_RETRIES: '1',
});

async function deploy(tenant, args, tries = 3) {
  const { code, output } = await run(process.execPath, [a0deploy, ...args], { env: env(tenant), cwd: folder });
  // The tool compiles its schemas for seconds on end while its first connection waits: on a busy machine its own clock says that
  // ten seconds have passed, before anything was sent.
  if (code !== 0 && tries > 1 && /stage validate.*\n.*fetch failed/.test(output)) return deploy(tenant, args, tries - 1);
  assert.equal(code, 0, output);
  const told = output.split('\n').filter((line) => /(error|warn).*:/.test(line) && !/info.*:|are deprecated/.test(line));
  assert.deepEqual(told, []);
}

let exports = 0;
// The exported files, as [path, text].
async function exported(tenant, format) {
  const into = path.join(folder, `export-${++exports}`);
  await deploy(tenant, ['export', '-f', format, '-o', into]);
  return { into, input: format === 'yaml' ? path.join(into, 'tenant.yaml') : into, files: filesOf(into) };
}

// A tenant of everything travels into an empty one, in one of the tool's formats ('yaml' or 'directory').
export function travels(format) {
  test('an empty tenant is exported', async () => assert.ok((await exported(second, format)).files.length > 0));

  test('a filled tenant travels into an empty one, and a second time changes nothing', async () => {
    await fill(first);
    const from = await exported(first, format);
    await deploy(second, ['import', '-i', from.input]);
    const arrived = await exported(second, format);
    assert.deepEqual(independent(arrived.files, second), independent(from.files, first));
    const before = await changesOf(second);
    await deploy(second, ['import', '-i', from.input]);
    assert.equal(await changesOf(second), before);

    const of = async ({ management }, member) => {
      const clients = await management.call('GET', 'clients?is_global=false');
      return Object.fromEntries(clients.filter((client) => client[member]).map((client) => [client.name, client[member]]));
    };
    const transfers = await of(second, 'session_transfer');
    assert.deepEqual(transfers, await of(first, 'session_transfer'));
    assert.equal(transfers.web.enforce_device_binding, 'asn');
    assert.deepEqual(await of(second, 'addons'), { expenses: { samlp }, payroll: { wsfed: {} } });
  });
}

// What is a tenant's own is the same word in both: its domain, and the client that the tool signs in with.
function independent(files, { domain, client_id }) {
  return files.map(([name, text]) => [name, text.replaceAll(domain, 'DOMAIN').replaceAll(client_id, 'TOOL')]);
}

// Every member of the published schema.
const samlp = {
  audience: 'https://expenses.example/saml',
  recipient: 'https://expenses.example/saml/acs',
  destination: 'https://expenses.example/saml/acs',
  issuer: 'urn:acme:segue',
  mappings: { email: 'mail', name: ['cn', 'displayName'] },
  createUpnClaim: false,
  passthroughClaimsWithNoMapping: false,
  mapUnknownClaimsAsIs: true,
  mapIdentities: false,
  signatureAlgorithm: 'rsa-sha256',
  digestAlgorithm: 'sha256',
  lifetimeInSeconds: 300,
  signResponse: true,
  nameIdentifierFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
  nameIdentifierProbes: ['http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress'],
  authnContextClassRef: 'urn:oasis:names:tc:SAML:2.0:ac:classes:Password',
  typedAttributes: false,
  includeAttributeNameFormat: false,
  logout: { callback: 'https://expenses.example/saml/logout', slo_enabled: true },
  binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
  signingCert: generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' }),
};

async function fill({ management: m }) {
  const web = await m.call('POST', 'clients', {
    name: 'web',
    app_type: 'regular_web',
    callbacks: ['https://web.example/callback'],
    session_transfer: { allowed_authentication_methods: ['cookie', 'query'], allow_refresh_token: true, enforce_device_binding: 'asn' },
  });
  const native = await m.call('POST', 'clients', {
    name: 'native',
    app_type: 'native',
    token_endpoint_auth_method: 'none',
    session_transfer: { can_create_session_transfer_token: true, enforce_cascade_revocation: false },
  });
  await m.call('POST', 'clients', { name: 'machine', app_type: 'non_interactive', grant_types: ['client_credentials'] });
  await m.call('POST', 'clients', {
    name: 'expenses',
    app_type: 'regular_web',
    callbacks: ['https://expenses.example/saml/acs'],
    addons: { samlp },
  });
  await m.call('POST', 'clients', {
    name: 'payroll',
    app_type: 'regular_web',
    callbacks: ['https://payroll.example/wsfed'],
    client_aliases: ['urn:acme:payroll'],
    addons: { wsfed: {} },
  });
  const api = await m.call('POST', 'resource-servers', {
    name: 'Orders',
    identifier: 'https://orders.example/',
    scopes: [{ value: 'read:orders', description: 'Read orders' }],
    allow_offline_access: true,
  });
  await m.call('POST', 'client-grants', { client_id: web.client_id, audience: api.identifier, scope: ['read:orders'] });
  const people = await m.call('POST', 'connections', {
    name: 'people',
    strategy: 'auth0',
    options: { passwordPolicy: 'good' },
    enabled_clients: [web.client_id, native.client_id],
  });
  await m.call('POST', 'organizations', {
    name: 'acme',
    display_name: 'Acme',
    enabled_connections: [{ connection_id: people.id, assign_membership_on_login: true }],
  });
  const action = await m.call('POST', 'actions/actions', {
    name: 'greet',
    supported_triggers: [{ id: 'post-login', version: 'v3' }],
    code: 'exports.onExecutePostLogin = async (event) => { console.log(event.session_transfer_token); };',
  });
  for (let state = 'pending'; state !== 'built'; ) {
    ({ status: state } = await m.call('GET', `actions/actions/${action.id}`));
    assert.notEqual(state, 'failed');
  }
  await m.call('POST', `actions/actions/${action.id}/deploy`);
  await m.call('PATCH', 'actions/triggers/post-login/bindings', {
    bindings: [{ ref: { type: 'action_name', value: 'greet' }, display_name: 'greet' }],
  });
  await m.call('POST', 'log-streams', { name: 'siem', type: 'http', sink: { httpEndpoint: 'https://siem.example/logs' } });
  await m.call('PATCH', 'branding', { colors: { primary: '#0059d6' }, logo_url: 'https://acme.example/logo.png' });
  await m.call('PATCH', 'prompts', { identifier_first: true });
  await m.call('PUT', 'prompts/login/custom-text/en', { login: { title: 'Welcome' } });
  await m.call('PUT', 'prompts/login/partials', { login: { 'form-content-start': '<p>Hello</p>' } });
  await m.call('POST', 'emails/provider', {
    name: 'smtp',
    default_from_address: 'post@acme.example',
    credentials: { smtp_host: 'mail.acme.example', smtp_port: 587, smtp_user: 'acme', smtp_pass: 'secret' },
  });
  await m.call('POST', 'email-templates', {
    template: 'welcome_email',
    body: '<p>Welcome</p>',
    from: '',
    subject: 'Welcome',
    syntax: 'liquid',
    enabled: true,
  });
  await m.call('PATCH', 'attack-protection/brute-force-protection', { max_attempts: 5, allowlist: ['192.0.2.0/24'] });
  await m.call('PATCH', 'tenants/settings', { friendly_name: 'Acme', session_lifetime: 48, enabled_locales: ['en'] });
}
