// SimpleSAMLphp as a service provider of SAML 2.0: sign-ins, what it refuses, and single logout in both directions.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { skip as withoutSchemas } from './schemas.mjs';
import { kindsHeld } from './sent_messages.mjs';
import { simplesamlphpApp, skip } from './simplesamlphp_app.mjs';
import { Browser, aNativeClient, aUser, aWebClient, domain, issuer, isLoginPage, logIn, logRow, management, signedInApp } from './world.mjs';

const claim = (name) => `http://schemas.xmlsoap.org/ws/2005/05/identity/claims/${name}`;
const addons = {
  wiki: () => ({}),
  mail: (certificate) => ({ signResponse: true, signAssertion: true, encryptionCert: certificate }),
};

describe('SimpleSAMLphp', { skip }, () => {
  let ada, native, home;
  const sp = {};
  before(async () => {
    const make = async ([name, addon]) => (sp[name] = await simplesamlphpApp(name, { addon }));
    await Promise.all(Object.entries(addons).map(make));
    ada = await aUser();
    native = await signedInApp(await aNativeClient(), ada);
    home = await aWebClient('https://home.example', { allowed_logout_urls: ['https://home.example/bye'] });
  });
  after(() => Promise.all(Object.values(sp).map(({ apache }) => apache.close())));

  const logs = () => Object.values(sp).map(({ apache }) => apache.log().slice(-2000));
  const said = ({ status, url, text }) => [status, url.slice(0, 200), text.slice(0, 1500), ...logs()].join('\n');
  const signedIn = (answer, user = ada) => {
    assert.ok(answer.status === 200 && answer.text.startsWith('{'), said(answer));
    const { id, attributes } = JSON.parse(answer.text);
    assert.equal(id, user.user_id);
    return attributes;
  };
  const isSignedIn = async (browser, { at }) => JSON.parse((await browser.get(`${at}/app.php?state`)).text).signedIn;
  const withToken = (browser, token) => browser.plant(issuer, 'auth0_session_transfer_token', token);
  // The request that it makes and signs, with a token beside it: the signature covers what it knows.
  async function openWithToken({ at }, token) {
    const browser = new Browser({ stopAt: new URL(issuer).origin });
    const request = new URL((await browser.get(`${at}/app.php`)).url);
    assert.ok(request.searchParams.get('Signature'), request.href);
    request.searchParams.set('session_transfer_token', token);
    browser.stopAt = undefined;
    return browser.open(request);
  }

  test('the login page signs in, the attributes reach the application, and the next sign-in needs no page', async () => {
    const browser = new Browser();
    const attributes = signedIn(await logIn(browser, await browser.open(`${sp.wiki.at}/app.php`), ada));
    assert.deepEqual(attributes[claim('emailaddress')], [ada.email]);
    assert.deepEqual(attributes[claim('name')], [ada.name]);
    assert.ok(await isSignedIn(browser, sp.wiki));
    signedIn(await browser.open(`${sp.mail.at}/app.php`));
  });

  for (const [name, answer] of Object.entries({ wiki: 'a signed assertion', mail: 'an encrypted assertion in a signed response' })) {
    test(`a session transfer token in the query signs its user in, once, by ${answer}`, async () => {
      const token = await native.sessionTransferToken();
      signedIn(await openWithToken(sp[name], token));
      assert.ok(isLoginPage(await openWithToken(sp[name], token)));
    });

    test(`a session transfer token in a cookie signs its user in by ${answer}`, async () => {
      const browser = new Browser();
      withToken(browser, await native.sessionTransferToken());
      signedIn(await browser.open(`${sp[name].at}/app.php`));
      assert.equal(browser.cookie(issuer, 'auth0_session_transfer_token'), undefined);
    });
  }

  test('a client that does not take session transfer tokens gets the login page, and the token stays good', async () => {
    const allow = (methods) =>
      management.call('PATCH', `clients/${sp.wiki.web.client_id}`, { session_transfer: { allowed_authentication_methods: methods } });
    const token = await native.sessionTransferToken();
    await allow([]);
    try {
      assert.ok(isLoginPage(await openWithToken(sp.wiki, token)));
      const browser = new Browser();
      withToken(browser, token);
      assert.ok(isLoginPage(await browser.open(`${sp.wiki.at}/app.php`)));
    } finally {
      await allow(['query', 'cookie']);
    }
    signedIn(await openWithToken(sp.wiki, token));
  });

  const changes = {
    'names somebody else': [(xml) => xml.replaceAll(ada.user_id, ada.user_id.replace(/.$/, 'x')), /Reference validation failed/],
    'gives another attribute': [(xml) => xml.replaceAll(ada.email, 'admin@example.com'), /Reference validation failed/],
    'has lost its signatures': [(xml) => xml.replaceAll(/<(\w+:)?Signature[ >].*?<\/\1?Signature>/gs, ''), /was signed/],
  };
  for (const [what, [change, why]] of Object.entries(changes)) {
    test(`a response that ${what} is refused by it, and the genuine one is taken`, async () => {
      const browser = new Browser();
      withToken(browser, await native.sessionTransferToken());
      const carrier = await browser.get(`${sp.wiki.at}/app.php`);
      const xml = Buffer.from(carrier.forms[0].fields.SAMLResponse, 'base64').toString();
      assert.notEqual(change(xml), xml);
      const refused = await browser.submit(carrier, { SAMLResponse: Buffer.from(change(xml)).toString('base64') });
      assert.ok(!(await isSignedIn(browser, sp.wiki)), said(refused));
      assert.match(sp.wiki.apache.log(), why);
      signedIn(await browser.submit(carrier));
    });
  }

  async function signedInEverywhere() {
    const browser = new Browser({ stopAt: 'https://home.example' });
    withToken(browser, await native.sessionTransferToken());
    for (const { at } of Object.values(sp)) signedIn(await browser.open(`${at}/app.php`));
    return browser;
  }
  async function signedInNowhere(browser) {
    for (const each of Object.values(sp)) assert.ok(!(await isSignedIn(browser, each)), each.name);
    assert.ok(isLoginPage(await browser.open(`${sp.wiki.at}/app.php`)));
  }

  test('it begins a logout, and every application ends its session', async () => {
    const browser = await signedInEverywhere();
    const answer = await browser.open(`${sp.mail.at}/app.php?logout`);
    assert.equal(answer.url, `${sp.mail.at}/app.php?state`, said(answer));
    await signedInNowhere(browser);
    const row = await logRow((each) => each.type === 'slo' && each.client_id === sp.mail.web.client_id);
    assert.equal(row.details.protocol, 'samlp');
    assert.equal(row.user_id, ada.user_id);
  });

  test('the identity provider begins a logout, and every application ends its session', async () => {
    const browser = await signedInEverywhere();
    const query = new URLSearchParams({ client_id: home.client_id, returnTo: 'https://home.example/bye' });
    const answer = await browser.open(`https://${domain}/v2/logout?${query}`);
    assert.equal(answer.url, 'https://home.example/bye', said(answer));
    await signedInNowhere(browser);
  });
});

// The metadata went to metarefresh, in a process of its own.
test('every message that the server sent has been held against its schema', { skip: skip || withoutSchemas }, () => {
  assert.deepEqual(kindsHeld(), ['Assertion', 'LogoutRequest', 'LogoutResponse', 'Response']);
});
