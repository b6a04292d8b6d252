// Messages of the SAML and WS-Federation identity provider, as tests/saml/samples.cc makes them: read by node-saml and by
// passport-wsfed-saml2, the libraries of service providers, and held against the OASIS schemas that Debian carries.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { Strategy } from 'passport-wsfed-saml2';
import { against, skip as withoutSchemas } from './schemas.mjs';
import { canRead, holdAgainstSchemas } from './sent_messages.mjs';

const program =
  process.env.SEGUE_SAML_SAMPLES || path.resolve(import.meta.dirname, '../../build/dev/tests/saml/saml_samples');
const skip = existsSync(program) ? false : `${program} is not built`;
const skipSchemas = skip || withoutSchemas;

const consumer = 'https://sp.example/acs';
const audience = 'https://sp.example';
const emailAddress = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress';
const base64 = (text) => Buffer.from(text, 'utf8').toString('base64');

// A service provider whose request is under way.
async function serviceProvider(options = {}) {
  const saml = new SAML({
    callbackUrl: consumer,
    issuer: audience,
    audience,
    entryPoint: 'https://idp.example/samlp/c1',
    idpCert: 'set below',
    idpIssuer: 'urn:idp.example',
    validateInResponseTo: ValidateInResponseTo.always,
    ...options,
  });
  await saml.getAuthorizeUrlAsync('', undefined, {});
  return saml;
}

function samples(request = '_request') {
  return JSON.parse(execFileSync(program, [consumer, audience, request], { encoding: 'utf8' }));
}

describe('node-saml', { skip }, () => {
  let made;
  before(() => (made = samples('_fixed')));

  const read = async (xml, options) => {
    const saml = await serviceProvider({ idpCert: made.certificate, generateUniqueId: () => '_fixed', ...options });
    return (await saml.validatePostResponseAsync({ SAMLResponse: base64(xml) })).profile;
  };
  const responseOnly = { wantAssertionsSigned: false };
  const assertionOnly = { wantAuthnResponseSigned: false };

  test('takes each part signed where it asks for that part', async () => {
    for (const options of [{}, responseOnly, assertionOnly]) {
      const profile = await read(made.responses.both_signed, options);
      assert.equal(profile.nameID, 'auth0|ada');
      assert.equal(profile.issuer, 'urn:idp.example');
      assert.equal(profile.sessionIndex, '_session');
      assert.equal(profile.inResponseTo, '_fixed');
    }
    assert.equal((await read(made.responses.assertion_signed, assertionOnly)).nameID, 'auth0|ada');
    assert.equal((await read(made.responses.response_signed, responseOnly)).nameID, 'auth0|ada');
  });

  test('refuses a part that is not signed where it asks for it', async () => {
    await assert.rejects(read(made.responses.assertion_signed), /Invalid document signature/);
    await assert.rejects(read(made.responses.response_signed), /Invalid signature/);
  });

  test('reads attributes with their text whole', async () => {
    const { attributes } = await read(made.responses.untyped);
    assert.equal(attributes[emailAddress], 'ada@example.com');
    assert.equal(attributes.name, 'Ada <"Augusta"> & Lovelace\n😀');
    assert.equal(attributes['http://schemas.auth0.com/email_verified'], 'true');
    assert.deepEqual(attributes.groups, ['one', 'two']);
    const typed = (await read(made.responses.both_signed)).attributes;
    assert.equal(typed[emailAddress]._ ?? typed[emailAddress], 'ada@example.com');
    assert.equal((await read(made.responses.without_attributes)).nameID, 'auth0|ada');
  });

  test('takes SHA-1, where that was asked for', async () => {
    assert.equal((await read(made.responses.sha1)).nameID, 'auth0|ada');
  });

  test('decrypts the assertion, of either cipher', async () => {
    for (const name of ['encrypted_gcm', 'encrypted_cbc']) {
      const profile = await read(made.responses[name], { decryptionPvk: made.reader_key });
      assert.equal(profile.nameID, 'auth0|ada', name);
    }
  });

  test('refuses a changed word, another key and another audience', async () => {
    const changed = made.responses.both_signed.replace('auth0|ada', 'auth0|eve');
    await assert.rejects(read(changed), /Invalid document signature/);
    await assert.rejects(read(made.responses.both_signed, { idpCert: samples().certificate }), /Invalid document signature/);
    await assert.rejects(read(made.responses.both_signed, { audience: 'https://other.example' }), /audience/);
  });

  test('is told the status of a refusal', async () => {
    // The library knows NoPassive as "nobody is signed in", and not as an error.
    const saml = await serviceProvider({ idpCert: made.certificate, generateUniqueId: () => '_fixed' });
    const answer = await saml.validatePostResponseAsync({ SAMLResponse: base64(made.responses.refusal) });
    assert.equal(answer.profile, null);
  });

  test('takes a request and an answer of single logout', async () => {
    const saml = await serviceProvider({ idpCert: made.certificate, generateUniqueId: () => '_fixed' });
    const request = await saml.validatePostRequestAsync({ SAMLRequest: base64(made.logout_request) });
    assert.equal(request.profile.nameID, 'auth0|ada');
    assert.equal(request.profile.sessionIndex, '_session');
    const query = made.logout_request_url.split('?')[1];
    const redirected = await saml.validateRedirectAsync(Object.fromEntries(new URLSearchParams(query)), query);
    assert.equal(redirected.profile.nameID, 'auth0|ada');
    // It looks for InResponseTo on a Response only.
    const lenient = await serviceProvider({ idpCert: made.certificate, validateInResponseTo: ValidateInResponseTo.ifPresent });
    const answer = await lenient.validatePostResponseAsync({ SAMLResponse: base64(made.logout_response) });
    assert.equal(answer.loggedOut, true);
  });
});

