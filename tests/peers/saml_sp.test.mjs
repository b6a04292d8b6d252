// Service providers of SAML 2.0, unmodified, over TLS: npm @node-saml/passport-saml and passport-wsfed-saml2. What they know of the
// identity provider they have from its metadata.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { keys } from './saml_app.mjs';
import { nodeSaml, serviceProvider, wsfedSaml2 } from './saml_strategies.mjs';
import { skip as withoutSchemas } from './schemas.mjs';
import { kindsHeld } from './sent_messages.mjs';
import { Browser, aNativeClient, aUser, domain, isLoginPage, issuer, logIn, logRow, management, signedInApp } from './world.mjs';

const setups = {
  'passport-saml, which wants both parts signed': [{ signResponse: true, signAssertion: true }, nodeSaml()],
  'passport-saml by the POST binding': [{ signResponse: true, signAssertion: true }, nodeSaml({ authnRequestBinding: 'HTTP-POST' })],
  'passport-saml that signs its requests': [
    { signResponse: true, signAssertion: true, signingCert: keys.publicKey },
    nodeSaml({ privateKey: keys.privateKey, signatureAlgorithm: 'sha256', digestAlgorithm: 'sha256' }),
  ],
  'passport-saml that signs its requests by the POST binding': [
    { signResponse: true, signAssertion: true, signingCert: keys.publicKey },
    nodeSaml({ privateKey: keys.privateKey, signatureAlgorithm: 'sha256', digestAlgorithm: 'sha256', authnRequestBinding: 'HTTP-POST' }),
  ],
  'passport-saml with the defaults of the addon': [{}, nodeSaml({ wantAuthnResponseSigned: false })],
  'passport-saml with SHA-1': [
    { signResponse: true, signAssertion: true, signatureAlgorithm: 'rsa-sha1', digestAlgorithm: 'sha1' },
    nodeSaml(),
  ],
  'passport-saml that decrypts its assertions': [
    { encryptionPublicKey: keys.publicKey },
    nodeSaml({ decryptionPvk: keys.privateKey, wantAuthnResponseSigned: false }),
  ],
  'passport-wsfed-saml2 with the defaults of the addon': [{}, wsfedSaml2()],
  'passport-wsfed-saml2 with a signed response': [{ signResponse: true }, wsfedSaml2()],
  'passport-wsfed-saml2 that signs its requests': [
    { signingCert: keys.publicKey },
    wsfedSaml2({ signingKey: { key: keys.privateKey, cert: '' }, signatureAlgorithm: 'rsa-sha256', digestAlgorithm: 'sha256' }),
  ],
  'passport-wsfed-saml2 that signs its requests by the POST binding': [
    { signingCert: keys.publicKey },
    wsfedSaml2({
      signingKey: { key: keys.privateKey, cert: '' },
      signatureAlgorithm: 'rsa-sha256',
      digestAlgorithm: 'sha256',
      protocolBinding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
    }),
  ],
};

for (const [name, [addon, build]] of Object.entries(setups)) {
  describe(name, () => {
    let ada, native, sp;
    before(async () => {
      ada = await aUser();
      native = await signedInApp(await aNativeClient(), ada);
      sp = await serviceProvider(addon, build);
    });
    after(() => sp?.close());

    const signedIn = (page) => {
      assert.equal(page.status, 200, `${page.url} ${page.text.slice(0, 300)}`);
      const { user } = JSON.parse(page.text);
      assert.equal(user.id, ada.user_id);
      assert.equal(user.email, ada.email);
      return user;
    };

    test('the login page signs in, and the next sign-in needs none', async () => {
      const browser = new Browser();
      const { sessionIndex } = signedIn(await logIn(browser, await browser.open(`${sp.baseURL}/login`), ada));
      assert.equal(signedIn(await browser.open(`${sp.baseURL}/login`)).sessionIndex, sessionIndex);
    });

    test('a session transfer token in the query signs its user in', async () => {
      const token = await native.sessionTransferToken();
      signedIn(await new Browser().open(`${sp.baseURL}/login?session_transfer_token=${token}`));
      const row = await logRow((each) => each.type === 's' && each.client_id === sp.web.client_id && each.details?.triggered_by_session_transfer_token);
      assert.equal(row.details.protocol, 'samlp');
      assert.equal(row.user_id, ada.user_id);
      assert.ok(isLoginPage(await new Browser().open(`${sp.baseURL}/login?session_transfer_token=${token}`)), 'once');
    });

    for (const cookie of ['auth0_session_transfer_token', 'session_transfer_token']) {
      test(`a session transfer token in the cookie ${cookie} signs its user in`, async () => {
        const browser = new Browser();
        browser.plant(issuer, cookie, await native.sessionTransferToken());
        signedIn(await browser.open(`${sp.baseURL}/login`));
        assert.equal(browser.cookie(issuer, cookie), undefined);
      });
    }

    test('RelayState comes back as it was', async () => {
      const query = new URLSearchParams({ session_transfer_token: await native.sessionTransferToken(), RelayState: 'deep/link?x=1&y=ä' });
      const page = await new Browser().open(`${sp.baseURL}/login?${query}`);
      assert.equal(JSON.parse(page.text).relayState, 'deep/link?x=1&y=ä');
    });
  });
}

// --- What is refused. ---

