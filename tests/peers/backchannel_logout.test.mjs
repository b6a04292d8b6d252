// express-openid-connect, unmodified, as the receiver of real logout tokens over TLS.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { openWebApp } from '../../samples/native-to-web/native/app.mjs';
import {
  Browser,
  aNativeClient,
  aUser,
  aWebClient,
  domain,
  logRow,
  management,
  serveWeb,
  signedInApp,
  webApp,
  whoIsSignedIn,
} from './world.mjs';

// What the library keeps logged-out sessions in: any store of express-session's interface.
function memoryStore() {
  const kept = new Map();
  return {
    get: (key, done) => done(null, kept.get(key)),
    set: (key, value, done) => done(null, kept.set(key, value)),
    destroy: (key, done) => done(null, kept.delete(key)),
  };
}

async function until(condition, what) {
  const end = Date.now() + 15_000;
  while (!(await condition())) {
    assert.ok(Date.now() < end, what);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('back-channel logout at express-openid-connect', () => {
  let ada, native, web, served;
  const answers = []; // statuses of /backchannel-logout, the library's and our own
  let failures = 0; // how many more calls the app's front answers with 503
  before(async () => {
    native = await aNativeClient();
    served = await serveWeb(async (baseURL) => {
      web = await aWebClient(baseURL, {
        oidc_logout: {
          backchannel_logout_urls: [`${baseURL}/backchannel-logout`],
          backchannel_logout_initiators: { mode: 'all' },
        },
      });
      const app = webApp({
        issuer: `https://${domain}`,
        baseURL,
        clientID: web.client_id,
        secret: randomBytes(32).toString('hex'),
        backchannelLogout: { store: memoryStore() },
      });
      return (request, response) => {
        if (request.url !== '/backchannel-logout') return app(request, response);
        response.once('finish', () => answers.push(response.statusCode));
        if (failures > 0) {
          failures -= 1;
          return response.writeHead(503).end();
        }
        return app(request, response);
      };
    });
    ada = await aUser();
  });
  after(() => served?.close());

  async function signedInBrowser(user) {
    const app = await signedInApp(native, user);
    const browser = new Browser();
    await openWebApp(browser, { domain, baseURL: served.baseURL, token: await app.sessionTransferToken(), by: 'query' });
    const profile = await whoIsSignedIn(browser, served.baseURL);
    assert.equal(profile.sub, user.user_id);
    return { browser, sid: profile.sid };
  }
  const isSignedOut = async (browser) => (await whoIsSignedIn(browser, served.baseURL)) === undefined;

  test('a session that an administrator revokes is signed out of the app', async () => {
    answers.length = 0;
    const { browser, sid } = await signedInBrowser(ada);
    await management.call('DELETE', `sessions/${sid}`);
    await until(() => isSignedOut(browser), 'the app was not told');
    assert.deepEqual(answers, [204]);
    const row = await logRow((r) => r.type === 'oidc_backchannel_logout_succeeded' && r.details.session_id === sid);
    assert.equal(row.details.initiator, 'session-revoked');
    assert.equal(row.details.response.statusCode, 204);
    assert.equal(row.client_id, web.client_id);
  });

  test('a receiver that fails first is told again until it has heard', async () => {
    answers.length = 0;
    failures = 2;
    const bob = await aUser('Bob Byron');
    const { browser, sid } = await signedInBrowser(bob);
    await management.call('DELETE', `sessions/${sid}`);
    await until(() => isSignedOut(browser), 'the app was not told after its failures');
    assert.deepEqual(answers, [503, 503, 204]);
  });

  test('a user who is blocked is signed out of every browser', async () => {
    const carol = await aUser('Carol Curie');
    const browsers = [await signedInBrowser(carol), await signedInBrowser(carol)];
    await management.call('PATCH', `users/${encodeURIComponent(carol.user_id)}`, { blocked: true });
    for (const { browser } of browsers) await until(() => isSignedOut(browser), 'the app was not told');
  });

  test('a new sign-in after a logout is not undone by it', async () => {
    const dora = await aUser('Dora Dirac');
    const first = await signedInBrowser(dora);
    await management.call('DELETE', `sessions/${first.sid}`);
    await until(() => isSignedOut(first.browser), 'the app was not told');
    const second = await signedInBrowser(dora);
    assert.ok(!(await isSignedOut(second.browser)));
  });
});
