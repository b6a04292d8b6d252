// Apache's mod_auth_mellon as a service provider of SAML 2.0: sign-ins, what it refuses, and single logout in both directions.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { mellonApp, readPage, skip } from './mellon_app.mjs';
import { skip as withoutSchemas } from './schemas.mjs';
import { kindsHeld } from './sent_messages.mjs';
import { Browser, aNativeClient, aUser, aWebClient, domain, issuer, isLoginPage, logIn, logRow, management, signedInApp } from './world.mjs';

const addons = {
  expenses: () => ({}),
  travel: () => ({ signResponse: true, signAssertion: true }),
  encrypted: (certificate) => ({ encryptionCert: certificate }),
};

describe('mod_auth_mellon', { skip }, () => {
  let ada, native, home;
  const sp = {};
  before(async () => {
    const make = async ([name, addon]) => (sp[name] = await mellonApp(name, { addon }));
    await Promise.all(Object.entries(addons).map(make));
    ada = await aUser();
    native = await signedInApp(await aNativeClient(), ada);
    home = await aWebClient('https://home.example', { allowed_logout_urls: ['https://home.example/bye'] });
  });
  after(() => Promise.all(Object.values(sp).map(({ apache }) => apache.close())));

  const logs = () => Object.values(sp).map(({ apache }) => apache.log().slice(-1000));
  const said = ({ status, url, text }) => [status, url.slice(0, 200), text.slice(0, 300), ...logs()].join('\n');
  const signedIn = (page, { user = ada } = {}) => {
    assert.equal(page.status, 200, said(page));
    const seen = readPage(page.text);
    assert.equal(seen.MELLON_NAME_ID, user.user_id, page.text);
    assert.equal(seen.REMOTE_USER, user.user_id);
    return seen;
  };
  // The request that mellon makes and signs, with a token beside it: the signature covers what mellon knows.
  async function openWithToken({ at }, token) {
    const browser = new Browser({ stopAt: new URL(issuer).origin });
    const request = new URL((await browser.get(`${at}/mellon/login?${new URLSearchParams({ ReturnTo: at })}`)).url);
    assert.ok(request.searchParams.get('Signature'), request.href);
    request.searchParams.set('session_transfer_token', token);
    browser.stopAt = undefined;
    return browser.open(request);
  }
  const isSignedIn = async (browser, { state }) => 'MELLON_NAME_ID' in readPage((await browser.get(state)).text);

  test('the login page signs in, the attributes reach the application, and the next sign-in needs no page', async () => {
    const browser = new Browser();
    const seen = signedIn(await logIn(browser, await browser.open(sp.expenses.at), ada));
    assert.equal(seen.MELLON_email, ada.email);
    assert.equal(seen.MELLON_name, ada.name);
    assert.equal(seen.AUTH_TYPE, 'Mellon');
    assert.ok(await isSignedIn(browser, sp.expenses));
    signedIn(await browser.open(sp.travel.at));
  });

  const answers = { expenses: 'a signed assertion', travel: 'a signed response', encrypted: 'an encrypted assertion' };
  for (const [name, answer] of Object.entries(answers)) {
    test(`a session transfer token in the query signs its user in by ${answer}`, async () => {
      signedIn(await openWithToken(sp[name], await native.sessionTransferToken()));
    });
  }

  test('a session transfer token signs in once, and the log says so', async () => {
    const token = await native.sessionTransferToken();
    signedIn(await openWithToken(sp.travel, token));
    assert.ok(isLoginPage(await openWithToken(sp.travel, token)));
    const mine = ({ client_id, details }) => client_id === sp.travel.web.client_id && details?.triggered_by_session_transfer_token;
    const row = await logRow((each) => each.type === 's' && mine(each));
    assert.equal(row.details.protocol, 'samlp');
    assert.equal(row.user_id, ada.user_id);
  });

  for (const cookie of ['auth0_session_transfer_token', 'session_transfer_token']) {
    test(`a session transfer token in the cookie ${cookie} signs its user in`, async () => {
      const browser = new Browser();
      browser.plant(issuer, cookie, await native.sessionTransferToken());
      signedIn(await browser.open(sp.expenses.at));
      assert.equal(browser.cookie(issuer, cookie), undefined);
    });
  }

  test('a client that does not take session transfer tokens gets the login page, and the token stays good', async () => {
    const allow = (methods) =>
      management.call('PATCH', `clients/${sp.travel.web.client_id}`, { session_transfer: { allowed_authentication_methods: methods } });
    const token = await native.sessionTransferToken();
    await allow([]);
    try {
      assert.ok(isLoginPage(await openWithToken(sp.travel, token)));
      const browser = new Browser();
      browser.plant(issuer, 'auth0_session_transfer_token', token);
      assert.ok(isLoginPage(await browser.open(sp.travel.at)));
    } finally {
      await allow(['query', 'cookie']);
    }
    signedIn(await openWithToken(sp.travel, token));
  });

  // --- What mellon refuses. ---

  // The page that carries the response of a sign-in to mellon, before it is sent.
  async function carried(name, browser) {
    browser.plant(issuer, 'auth0_session_transfer_token', await native.sessionTransferToken());
    const carrier = await browser.get(sp[name].at);
    assert.ok(carrier.isAutomatic && carrier.forms[0].fields.SAMLResponse, carrier.url);
    return carrier;
  }
  const changed = (carrier, change) => {
    const xml = Buffer.from(carrier.forms[0].fields.SAMLResponse, 'base64').toString();
    assert.notEqual(change(xml), xml);
    return { SAMLResponse: Buffer.from(change(xml)).toString('base64') };
  };
  const changes = {
    'names somebody else': ['expenses', (xml) => xml.replaceAll(ada.user_id, ada.user_id.replace(/.$/, 'x'))],
    'gives another attribute': ['expenses', (xml) => xml.replaceAll(ada.email, 'admin@example.com')],
    'has lost its signatures': ['expenses', (xml) => xml.replaceAll(/<(\w+:)?Signature[ >].*?<\/\1?Signature>/gs, '')],
    'has another date outside of its assertion': ['travel', (xml) => xml.replace(/IssueInstant="\d{4}/, 'IssueInstant="2035')],
  };
  for (const [what, [name, change]] of Object.entries(changes)) {
    test(`a response that ${what} is refused by mellon, and the genuine one is taken`, async () => {
      const browser = new Browser();
      const carrier = await carried(name, browser);
      const refused = await browser.submit(carrier, changed(carrier, change));
      assert.ok(refused.status >= 400 && refused.status < 500, `${refused.status} ${refused.url}`);
      assert.ok(!(await isSignedIn(browser, sp[name])));
      signedIn(await browser.submit(carrier));
    });
  }

  test('a response for another application is refused', async () => {
    const browser = new Browser();
    const carrier = await carried('travel', browser);
    const elsewhere = { ...carrier.forms[0], action: `${sp.expenses.at}/mellon/postResponse` };
    const refused = await browser.submit(carrier, {}, elsewhere);
    assert.ok(refused.status >= 400 && refused.status < 500, `${refused.status} ${refused.url}`);
    assert.ok(!(await isSignedIn(browser, sp.expenses)));
  });

  // --- Single logout. ---

  const names = ['expenses', 'travel', 'encrypted'];
  async function signedInEverywhere() {
    const browser = new Browser({ stopAt: 'https://home.example' });
    // Somebody new: of one person in two browsers, mellon ends the session that it finds first.
    const user = await aUser('Grace Hopper');
    browser.plant(issuer, 'auth0_session_transfer_token', await (await signedInApp(await aNativeClient(), user)).sessionTransferToken());
    for (const name of names) signedIn(await browser.open(sp[name].at), { user });
    return { browser, user };
  }
  async function signedInNowhere(browser) {
    for (const name of names) assert.ok(!(await isSignedIn(browser, sp[name])), name);
    assert.ok(isLoginPage(await browser.open(sp.expenses.at)));
  }

  test('mellon begins a logout, and every application ends its session', async () => {
    const { browser, user } = await signedInEverywhere();
    const page = await browser.open(`${sp.travel.at}/mellon/logout?${new URLSearchParams({ ReturnTo: sp.travel.state })}`);
    assert.equal(page.url, sp.travel.state, said(page));
    await signedInNowhere(browser);
    const row = await logRow((each) => each.type === 'slo' && each.client_id === sp.travel.web.client_id);
    assert.equal(row.details.protocol, 'samlp');
    assert.equal(row.user_id, user.user_id);
  });

  test('the identity provider begins a logout, and every application ends its session', async () => {
    const { browser } = await signedInEverywhere();
    const query = new URLSearchParams({ client_id: home.client_id, returnTo: 'https://home.example/bye' });
    const page = await browser.open(`https://${domain}/v2/logout?${query}`);
    assert.equal(page.url, 'https://home.example/bye', said(page));
    await signedInNowhere(browser);
    assert.ok(!(await logRow((each) => each.type === 'flo' && each.details?.untold?.length, { within: 0 })));
  });
});

test('every message that the server sent has been held against its schema', { skip: skip || withoutSchemas }, () => {
  assert.deepEqual(kindsHeld(), ['Assertion', 'EntityDescriptor', 'LogoutRequest', 'LogoutResponse', 'Response']);
});