const compressed = (xml) => encodeURIComponent(deflateRawSync(Buffer.from(xml)).toString('base64'));
const request = ({ consumer, destination, id = `_${Math.random().toString(16).slice(2)}`, at = new Date() }) =>
  `<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ` +
  `ID="${id}" Version="2.0" IssueInstant="${at.toISOString()}" Destination="${destination}" ` +
  `AssertionConsumerServiceURL="${consumer}"><saml:Issuer>${consumer}</saml:Issuer></samlp:AuthnRequest>`;

describe('requests that are refused', () => {
  let unsigned, signed;
  before(async () => {
    unsigned = await serviceProvider({}, nodeSaml({ wantAuthnResponseSigned: false }));
    signed = await serviceProvider(
      { signingCert: keys.publicKey },
      nodeSaml({ wantAuthnResponseSigned: false, privateKey: keys.privateKey, signatureAlgorithm: 'sha256', digestAlgorithm: 'sha256' }),
    );
  });
  after(() => Promise.all([unsigned?.close(), signed?.close()]));

  const refused = async (url, why) => {
    const page = await new Browser().get(url);
    assert.equal(page.status, 400, page.text.slice(-2000));
    assert.match(page.text, why);
    assert.equal(page.forms.length, 0, 'nothing is told to anybody');
  };
  const address = (sp) => `${issuer}samlp/${sp.web.client_id}`;
  const url = (sp, more = {}) =>
    `${address(sp)}?SAMLRequest=${compressed(request({ consumer: `${sp.baseURL}/acs`, destination: address(sp), ...more }))}`;
  // Where the library sends the browser.
  const sent = async (sp) => {
    const response = await fetch(`${sp.baseURL}/login`, { redirect: 'manual' });
    return new URL(response.headers.get('location'));
  };

  test('by their Destination, age and consumer URL', async () => {
    await refused(url(unsigned, { destination: 'https://other.example/samlp/x' }), /Destination/);
    const late = await new Browser().open(url(unsigned, { at: new Date(Date.now() - 10 * 60_000) }));
    assert.equal(new URL(late.url).origin, unsigned.baseURL, 'the service provider is told');
    assert.match(late.text, /InResponseTo is not valid/, 'for one that it has not sent');
    const page = await new Browser().get(url(unsigned, { consumer: 'https://evil.example/acs' }));
    assert.equal(page.status, 403);
    assert.equal(page.forms.length, 0);
  });

  test('when they come again: the service provider is told', async () => {
    const again = (await sent(unsigned)).href;
    assert.ok(isLoginPage(await new Browser().open(again)));
    const page = await new Browser().open(again);
    assert.equal(new URL(page.url).origin, unsigned.baseURL);
    assert.match(page.text, /Requester/);
  });

  test('without the signature that the application has', async () => {
    await refused(url(signed), /not signed/);
  });

  test('when anything that is signed has changed', async () => {
    const genuine = await sent(signed);
    assert.ok(isLoginPage(await new Browser().open(genuine.href)));
    const tampered = await sent(signed);
    tampered.searchParams.set('RelayState', 'elsewhere');
    await refused(tampered.href, /does not verify/);
    const other = await sent(signed);
    const swapped = other.href.replace(/SAMLRequest=[^&]*/, `SAMLRequest=${compressed(request({ consumer: `${signed.baseURL}/acs`, destination: address(signed) }))}`);
    await refused(swapped, /does not verify/);
  });

  test('a token beside a request that is refused stays good', async () => {
    const ada = await aUser();
    const native = await signedInApp(await aNativeClient(), ada);
    const token = await native.sessionTransferToken();
    await refused(`${url(signed)}&session_transfer_token=${token}`, /not signed/);
    const page = await new Browser().open(`${signed.baseURL}/login?session_transfer_token=${token}`);
    assert.equal(JSON.parse(page.text).user.id, ada.user_id);
  });
});

// --- Sign-ins that nobody asked for. ---

describe('a link to the identity provider', () => {
  let ada, native, sp;
  before(async () => {
    ada = await aUser();
    native = await signedInApp(await aNativeClient(), ada);
    sp = await serviceProvider({}, nodeSaml({ wantAuthnResponseSigned: false, validateInResponseTo: 'ifPresent' }));
    await management.call('PATCH', `clients/${sp.web.client_id}`, { addons: { samlp: { audience: `${sp.baseURL}/metadata` } } });
  });
  after(() => sp?.close());
  const link = (token) => `${issuer}samlp/${sp.web.client_id}${token ? `?session_transfer_token=${token}` : ''}`;

  test('signs in by hand, and by a token only where the client says so', async () => {
    const browser = new Browser();
    const token = await native.sessionTransferToken();
    const page = await browser.open(link(token));
    assert.ok(isLoginPage(page), page.url);
    assert.equal(JSON.parse((await logIn(browser, page, ada)).text).user.id, ada.user_id);
    await management.call('PATCH', `clients/${sp.web.client_id}`, { addons: { samlp: { allow_transfer_on_idp_initiated: true } } });
    assert.equal(JSON.parse((await new Browser().open(link(token))).text).user.id, ada.user_id);
  });

  test('can stand behind /authorize', async () => {
    const query = new URLSearchParams({
      client_id: sp.web.client_id,
      response_type: 'code',
      redirect_uri: link(),
      session_transfer_token: await native.sessionTransferToken(),
    });
    const page = await new Browser().open(`https://${domain}/authorize?${query}`);
    assert.equal(JSON.parse(page.text).user.id, ada.user_id);
  });
});

test('every message that the server sent has been held against its schema', { skip: withoutSchemas }, () => {
  assert.deepEqual(kindsHeld(), ['Assertion', 'EntityDescriptor', 'Response']);
});
