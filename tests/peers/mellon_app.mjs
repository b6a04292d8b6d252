// A web app behind Apache's mod_auth_mellon, unmodified, as Debian ships it (on lasso, a library of C that shares nothing with ours), as a
// service provider of SAML 2.0: its metadata and key from mellon_create_metadata, the identity provider's metadata as it came.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { aFolder, freePort, missing, moduleFile, startApache, writable } from './apache.mjs';
import { canRead } from './sent_messages.mjs';
import { client, issuer } from './world.mjs';

const creator = '/usr/sbin/mellon_create_metadata';
export const skip = missing('apache2-bin and libapache2-mod-auth-mellon', [creator, moduleFile('mod_auth_mellon.so')]);
const claim = (name) => `http://schemas.xmlsoap.org/ws/2005/05/identity/claims/${name}`;

// What an application says: who mellon tells it is there.
const page = '<!--#printenv -->';

// What a page of the application says.
export const readPage = (text) => Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]));

// An application with an Apache, a key and a client of its own: mellon looks for the sessions that a logout ends by their NameID alone,
// among all of its server. `addon(certificate)` goes into addons.samlp.
export async function mellonApp(name, { addon = () => ({}), host = 'localhost' } = {}) {
  const folder = aFolder(`mellon-${name}`);
  const port = await freePort();
  const at = `https://${host}:${port}/app`;
  const { stdout } = await promisify(execFile)(creator, [`${at}/metadata`, `${at}/mellon`], { cwd: folder });
  const file = (label) => path.join(folder, new RegExp(`^${label}: +(\\S+)$`, 'm').exec(stdout)[1]);
  canRead(readFileSync(file('Private key'), 'utf8'));
  const certificate = readFileSync(file('Certificate'), 'utf8');
  const web = await client({
    app_type: 'regular_web',
    callbacks: [`${at}/mellon/postResponse`],
    session_transfer: { allowed_authentication_methods: ['query', 'cookie'] },
    addons: {
      samlp: { signingCert: certificate, logout: { callback: `${at}/mellon/logout`, slo_enabled: true }, ...addon(certificate) },
    },
  });
  const response = await fetch(`${issuer}samlp/metadata/${web.client_id}`);
  assert.equal(response.status, 200);
  writeFileSync(path.join(folder, 'idp.xml'), await response.text());
  mkdirSync(path.join(folder, 'pages/app'), { recursive: true });
  for (const each of ['app/index.html', 'state.html']) writeFileSync(path.join(folder, 'pages', each), page);
  writable(path.join(folder, 'run'));
  const apache = await startApache({
    folder,
    host,
    port,
    load: [`LoadModule auth_mellon_module ${moduleFile('mod_auth_mellon.so')}`, `MellonLockFile ${folder}/run/mellon.lock`],
    site: `
      DocumentRoot ${folder}/pages
      <Directory ${folder}/pages>
        Options +Includes
        SetOutputFilter INCLUDES
      </Directory>
      <Location />
        MellonEndpointPath /app/mellon
        MellonVariable ${name}
        MellonSecureCookie On
        MellonCookieSameSite None
        MellonSetEnv email ${claim('emailaddress')}
        MellonSetEnv name ${claim('name')}
      </Location>
      <Location /state.html>
        MellonEnable info
      </Location>
      <Location /app>
        MellonEnable auth
        AuthType Mellon
        Require valid-user
        MellonSPPrivateKeyFile ${file('Private key')}
        MellonSPCertFile ${file('Certificate')}
        MellonSPMetadataFile ${file('Metadata')}
        MellonIdPMetadataFile ${folder}/idp.xml
      </Location>`,
  });
  // `state` shows the same without asking anybody to sign in.
  return { name, at, state: new URL('/state.html', at).href, web, apache };
}
