// A web app with passport-wsfed-saml2, unmodified, as a relying party of WS-Federation that is set up with the federation metadata alone.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import express from 'express';
import { Strategy } from 'passport-wsfed-saml2';
import { client, issuer, serveWeb } from './world.mjs';

// The library's own XML parser reads the metadata.
const { DOMParser } = createRequire(import.meta.resolve('passport-wsfed-saml2'))('@xmldom/xmldom');

// What an administrator's tool takes from metadata: where to send people, and whose signature counts.
export async function readMetadata(url) {
  const response = await fetch(url);
  assert.equal(response.status, 200);
  const document = new DOMParser().parseFromString(await response.text(), 'text/xml');
  const role = document.getElementsByTagNameNS('urn:oasis:names:tc:SAML:2.0:metadata', 'RoleDescriptor')[0];
  const endpoint = role.getElementsByTagNameNS('http://docs.oasis-open.org/wsfed/federation/200706', 'PassiveRequestorEndpoint')[0];
  return {
    entityId: document.documentElement.getAttribute('entityID'),
    signOnUrl: endpoint.getElementsByTagNameNS('http://www.w3.org/2005/08/addressing', 'Address')[0].textContent,
    certificates: [...Array(role.getElementsByTagNameNS('http://www.w3.org/2000/09/xmldsig#', 'X509Certificate').length).keys()].map(
      (at) => role.getElementsByTagNameNS('http://www.w3.org/2000/09/xmldsig#', 'X509Certificate')[at].textContent,
    ),
  };
}

// What passport does with a strategy.
function authenticate(strategy, request, options) {
  return new Promise((resolve) => {
    const once = Object.create(strategy);
    once.success = (user, info) => resolve({ user, info });
    once.redirect = (to) => resolve({ to });
    once.fail = (why) => resolve({ why: String(why?.message ?? why) });
    once.error = (why) => resolve({ why: String(why?.message ?? why) });
    once.authenticate(request, options);
  });
}

// A web app with one page for signing in, one that reads the answer, and one that says who is signed in. `cookie` goes into its own cookie.
export async function relyingParty({ addon = {}, options = {}, cookie = {}, host, tamper = (form) => form } = {}) {
  // Its own: an alias of two applications is nobody's.
  const realm = `urn:peer:${randomBytes(4).toString('hex')}`;
  const sessions = new Map();
  const posted = [];
  let record, identityProvider;
  const served = await serveWeb(async (baseURL) => {
    record = await client({
      app_type: 'regular_web',
      callbacks: [`${baseURL}/signin-wsfed`],
      allowed_logout_urls: [`${baseURL}/goodbye`],
      client_aliases: [realm],
      addons: { wsfed: addon },
      session_transfer: { allowed_authentication_methods: ['cookie', 'query'], enforce_device_binding: 'ip' },
    });
    identityProvider = await readMetadata(`${issuer}wsfed/${record.client_id}/FederationMetadata/2007-06/FederationMetadata.xml`);
    const strategy = new Strategy(
      {
        realm,
        homeRealm: '',
        identityProviderUrl: identityProvider.signOnUrl,
        cert: identityProvider.certificates[0],
        recipientUrl: `${baseURL}/signin-wsfed`,
        ...options,
      },
      (profile, done) => done(null, profile),
    );
    const app = express();
    app.use(express.urlencoded({ extended: false, limit: '1mb' }));
    app.get('/login', async (request, response) => {
      const { to } = await authenticate(strategy, request, { ...request.query });
      response.redirect(to);
    });
    app.post('/signin-wsfed', async (request, response) => {
      posted.push({ ...request.body });
      request.body = tamper({ ...request.body });
      const { user, why } = await authenticate(strategy, request, {});
      if (!user) return response.status(401).json({ why });
      const id = randomBytes(16).toString('hex');
      sessions.set(id, { user, wctx: request.body.wctx });
      response.cookie('rp', id, { secure: true, httpOnly: true, ...cookie }).redirect('/profile');
    });
    // WS-Federation 1.2 §13.2.4: an image of somebody else's page ends the session here.
    app.get('/signin-wsfed', (request, response) => {
      assert.equal(request.query.wa, 'wsignoutcleanup1.0');
      sessions.delete(sessionId(request));
      response.type('image/gif').send(Buffer.from('R0lGODlhAQABAAAAACwAAAAAAQABAAA=', 'base64'));
    });
    app.get('/profile', (request, response) => {
      const session = sessions.get(sessionId(request));
      response.status(session ? 200 : 401).json(session ?? {});
    });
    app.get('/goodbye', (request, response) => response.send('Goodbye'));
    return app;
  }, { host });
  return { ...served, record, realm, identityProvider, posted };
}

const sessionId = (request) => /(?:^|; )rp=([0-9a-f]+)/.exec(request.headers.cookie ?? '')?.[1];
