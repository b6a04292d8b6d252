// A web app with SimpleSAMLphp, unmodified, as Debian ships it, in Apache's PHP, as a service provider of SAML 2.0. It registers by its own
// metadata, and has the identity provider's through its own metarefresh.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { DOMParser } from '@xmldom/xmldom';
import { aFolder, freePort, missing, moduleFile, startApache, writable } from './apache.mjs';
import { canRead } from './sent_messages.mjs';
import { caFile, client, issuer } from './world.mjs';

const program = '/usr/share/simplesamlphp';
const php = '/usr/bin/php';
const phpModule = existsSync('/usr/lib/apache2/modules') && readdirSync('/usr/lib/apache2/modules').find((each) => /^libphp.*\.so$/.test(each));
export const skip = missing('simplesamlphp, libapache2-mod-php8.2, php8.2-cli, php8.2-mbstring and php8.2-xml', [
  path.join(program, 'www/module.php'),
  php,
  moduleFile(phpModule || 'libphp8.2.so'),
]);
const run = promisify(execFile);

const configuration = (name, folder, baseURL) => `<?php
$config = [
  'baseurlpath' => '${baseURL}/simplesaml/',
  'certdir' => '${folder}/cert/',
  'metadatadir' => '${folder}/metadata/',
  'loggingdir' => '${folder}/var/',
  'datadir' => '${folder}/var/',
  'tempdir' => '${folder}/var/',
  'metadata.sources' => [['type' => 'flatfile']],
  'module.enable' => ['metarefresh' => true],
  'logging.handler' => 'errorlog',
  'logging.level' => SimpleSAML\\Logger::WARNING,
  'secretsalt' => '${randomBytes(16).toString('hex')}',
  'auth.adminpassword' => '${randomBytes(16).toString('hex')}',
  'admin.checkforupdates' => false,
  'timezone' => 'UTC',
  'showerrors' => true,
  'errorreporting' => false,
  'store.type' => 'phpsession',
  'session.cookie.secure' => true,
  'session.cookie.samesite' => 'None',
  'session.phpsession.savepath' => '${folder}/var',
  'session.phpsession.cookiename' => 'php_${name}',
  'session.authtoken.cookiename' => 'token_${name}',
];
`;

// The identity provider is the only one whose metadata it has.
const sources = (folder) => `<?php
$metadata = [];
if (is_file('${folder}/metadata/saml20-idp-remote.php')) include '${folder}/metadata/saml20-idp-remote.php';
$config = [
  'sp' => [
    'saml:SP',
    'idp' => array_key_first($metadata),
    'privatekey' => 'sp.key',
    'certificate' => 'sp.crt',
    'sign.authnrequest' => true,
    'redirect.sign' => true,
    'sign.logout' => true,
    'WantAssertionsSigned' => true,
  ],
];
`;

const page = `<?php
require '${program}/lib/_autoload.php';
$as = new SimpleSAML\\Auth\\Simple('sp');
if (isset($_GET['state'])) {
  $who = ['signedIn' => $as->isAuthenticated(), 'attributes' => $as->getAttributes()];
  SimpleSAML\\Session::getSessionFromRequest()->cleanup();
  exit(json_encode($who));
}
if (isset($_GET['logout'])) $as->logout(['ReturnTo' => 'https://' . $_SERVER['HTTP_HOST'] . '/app.php?state']);
$as->requireAuth();
echo json_encode(['id' => $as->getAuthData('saml:sp:NameID')->getValue(), 'attributes' => $as->getAttributes()]);
`;

// An application with an Apache, a key and a client of its own. `addon(certificate)` goes into addons.samlp.
export async function simplesamlphpApp(name, { addon = () => ({}), host = 'localhost' } = {}) {
  const folder = aFolder(`simplesamlphp-${name}`);
  const port = await freePort();
  const at = `https://${host}:${port}`;
  for (const each of ['config', 'cert', 'metadata', 'pages']) mkdirSync(path.join(folder, each));
  writable(path.join(folder, 'var'));
  const [key, crt] = ['sp.key', 'sp.crt'].map((each) => path.join(folder, 'cert', each));
  await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=localhost', '-keyout', key, '-out', crt]);
  canRead(readFileSync(key, 'utf8'));
  // PHP reads it for each request, as the account it runs by.
  chmodSync(key, 0o644);
  writeFileSync(path.join(folder, 'config/config.php'), configuration(name, folder, at));
  writeFileSync(path.join(folder, 'config/authsources.php'), sources(folder));
  writeFileSync(path.join(folder, 'pages/app.php'), page);
  const apache = await startApache({
    folder,
    host,
    port,
    mpm: 'prefork',
    load: [`LoadModule env_module ${moduleFile('mod_env.so')}`, `LoadModule php_module ${moduleFile(phpModule)}`],
    site: `
      DocumentRoot ${folder}/pages
      Alias /simplesaml ${program}/www
      SetEnv SIMPLESAMLPHP_CONFIG_DIR ${folder}/config
      php_admin_flag opcache.enable Off
      <FilesMatch \\.php$>
        SetHandler application/x-httpd-php
      </FilesMatch>`,
  });
  try {
    const web = await registered(`https://localhost:${port}/simplesaml/module.php/saml/sp/metadata.php/sp`, addon);
    const converter = [path.join(program, 'modules/metarefresh/bin/metarefresh.php'), `--out-dir=${folder}/metadata`];
    await run(php, ['-d', `openssl.cafile=${caFile}`, ...converter, `${issuer}samlp/metadata/${web.client_id}`], {
      env: { ...process.env, SIMPLESAMLPHP_CONFIG_DIR: path.join(folder, 'config') },
    });
    assert.ok(existsSync(path.join(folder, 'metadata/saml20-idp-remote.php')), 'metarefresh understands the metadata');
    return { name, at, web, apache };
  } catch (error) {
    error.message += `\n${apache.log()}`;
    await apache.close();
    throw error;
  }
}

// A client as the service provider's metadata describe it.
async function registered(metadata, addon) {
  const response = await fetch(metadata);
  const text = await response.text();
  assert.equal(response.status, 200, text.slice(0, 1000));
  const root = new DOMParser().parseFromString(text, 'text/xml').documentElement;
  const named = (name) => Array.from(root.getElementsByTagNameNS('*', name));
  const at = (service, binding) => named(service).find((each) => each.getAttribute('Binding').endsWith(`:${binding}`)).getAttribute('Location');
  const certificate = `-----BEGIN CERTIFICATE-----\n${named('X509Certificate')[0].textContent.trim()}\n-----END CERTIFICATE-----\n`;
  return client({
    app_type: 'regular_web',
    callbacks: [at('AssertionConsumerService', 'HTTP-POST')],
    session_transfer: { allowed_authentication_methods: ['query', 'cookie'] },
    addons: {
      samlp: {
        audience: root.getAttribute('entityID'),
        signingCert: certificate,
        logout: { callback: at('SingleLogoutService', 'HTTP-Redirect'), slo_enabled: true },
        ...addon(certificate),
      },
    },
  });
}
