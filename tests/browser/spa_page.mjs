// A single-page app of @auth0/auth0-spa-js: one static page, which a test drives with `evaluate`.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { client, domain, serveWeb } from '../peers/world.mjs';

const library = readFileSync(path.join(import.meta.dirname, 'node_modules/@auth0/auth0-spa-js/dist/auth0-spa-js.production.js'));
const html = '<!doctype html><html lang="en"><title>SPA</title><script src="/auth0-spa-js.js"></script><p>A single-page app</p></html>';

function answer(request, response) {
  const { pathname } = new URL(request.url, 'https://localhost');
  const [type, body] = pathname === '/auth0-spa-js.js' ? ['text/javascript', library] : ['text/html', html];
  response.writeHead(pathname === '/favicon.ico' ? 404 : 200, { 'content-type': type }).end(body);
}

// A client of its own, and the page on an origin of its own.
export async function serveSpa(more = {}) {
  let registered;
  const served = await serveWeb(async (baseURL) => {
    registered = await client({
      app_type: 'spa',
      token_endpoint_auth_method: 'none',
      callbacks: [baseURL],
      allowed_logout_urls: [baseURL],
      web_origins: [baseURL],
      allowed_origins: [baseURL],
      grant_types: ['authorization_code', 'refresh_token'],
      refresh_token: { rotation_type: 'rotating', expiration_type: 'expiring', token_lifetime: 86400, idle_token_lifetime: 3600, leeway: 0 },
      session_transfer: { allowed_authentication_methods: ['cookie', 'query'] },
      ...more,
    });
    return answer;
  });
  return { ...served, clientId: registered.client_id };
}

// Runs `action(client, argument)` in the page, with the SDK's client of that page.
export async function inPage(page, spa, options, action, argument) {
  const settings = {
    domain,
    clientId: spa.clientId,
    // A frame that does not answer fails the test before the test's own limit does.
    authorizeTimeoutInSeconds: 15,
    ...options,
    authorizationParams: { redirect_uri: spa.baseURL, ...options.authorizationParams },
  };
  const source = `(${action})(window.spaClient ??= new auth0.Auth0Client(${JSON.stringify(settings)}), ${JSON.stringify(argument)})`;
  const outcome = await page.evaluate(
    (expression) =>
      Promise.resolve(eval(expression)).then(
        (value) => ({ value }),
        ({ error, message }) => ({ failure: { error, message } }),
      ),
    source,
  );
  if (outcome.failure) throw Object.assign(new Error(outcome.failure.message), outcome.failure);
  return outcome.value;
}