describe('passport-wsfed-saml2', { skip }, () => {
  let made;
  before(() => (made = samples()));

  // Resolves to the profile of whoever is signed in.
  const read = (body, options = {}) =>
    new Promise((resolve, reject) => {
      const strategy = new Strategy(
        {
          realm: audience,
          homeRealm: '',
          identityProviderUrl: 'https://idp.example/wsfed/c1',
          path: '/acs',
          // Without its frame, on one line.
          cert: made.certificate.replace(/-----[A-Z ]+-----|\s/g, ''),
          checkRecipient: true,
          checkDestination: true,
          recipientUrl: consumer,
          destinationUrl: consumer,
          ...options,
        },
        (profile, done) => done(null, profile),
      );
      strategy.success = resolve;
      strategy.error = reject;
      strategy.fail = (why) => reject(why instanceof Error ? why : new Error(String(why)));
      strategy.authenticate({ method: 'POST', body, query: {}, session: {}, headers: {}, url: '/acs', get: () => 'sp.example' }, {});
    });
  const readSaml = (xml) => read({ SAMLResponse: base64(xml) }, { protocol: 'samlp', decryptionKey: made.reader_key });

  test('reads a WS-Federation result with either assertion, also after a form made CRLF of line feeds', async () => {
    for (const name of ['wresult_saml_2_0', 'wresult_saml_1_1']) {
      for (const wresult of [made[name], made[name].replaceAll('\n', '\r\n')]) {
        const profile = await read({ wresult });
        assert.equal(profile[emailAddress], 'ada@example.com', name);
        assert.equal(profile['http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier'], 'auth0|ada', name);
      }
      await assert.rejects(read({ wresult: made[name].replace('auth0|ada', 'auth0|eve') }), /invalid signature/);
    }
  });

  test('reads every response', async () => {
    const { refusal, ...responses } = made.responses;
    for (const [name, xml] of Object.entries(responses)) {
      const profile = await readSaml(xml);
      assert.equal(profile['http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier'], 'auth0|ada', name);
    }
    await assert.rejects(readSaml(refusal), /No session\./);
  });
});

describe('OASIS schemas', { skip: skipSchemas }, () => {
  test('hold for every message', () => {
    const made = samples();
    for (const [name, xml] of Object.entries(made.responses)) against(xml, name);
    for (const name of ['logout_request', 'logout_response', 'metadata', 'federation_metadata', 'assertion_1_1']) against(made[name], name);
  });

  test('refuse what is no message', () => {
    const made = samples();
    const wrong = made.responses.both_signed.replace(/<saml:Issuer>.*?<\/saml:Issuer>/, '').replace('<samlp:Status>', '<x/><samlp:Status>');
    assert.throws(() => against(wrong, 'wrong'), /is not expected/);
  });
});

// The tests of the running server rely on it.
describe('a request of a test', { skip: skipSchemas }, () => {
  const made = skipSchemas ? undefined : samples();
  const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const form = (name, value) => ({
    type: 'text/html; charset=utf-8',
    body: `<form method="post" action="${consumer}"><input type="hidden" name="${name}" value="${escaped(value)}"></form>`,
  });
  const redirect = (name, xml) => ({ location: `${consumer}?${new URLSearchParams({ [name]: deflateRawSync(xml).toString('base64') })}` });
  const metadata = (xml) => ({ type: 'application/samlmetadata+xml', body: xml });

  let next, server, url;
  const fetchAnswer = globalThis.fetch;
  before(async () => {
    server = http.createServer((request, response) => {
      const { location, type, body } = next;
      response.writeHead(location ? 302 : 200, location ? { location } : { 'content-type': type }).end(body);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${server.address().port}/`;
    holdAgainstSchemas(url);
  });
  after(() => {
    globalThis.fetch = fetchAnswer;
    server?.closeAllConnections();
    server?.close();
  });
  const asked = (answer) => {
    next = answer;
    return fetch(url, { redirect: 'manual' });
  };

  const carriers = {
    'a response in a form': ['both_signed', '<samlp:Status>', (xml) => form('SAMLResponse', base64(xml))],
    'an assertion in a response': ['both_signed', '<saml:Conditions ', (xml) => form('SAMLResponse', base64(xml))],
    'a logout request in a form': ['logout_request', '<saml:NameID ', (xml) => form('SAMLRequest', base64(xml))],
    'a logout request in a redirect': ['logout_request', '<saml:NameID ', (xml) => redirect('SAMLRequest', xml)],
    'a logout response in a redirect': ['logout_response', '<samlp:Status>', (xml) => redirect('SAMLResponse', xml)],
    'metadata': ['metadata', '<md:NameIDFormat>', metadata],
    'federation metadata': ['federation_metadata', '<md:KeyDescriptor ', metadata],
    'an assertion of SAML 2.0 in a wresult': ['wresult_saml_2_0', '<saml:Conditions ', (xml) => form('wresult', xml)],
    'an assertion of SAML 1.1 in a wresult': ['wresult_saml_1_1', '<saml:Conditions ', (xml) => form('wresult', xml)],
  };
  for (const [name, [sample, where, carry]] of Object.entries(carriers)) {
    test(`fails by what the schema does not allow in ${name}`, async () => {
      const xml = made[sample] ?? made.responses[sample];
      await asked(carry(xml));
      assert.ok(xml.includes(where), xml);
      await assert.rejects(asked(carry(xml.replace(where, `<x/>${where}`))), /is not expected/);
    });
  }

  test('fails by an encrypted assertion that nobody here can read', async () => {
    const encrypted = form('SAMLResponse', base64(made.responses.encrypted_gcm));
    await assert.rejects(asked(encrypted), /All promises were rejected/);
    canRead(made.reader_key);
    await asked(encrypted);
  });
});
