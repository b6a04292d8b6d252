// The web app: Express with express-openid-connect in its default flow (id_token by form_post), over HTTPS, because the cookies of a
// form_post sign-in must be SameSite=None and Secure.
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { pathToFileURL } from 'node:url';
import express from 'express';
import openidConnect from 'express-openid-connect';

// `authorizationParams`, `clientSecret` and `backchannelLogout` are for tests that run the same app in other settings.
export function webApp({ issuer, baseURL, clientID, secret, clientSecret, authorizationParams, backchannelLogout }) {
  const app = express();
  app.disable('x-powered-by');
  app.use(
    openidConnect.auth({
      issuerBaseURL: issuer,
      baseURL,
      clientID,
      secret,
      clientSecret,
      authorizationParams,
      backchannelLogout,
      authRequired: false,
      idpLogout: true,
      auth0Logout: true,
      routes: { login: false },
    }),
  );

  // The handoff: a session transfer token that arrives with this request goes into this request's authorization, and nowhere else.
  app.get('/login', (req, res) => {
    const token = req.query.session_transfer_token;
    res.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
    return res.oidc.login({
      returnTo: '/',
      authorizationParams: typeof token === 'string' ? { session_transfer_token: token } : {},
    });
  });

  app.get('/', (req, res) => {
    res.set('Cache-Control', 'no-store');
    const user = req.oidc.isAuthenticated() ? req.oidc.user : undefined;
    res.send(page(user));
  });

  app.get('/profile', (req, res) => {
    res.set('Cache-Control', 'no-store');
    if (!req.oidc.isAuthenticated()) return res.status(401).json({ error: 'not signed in' });
    return res.json(req.oidc.user);
  });

  return app;
}

function page(user) {
  const body = user
    ? `<h1>Signed in as <span id="name">${escape(user.name ?? user.sub)}</span></h1><p><a href="/profile">Profile</a> · <a href="/logout">Sign out</a></p>`
    : '<h1>Not signed in</h1><p><a href="/login">Sign in</a></p>';
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Segue sample</title><style>body{font:18px/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem}</style>${body}</html>`;
}

function escape(text) {
  return String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const sample = JSON.parse(readFileSync(process.env.SAMPLE_FILE ?? 'var/sample.json', 'utf8'));
  const app = webApp({
    issuer: `https://${sample.domain}`,
    baseURL: sample.web.base_url,
    clientID: sample.web.client_id,
    secret: sample.web.cookie_secret,
  });
  const folder = process.env.SAMPLE_TLS ?? 'var/sample';
  const server = https.createServer({ cert: readFileSync(`${folder}/cert.pem`), key: readFileSync(`${folder}/key.pem`) }, app);
  server.listen(Number(new URL(sample.web.base_url).port || 443), '127.0.0.1', () => {
    console.log(`sample ready ${sample.web.base_url}`);
  });
  process.on('SIGTERM', () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
