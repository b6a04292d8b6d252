// Single logout with unmodified service providers of SAML 2.0, npm @node-saml/passport-saml, over TLS and in both directions: one of
// them begins, or the identity provider does. What they know of it they have from its metadata.
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { Strategy } from '@node-saml/passport-saml';
import { DOMParser } from '@xmldom/xmldom';
import express from 'express';
import passport from 'passport';
import { Browser, aUser, aWebClient, client, issuer, isLoginPage, logIn, logRow, serveWeb } from './world.mjs';

const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

async function identityProvider({ client_id }) {
  const root = new DOMParser().parseFromString(await (await fetch(`${issuer}samlp/metadata/${client_id}`)).text(), 'text/xml').documentElement;
  const named = (name) => Array.from(root.getElementsByTagNameNS('*', name));
  const at = (service) => named(service).find((each) => each.getAttribute('Binding').endsWith(':HTTP-Redirect')).getAttribute('Location');
  return {
    entityID: root.getAttribute('entityID'),
    certificates: named('X509Certificate').map((each) => each.textContent),
    signOn: at('SingleSignOnService'),
    logout: at('SingleLogoutService'),
  };
}

// An application that keeps its people signed in by a cookie of its own.
async function serviceProvider(more = {}) {
  const people = new Map(); // by the value of the cookie
  const cookie = `sp_${randomBytes(4).toString('hex')}`;
  let web;
  const served = await serveWeb(async (baseURL) => {
    web = await client({
      app_type: 'regular_web',
      callbacks: [`${baseURL}/acs`],
      addons: {
        samlp: {
          signResponse: true,
          signAssertion: true,
          signingCert: keys.publicKey,
          logout: { callback: `${baseURL}/slo`, slo_enabled: true },
          ...more,
        },
      },
    });
    const idp = await identityProvider(web);
    const strategy = new Strategy(
      {
        callbackUrl: `${baseURL}/acs`,
        issuer: `${baseURL}/metadata`,
        audience: `${baseURL}/metadata`,
        idpIssuer: idp.entityID,
        idpCert: idp.certificates,
        entryPoint: idp.signOn,
        logoutUrl: idp.logout,
        logoutCallbackUrl: `${baseURL}/slo`,
        privateKey: keys.privateKey,
        signatureAlgorithm: 'sha256',
        digestAlgorithm: 'sha256',
        validateInResponseTo: 'never',
      },
      (profile, done) => done(null, { nameID: profile.nameID, nameIDFormat: profile.nameIDFormat, sessionIndex: profile.sessionIndex }),
      (asked, done) => done(null, [...people.values()].find((each) => each.sessionIndex === asked.sessionIndex && each.nameID === asked.nameID)),
    );
    const app = express().use(express.urlencoded({ extended: false }), passport.initialize());
    const mine = (request) => new RegExp(`${cookie}=(\\w+)`).exec(request.headers.cookie ?? '')?.[1];
    const authenticate = passport.authenticate(strategy, { session: false });
    app.get('/login', authenticate);
    app.post('/acs', authenticate, (request, response) => {
      const value = randomBytes(16).toString('hex');
      people.set(value, request.user);
      response.cookie(cookie, value, { secure: true, httpOnly: true }).json(request.user);
    });
    app.get('/me', (request, response) => response.status(people.has(mine(request)) ? 200 : 401).end());
    app.get('/logout', (request, response, next) => {
      request.user = people.get(mine(request));
      people.delete(mine(request));
      strategy.logout(request, (error, url) => (error ? next(error) : response.redirect(url)));
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
  });
  const isSignedIn = async (browser) => (await browser.get(`${served.baseURL}/me`)).status === 200;
  return { ...served, web, cookie, people, isSignedIn };
}

for (const binding of ['HTTP-Redirect', 'HTTP-POST']) {
  describe(`passport-saml, told by ${binding}`, () => {
    let ada, sps, home;
    before(async () => {
      ada = await aUser();
      sps = await Promise.all([0, 1, 2].map(() => serviceProvider({ binding: `urn:oasis:names:tc:SAML:2.0:bindings:${binding}` })));
      home = await aWebClient('https://home.example', { allowed_logout_urls: ['https://home.example/bye'] });
    });
    after(() => Promise.all((sps ?? []).map((each) => each.close())));

    async function signedInEverywhere() {
      const browser = new Browser({ stopAt: 'https://home.example' });
      for (const sp of sps) {
        const page = await browser.open(`${sp.baseURL}/login`);
        if (isLoginPage(page)) await logIn(browser, page, ada);
        assert.ok(await sp.isSignedIn(browser), page.text.slice(0, 300));
      }
      return browser;
    }
    async function signedInNowhere(browser) {
      for (const sp of sps) assert.ok(!(await sp.isSignedIn(browser)), sp.baseURL);
      assert.ok(isLoginPage(await browser.open(`${sps[0].baseURL}/login`)));
    }

    test('signs out everywhere when one of them begins', async () => {
      const browser = await signedInEverywhere();
      const page = await browser.open(`${sps[1].baseURL}/logout`);
      assert.equal(page.status, 200, page.text.slice(0, 500));
      assert.equal(new URL(page.url).origin, sps[1].baseURL);
      assert.deepEqual(JSON.parse(page.text), { ended: true });
      await signedInNowhere(browser);
      const row = await logRow((each) => each.type === 'slo' && each.client_id === sps[1].web.client_id);
      assert.equal(row.details.protocol, 'samlp');
      assert.equal(row.user_id, ada.user_id);
    });

    test('signs out everywhere when the identity provider begins', async () => {
      const browser = await signedInEverywhere();
      const query = new URLSearchParams({ client_id: home.client_id, returnTo: 'https://home.example/bye' });
      const page = await browser.open(`${issuer}v2/logout?${query}`);
      assert.equal(page.url, 'https://home.example/bye');
      await signedInNowhere(browser);
    });

    test('goes on where one of them fails, and says who', async () => {
      const browser = await signedInEverywhere();
      // The application has somebody else in this browser.
      sps[0].people.set(browser.cookie(sps[0].baseURL, sps[0].cookie), { nameID: 'somebody else' });
      const page = await browser.open(`${sps[1].baseURL}/logout`);
      assert.deepEqual(JSON.parse(page.text), { ended: true });
      await signedInNowhere(browser);
      const row = await logRow((each) => each.type === 'flo' && each.details?.untold?.includes(sps[0].web.client_id));
      assert.deepEqual(row.details.untold, [sps[0].web.client_id]);
    });

    test('is not believed about the session of somebody else', async () => {
      const grace = await aUser('Grace Hopper');
      const mine = await signedInEverywhere();
      const theirs = new Browser();
      await logIn(theirs, await theirs.open(`${sps[0].baseURL}/login`), grace);
      // Grace's logout request in Ada's browser.
      const headers = { cookie: `${sps[0].cookie}=${theirs.cookie(sps[0].baseURL, sps[0].cookie)}` };
      const sent = await fetch(`${sps[0].baseURL}/logout`, { redirect: 'manual', headers });
      const page = await mine.open(sent.headers.get('location'));
      // In a form the library does not look at the status.
      if (binding === 'HTTP-Redirect') assert.match(page.text, /Bad status code: urn:oasis:names:tc:SAML:2.0:status:Requester/);
      for (const sp of sps) assert.ok(await sp.isSignedIn(mine));
    });
  });
}
