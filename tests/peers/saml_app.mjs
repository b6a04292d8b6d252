// A web app with npm @node-saml/passport-saml, unmodified, as a service provider of SAML 2.0. What it knows of the identity provider it
// has from its metadata. It keeps its people signed in by a cookie of its own, and signs out in both directions.
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { Strategy } from '@node-saml/passport-saml';
import { DOMParser } from '@xmldom/xmldom';
import express from 'express';
import passport from 'passport';
import { canRead } from './sent_messages.mjs';
import { client, issuer, serveWeb } from './world.mjs';

export const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
canRead(keys.privateKey);
const email = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress';

// What a service provider takes from metadata.
export async function identityProvider({ client_id }) {
  const response = await fetch(`${issuer}samlp/metadata/${client_id}`);
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type'), /^application\/samlmetadata\+xml/);
  const root = new DOMParser().parseFromString(await response.text(), 'text/xml').documentElement;
  const named = (name) => Array.from(root.getElementsByTagNameNS('*', name));
  const service = (name) => (binding) =>
    named(name)
      .find((each) => each.getAttribute('Binding') === `urn:oasis:names:tc:SAML:2.0:bindings:${binding}`)
      .getAttribute('Location');
  return {
    entityID: root.getAttribute('entityID'),
    certificates: named('X509Certificate').map((each) => each.textContent),
    wantsSignedRequests: named('IDPSSODescriptor')[0].getAttribute('WantAuthnRequestsSigned') === 'true',
    signOn: service('SingleSignOnService'),
    logout: service('SingleLogoutService'),
  };
}

// `addon`, or what it makes of the app's address, goes into addons.samlp, `options` into the library, `cookie` into the app's own cookie.
// Who has signed in goes to `welcome`, which may stand on another site than the consumer URL.
export async function samlApp({ addon = {}, options = {}, cookie = {}, host, welcome = (baseURL) => `${baseURL}/` } = {}) {
  const people = new Map(); // by the value of the cookie
  const name = `sp_${randomBytes(4).toString('hex')}`;
  let web;
  const served = await serveWeb(async (baseURL) => {
    web = await client({
      app_type: 'regular_web',
      callbacks: [`${baseURL}/acs`],
      session_transfer: { allowed_authentication_methods: ['query', 'cookie'] },
      addons: {
        samlp: {
          signResponse: true,
          signAssertion: true,
          signingCert: keys.publicKey,
          logout: { callback: `${baseURL}/slo`, slo_enabled: true },
          ...(typeof addon === 'function' ? addon(baseURL) : addon),
        },
      },
    });
    const idp = await identityProvider(web);
    // The library hands the parameters of a call to redirects only, so they stand in the options.
    const strategyWith = (token) =>
      new Strategy(
        {
          callbackUrl: `${baseURL}/acs`,
          issuer: `${baseURL}/metadata`,
          audience: `${baseURL}/metadata`,
          idpIssuer: idp.entityID,
          idpCert: idp.certificates,
          entryPoint: idp.signOn(options.authnRequestBinding ?? 'HTTP-Redirect'),
          logoutUrl: idp.logout('HTTP-Redirect'),
          logoutCallbackUrl: `${baseURL}/slo`,
          privateKey: keys.privateKey,
          signatureAlgorithm: 'sha256',
          digestAlgorithm: 'sha256',
          validateInResponseTo: 'never',
          additionalAuthorizeParams: token ? { session_transfer_token: token } : {},
          ...options,
        },
        (profile, done) => done(null, { ...profile, email: profile[email] }),
        (asked, done) => done(null, [...people.values()].find((each) => each.sessionIndex === asked.sessionIndex && each.nameID === asked.nameID)),
      );
    const app = express().use(express.urlencoded({ extended: false }), passport.initialize());
    const mine = (request) => new RegExp(`${name}=(\\w+)`).exec(request.headers.cookie ?? '')?.[1];
    const authenticate = (request, response, next) =>
      passport.authenticate(strategyWith(request.query.session_transfer_token), { session: false })(request, response, next);
    app.get('/login', authenticate);
    app.post('/acs', authenticate, (request, response) => {
      const value = randomBytes(16).toString('hex');
      people.set(value, request.user);
      response.cookie(name, value, { secure: true, httpOnly: true, ...cookie }).redirect(welcome(baseURL));
    });
    app.get('/', (request, response) => {
      const who = people.get(mine(request))?.email ?? '';
      response.type('html').send(`<!doctype html><html lang="en"><title>App</title><p id="email">${who}</p>`);
    });
    app.get('/me', (request, response) => response.status(people.has(mine(request)) ? 200 : 401).end());
    app.get('/logout', (request, response, next) => {
      request.user = people.get(mine(request));
      people.delete(mine(request));
      strategyWith().logout(request, (error, url) => (error ? next(error) : response.redirect(url)));
    });
    const slo = [
      (request, response, next) => {
        const value = mine(request);
        request.user = people.get(value);
        request.logout = request.logOut = (done) => done(people.delete(value) && undefined);
        next();
      },
      authenticate,
      (request, response) => response.json({ ended: true }),
    ];
    app.get('/slo', slo);
    app.post('/slo', slo);
    app.use((error, request, response, next) => response.status(500).json({ error: String(error.message ?? error) }));
    return app;
  }, { host });
  return { ...served, web, cookie: name, people };
}
