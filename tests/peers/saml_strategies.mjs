// A web app with one of two libraries, unmodified, as a service provider of SAML 2.0: npm @node-saml/passport-saml and
// passport-wsfed-saml2. What it knows of the identity provider it has from its metadata.
import { Strategy as SamlStrategy } from '@node-saml/passport-saml';
import express from 'express';
import passport from 'passport';
import { Strategy as AnotherStrategy } from 'passport-wsfed-saml2';
import { identityProvider } from './saml_app.mjs';
import { client, serveWeb } from './world.mjs';

const email = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress';

// A web app without sessions: it shows who signs in. `build({ baseURL, idp })` makes what gives the strategy of a request.
export async function serviceProvider(addon, build, { host } = {}) {
  let web, make;
  const served = await serveWeb(async (baseURL) => {
    web = await client({
      app_type: 'regular_web',
      callbacks: [`${baseURL}/acs`],
      session_transfer: { allowed_authentication_methods: ['query', 'cookie'] },
      addons: { samlp: addon },
    });
    const idp = await identityProvider(web);
    make = build({ baseURL, idp });
    const app = express().use(express.urlencoded({ extended: false }), passport.initialize());
    app.get('/login', (request, response, next) => {
      const { strategy } = make(request.query.session_transfer_token);
      passport.authenticate(strategy, { session: false, RelayState: request.query.RelayState })(request, response, next);
    });
    app.post('/acs', (request, response, next) => {
      passport.authenticate(make().strategy, { session: false }, (error, user, info) => {
        if (error) return response.status(403).json({ error: String(error.message ?? error) });
        if (!user) return response.status(401).json({ error: String(info?.message ?? info) });
        return response.json({ user, relayState: request.body.RelayState });
      })(request, response, next);
    });
    return app;
  }, { host });
  return { ...served, web };
}

export const nodeSaml =
  (more = {}) =>
  ({ baseURL, idp }) => {
    const cacheProvider = requestIds();
    // The library hands the parameters of a call to redirects only, so they stand in the options.
    return (token) => ({
      strategy: new SamlStrategy(
        {
          callbackUrl: `${baseURL}/acs`,
          issuer: `${baseURL}/metadata`,
          audience: `${baseURL}/metadata`,
          idpIssuer: idp.entityID,
          idpCert: idp.certificates,
          entryPoint: idp.signOn(more.authnRequestBinding ?? 'HTTP-Redirect'),
          validateInResponseTo: 'always',
          cacheProvider,
          additionalAuthorizeParams: token ? { session_transfer_token: token } : {},
          ...more,
        },
        (profile, done) => done(null, { id: profile.nameID, email: profile[email], sessionIndex: profile.sessionIndex }),
        (profile, done) => done(null, profile),
      ),
    });
  };

// Which requests are under way, for as long as the test.
function requestIds() {
  const known = new Map();
  return {
    saveAsync: async (key, value) => known.set(key, { value, createdAt: Date.now() }).get(key),
    getAsync: async (key) => known.get(key)?.value ?? null,
    removeAsync: async (key) => (known.delete(key) ? key : null),
  };
}

export const wsfedSaml2 =
  (more = {}) =>
  ({ baseURL, idp }) =>
  (token) => ({
    strategy: new AnotherStrategy(
      {
        protocol: 'samlp',
        path: '/acs',
        realm: `${baseURL}/metadata`,
        identityProviderUrl: idp.signOn('HTTP-Redirect') + (token ? `?session_transfer_token=${token}` : ''),
        cert: idp.certificates[0],
        recipientUrl: `${baseURL}/acs`,
        destinationUrl: `${baseURL}/acs`,
        ...more,
      },
      (profile, done) => done(null, { id: profile[nameIdentifier], email: profile[email], sessionIndex: profile.sessionIndex }),
    ),
  });
const nameIdentifier = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier';
