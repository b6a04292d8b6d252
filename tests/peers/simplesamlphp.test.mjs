// SimpleSAMLphp as a service provider of SAML 2.0, as Debian ships it, in Apache's PHP. It registers by its own metadata, and has the
// identity provider's through its own metarefresh.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { DOMParser } from '@xmldom/xmldom';
import { aFolder, freePort, missing, moduleFile, startApache, writable } from './apache.mjs';
import { Browser, aNativeClient, aUser, aWebClient, caFile, client, domain, issuer, isLoginPage } from './world.mjs';
import { logIn, logRow, management, signedInApp } from './world.mjs';

const program = '/usr/share/simplesamlphp';
const php = '/usr/bin/php';
const phpModule = existsSync('/usr/lib/apache2/modules') && readdirSync('/usr/lib/apache2/modules').find((each) => /^libphp.*\.so$/.test(each));
const skip = missing('simplesamlphp, libapache2-mod-php8.2, php8.2-cli, php8.2-mbstring and php8.2-xml', [
  path.join(program, 'www/module.php'),
  php,
  moduleFile(phpModule || 'libphp8.2.so'),
]);
const claim = (name) => `http://schemas.xmlsoap.org/ws/2005/05/identity/claims/${name}`;
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
  $signedIn = $as->isAuthenticated();
  SimpleSAML\\Session::getSessionFromRequest()->cleanup();
  exit(json_encode(['signedIn' => $signedIn]));
}
if (isset($_GET['logout'])) $as->logout(['ReturnTo' => 'https://' . $_SERVER['HTTP_HOST'] . '/app.php?state']);
$as->requireAuth();
echo json_encode(['id' => $as->getAuthData('saml:sp:NameID')->getValue(), 'attributes' => $as->getAttributes()]);
`;

// The applications, each with an Apache, a key and a client of its own.
const applications = {
  wiki: () => ({}),
  mail: (certificate) => ({ signResponse: true, signAssertion: true, encryptionCert: certificate }),
};

async function application(name, addon) {
  const folder = aFolder(`simplesamlphp-${name}`);
  const port = await freePort();
  const at = `https://localhost:${port}`;
  for (const each of ['config', 'cert', 'metadata', 'pages']) mkdirSync(path.join(folder, each));
  writable(path.join(folder, 'var'));
  const [key, crt] = ['sp.key', 'sp.crt'].map((each) => path.join(folder, 'cert', each));
  await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=localhost', '-keyout', key, '-out', crt]);
  // PHP reads it for each request, as the account it runs by.
  chmodSync(key, 0o644);
  writeFileSync(path.join(folder, 'config/config.php'), configuration(name, folder, at));
  writeFileSync(path.join(folder, 'config/authsources.php'), sources(folder));
  writeFileSync(path.join(folder, 'pages/app.php'), page);
  const apache = await startApache({
    folder,
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
    const web = await registered(`${at}/simplesaml/module.php/saml/sp/metadata.php/sp`, addon);
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

describe('SimpleSAMLphp', { skip }, () => {
  let ada, native, home;
  const sp = {};
  before(async () => {
    const make = async ([name, addon]) => (sp[name] = await application(name, addon));
    await Promise.all(Object.entries(applications).map(make));
    ada = await aUser();
    native = await signedInApp(await aNativeClient(), ada);
    home = await aWebClient('https://home.example', { allowed_logout_urls: ['https://home.example/bye'] });
  });
  after(() => Promise.all(Object.values(sp).map(({ apache }) => apache.close())));

  const logs = () => Object.values(sp).map(({ apache }) => apache.log().slice(-2000));
  const said = ({ status, url, text }) => [status, url.slice(0, 200), text.slice(0, 1500), ...logs()].join('\n');
  const signedIn = (answer, user = ada) => {
    assert.ok(answer.status === 200 && answer.text.startsWith('{'), said(answer));
    const { id, attributes } = JSON.parse(answer.text);
    assert.equal(id, user.user_id);
    return attributes;
  };
  const isSignedIn = async (browser, { at }) => JSON.parse((await browser.get(`${at}/app.php?state`)).text).signedIn;
  const withToken = (browser, token) => browser.plant(issuer, 'auth0_session_transfer_token', token);
  // The request that it makes and signs, with a token beside it: the signature covers what it knows.
  async function openWithToken({ at }, token) {
    const browser = new Browser({ stopAt: new URL(issuer).origin });
    const request = new URL((await browser.get(`${at}/app.php`)).url);
    assert.ok(request.searchParams.get('Signature'), request.href);
    request.searchParams.set('session_transfer_token', token);
    browser.stopAt = undefined;
    return browser.open(request);
  }

  test('the login page signs in, the attributes reach the application, and the next sign-in needs no page', async () => {
    const browser = new Browser();
    const attributes = signedIn(await logIn(browser, await browser.open(`${sp.wiki.at}/app.php`), ada));
    assert.deepEqual(attributes[claim('emailaddress')], [ada.email]);
    assert.deepEqual(attributes[claim('name')], [ada.name]);
    assert.ok(await isSignedIn(browser, sp.wiki));
    signedIn(await browser.open(`${sp.mail.at}/app.php`));
  });

  for (const [name, answer] of Object.entries({ wiki: 'a signed assertion', mail: 'an encrypted assertion in a signed response' })) {
    test(`a session transfer token in the query signs its user in, once, by ${answer}`, async () => {
      const token = await native.sessionTransferToken();
      signedIn(await openWithToken(sp[name], token));
      assert.ok(isLoginPage(await openWithToken(sp[name], token)));
    });

    test(`a session transfer token in a cookie signs its user in by ${answer}`, async () => {
      const browser = new Browser();
      withToken(browser, await native.sessionTransferToken());
      signedIn(await browser.open(`${sp[name].at}/app.php`));
      assert.equal(browser.cookie(issuer, 'auth0_session_transfer_token'), undefined);
    });
  }

  test('a client that does not take session transfer tokens gets the login page, and the token stays good', async () => {
    const allow = (methods) =>
      management.call('PATCH', `clients/${sp.wiki.web.client_id}`, { session_transfer: { allowed_authentication_methods: methods } });
    const token = await native.sessionTransferToken();
    await allow([]);
    try {
      assert.ok(isLoginPage(await openWithToken(sp.wiki, token)));
      const browser = new Browser();
      withToken(browser, token);
      assert.ok(isLoginPage(await browser.open(`${sp.wiki.at}/app.php`)));
    } finally {
      await allow(['query', 'cookie']);
    }
    signedIn(await openWithToken(sp.wiki, token));
  });

  const changes = {
    'names somebody else': [(xml) => xml.replaceAll(ada.user_id, ada.user_id.replace(/.$/, 'x')), /Reference validation failed/],
    'gives another attribute': [(xml) => xml.replaceAll(ada.email, 'admin@example.com'), /Reference validation failed/],
    'has lost its signatures': [(xml) => xml.replaceAll(/<(\w+:)?Signature[ >].*?<\/\1?Signature>/gs, ''), /was signed/],
  };
  for (const [what, [change, why]] of Object.entries(changes)) {
    test(`a response that ${what} is refused by it, and the genuine one is taken`, async () => {
      const browser = new Browser();
      withToken(browser, await native.sessionTransferToken());
      const carrier = await browser.get(`${sp.wiki.at}/app.php`);
      const xml = Buffer.from(carrier.forms[0].fields.SAMLResponse, 'base64').toString();
      assert.notEqual(change(xml), xml);
      const refused = await browser.submit(carrier, { SAMLResponse: Buffer.from(change(xml)).toString('base64') });
      assert.ok(!(await isSignedIn(browser, sp.wiki)), said(refused));
      assert.match(sp.wiki.apache.log(), why);
      signedIn(await browser.submit(carrier));
    });
  }

  async function signedInEverywhere() {
    const browser = new Browser({ stopAt: 'https://home.example' });
    withToken(browser, await native.sessionTransferToken());
    for (const { at } of Object.values(sp)) signedIn(await browser.open(`${at}/app.php`));
    return browser;
  }
  async function signedInNowhere(browser) {
    for (const each of Object.values(sp)) assert.ok(!(await isSignedIn(browser, each)), each.name);
    assert.ok(isLoginPage(await browser.open(`${sp.wiki.at}/app.php`)));
  }

  test('it begins a logout, and every application ends its session', async () => {
    const browser = await signedInEverywhere();
    const answer = await browser.open(`${sp.mail.at}/app.php?logout`);
    assert.equal(answer.url, `${sp.mail.at}/app.php?state`, said(answer));
    await signedInNowhere(browser);
    const row = await logRow((each) => each.type === 'slo' && each.client_id === sp.mail.web.client_id);
    assert.equal(row.details.protocol, 'samlp');
    assert.equal(row.user_id, ada.user_id);
  });

  test('the identity provider begins a logout, and every application ends its session', async () => {
    const browser = await signedInEverywhere();
    const query = new URLSearchParams({ client_id: home.client_id, returnTo: 'https://home.example/bye' });
    const answer = await browser.open(`https://${domain}/v2/logout?${query}`);
    assert.equal(answer.url, 'https://home.example/bye', said(answer));
    await signedInNowhere(browser);
  });
});
