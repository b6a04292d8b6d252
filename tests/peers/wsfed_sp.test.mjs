// passport-wsfed-saml2, unmodified, as a relying party of WS-Federation that is set up with the federation metadata alone.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { skip as withoutSchemas } from './schemas.mjs';
import { kindsHeld } from './sent_messages.mjs';
import { readMetadata, relyingParty } from './wsfed_app.mjs';
import { Browser, aNativeClient, aUser, domain, isLoginPage, issuer, logIn, logRow, management, signedInApp } from './world.mjs';

const claims = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';
const profileOf = (page) => {
  assert.equal(page.status, 200, page.text.slice(0, 500));
  return JSON.parse(page.text);
};
const enter = (browser, { baseURL }, parameters = {}) => browser.open(`${baseURL}/login?${new URLSearchParams(parameters)}`);

describe('passport-wsfed-saml2', () => {
  let ada, app;
  before(async () => {
    ada = await aUser();
    app = await signedInApp(await aNativeClient(), ada);
  });

  for (const tokenType of ['saml2.0', 'saml1.1']) {
    describe(`with tokens of ${tokenType}`, () => {
      let web;
      before(async () => (web = await relyingParty({ addon: { tokenType } })));
      after(() => web?.close());

      test('finds this server by its metadata', () => {
        assert.equal(web.identityProvider.signOnUrl, `${issuer}wsfed/${web.record.client_id}`);
        assert.equal(web.identityProvider.entityId, `urn:${domain}`);
      });

      test('signs in by the login page and gets its context back', async () => {
        const browser = new Browser();
        const wctx = '"><script>alert(1)</script>&amp;=+ä';
        const page = await enter(browser, web, { wctx });
        const { user, wctx: returned } = profileOf(await logIn(browser, page, ada));
        assert.equal(user.email, ada.email);
        assert.equal(user[`${claims}/nameidentifier`], ada.user_id);
        assert.equal(user[`${claims}/name`], ada.name);
        assert.equal(user.issuer, `urn:${domain}`);
        assert.equal(returned, wctx);
        // A second visit needs no prompt; wfresh=0 does.
        profileOf(await enter(browser, web));
        assert.ok(isLoginPage(await enter(browser, web, { wfresh: '0' })));
      });

      for (const by of ['query', 'auth0_session_transfer_token', 'session_transfer_token']) {
        test(`opens signed in by a session transfer token (${by})`, async () => {
          const browser = new Browser();
          const token = await app.sessionTransferToken();
          if (by !== 'query') browser.plant(`https://${domain}`, by, token);
          const page = await enter(browser, web, by === 'query' ? { session_transfer_token: token } : {});
          assert.equal(profileOf(page).user.email, ada.email);
          // Once.
          const again = new Browser();
          if (by !== 'query') again.plant(`https://${domain}`, by, token);
          const prompted = await enter(again, web, by === 'query' ? { session_transfer_token: token } : {});
          assert.ok(isLoginPage(prompted));
          assert.ok(!prompted.url.includes(token) && !prompted.text.includes(token));
        });
      }

      test('reads names with line breaks, quotes and signs as they are', async () => {
        const odd = await aUser('Zoë <"Q" & A>');
        await management.call('PATCH', `users/${encodeURIComponent(odd.user_id)}`, { nickname: 'one\ntwo\r\nthree\t"]]>' });
        const browser = new Browser();
        const { user } = profileOf(await logIn(browser, await enter(browser, web), odd));
        assert.equal(user[`${claims}/name`], 'Zoë <"Q" & A>');
        assert.equal(user['http://schemas.auth0.com/nickname'], 'one\ntwo\nthree\t"]]>');
      });

      test('signs out here too', async () => {
        const browser = new Browser();
        await logIn(browser, await enter(browser, web), ada);
        const parameters = new URLSearchParams({ wa: 'wsignout1.0', wtrealm: web.realm, wreply: `${web.baseURL}/goodbye` });
        const end = await browser.open(`${web.identityProvider.signOnUrl}?${parameters}`);
        assert.equal(end.url, `${web.baseURL}/goodbye`);
        assert.ok(isLoginPage(await enter(browser, web)));
        assert.ok(await logRow((row) => row.type === 'slo' && row.client_id === web.record.client_id && row.details?.protocol === 'wsfed'));
      });

      test('is cleaned up by an image when somebody else signs out', async () => {
        const browser = new Browser();
        await logIn(browser, await enter(browser, web), ada);
        assert.equal((await browser.get(`${web.baseURL}/profile`)).status, 200);
        // What a browser does with the page: its image, then the way on.
        const page = await browser.open(`${issuer}v2/logout?${new URLSearchParams({ client_id: web.record.client_id })}`);
        const image = /<img[^>]* src="([^"]+)"/.exec(page.text)[1].replaceAll('&amp;', '&');
        assert.equal(image, `${web.baseURL}/signin-wsfed?wa=wsignoutcleanup1.0`);
        assert.ok(page.headers.get('content-security-policy').includes(`img-src 'self' data: ${web.baseURL};`));
        assert.equal((await browser.get(image)).status, 200);
        assert.equal((await browser.get(`${web.baseURL}/profile`)).status, 401);
        const next = /http-equiv="refresh" content="\d+;url=([^"]+)"/.exec(page.text)[1].replaceAll('&amp;', '&');
        assert.equal((await browser.open(new URL(next, page.url))).url, `${web.baseURL}/goodbye`);
      });
    });
  }

  test('takes the certificate by its thumbprint, as the metadata of the tenant names it', async (t) => {
    const { signOnUrl, certificates } = await readMetadata(`${issuer}wsfed/FederationMetadata/2007-06/FederationMetadata.xml`);
    assert.equal(signOnUrl, `${issuer}wsfed`);
    const thumbprint = createHash('sha1').update(Buffer.from(certificates[0], 'base64')).digest('hex');
    const web = await relyingParty({ options: { identityProviderUrl: signOnUrl, cert: undefined, thumbprint } });
    t.after(web.close);
    const browser = new Browser();
    assert.equal(profileOf(await logIn(browser, await enter(browser, web), ada)).user.email, ada.email);
  });

  test('refuses what somebody changed, and another realm and recipient', async (t) => {
    const changed = [
      [{ tamper: (form) => ({ ...form, wresult: form.wresult.replaceAll(ada.email, 'eve@example.com') }) }, /Signature check errors/],
      [{ options: { recipientUrl: 'https://other.example/' } }, /Recipient is invalid/],
    ];
    for (const [setup, why] of changed) {
      const web = await relyingParty(setup);
      t.after(web.close);
      const browser = new Browser();
      const page = await logIn(browser, await enter(browser, web), ada);
      assert.equal(page.status, 401);
      assert.match(JSON.parse(page.text).why, why);
    }
  });

  test('is told why there is no token, by a fault', async (t) => {
    const web = await relyingParty();
    t.after(web.close);
    const page = await enter(new Browser(), web, { wauth: 'urn:ietf:rfc:2246' });
    assert.equal(page.status, 401);
    assert.match(JSON.parse(page.text).why, /wauth/);
  });

  test('gets no token at another address, and none for another realm', async (t) => {
    const web = await relyingParty({ options: { wreply: 'https://evil.example/' } });
    t.after(web.close);
    const elsewhere = await enter(new Browser(), web);
    assert.equal(elsewhere.status, 403);
    assert.match(elsewhere.text, /not among the application/);
    const other = await relyingParty({ options: { realm: 'urn:somebody-else' } });
    t.after(other.close);
    const page = await enter(new Browser(), other);
    assert.equal(page.status, 400);
    assert.match(page.text, /client_aliases/);
    assert.equal(web.posted.length + other.posted.length, 0);
  });
});

test('every message that the server sent has been held against its schema', { skip: withoutSchemas }, () => {
  assert.deepEqual(kindsHeld(), ['Assertion', 'Assertion of SAML 1.1', 'EntityDescriptor of WS-Federation']);
});
