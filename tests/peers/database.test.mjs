// npm auth0 signs people up and asks for new passwords; the mail is read where a server without a mail server leaves it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { AuthenticationClient } from 'auth0';
import { Browser, aUser, client, domain, management, realm, tokenRequest } from './world.mjs';

const connection = realm;
const mailFolder = path.join(process.env.SEGUE_TEST_DATA, 'mail');
const refusedAs = (code) => (error) => {
  assert.equal(error.statusCode, 400, error.message);
  assert.match(error.body, new RegExp(`"code":"${code}"`));
  return true;
};
const aDatabaseApp = async () => {
  const app = await client({
    app_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['http://auth0.com/oauth/grant-type/password-realm'],
  });
  return { app, database: new AuthenticationClient({ domain, clientId: app.client_id }).database };
};
const signIn = ({ client_id }, username, password) =>
  tokenRequest({ grant_type: 'http://auth0.com/oauth/grant-type/password-realm', client_id, realm, username, password });

// The plain text of the first mail to this address, within some seconds.
async function mailTo(address, within = 10_000) {
  for (const until = Date.now() + within; ; ) {
    const files = existsSync(mailFolder) ? readdirSync(mailFolder).filter((name) => name.endsWith('.eml')) : [];
    for (const file of files.map((name) => path.join(mailFolder, name))) {
      const mail = readFileSync(file, 'utf8');
      if (!mail.includes(`To: <${address}>`)) continue;
      assert.equal(statSync(file).mode & 0o777, 0o600);
      const encoded = mail.split('text/plain')[1].split('\r\n\r\n')[1].split('--')[0];
      return Buffer.from(encoded, 'base64').toString();
    }
    if (Date.now() > until) throw new Error(`no mail to ${address}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe('AuthenticationClient: database', () => {
  test('signUp makes a user who can sign in, and says what is wrong with another', async () => {
    const { app, database } = await aDatabaseApp();
    const email = `grace.${randomBytes(4).toString('hex')}@example.com`;
    const password = 'Correct-horse-7';
    const { data } = await database.signUp({ email, password, connection, user_metadata: { color: 'red' } });
    assert.match(data._id, /^[0-9a-f]{24}$/);
    assert.equal(data.email_verified, false);
    const user = await management.call('GET', `users/auth0|${data._id}`);
    assert.deepEqual(user.user_metadata, { color: 'red' });
    assert.equal((await signIn(app, email, password)).status, 200);

    await assert.rejects(database.signUp({ email, password, connection }), refusedAs('invalid_signup'));
    await assert.rejects(database.signUp({ email: `x${email}`, password: 'short', connection }), refusedAs('invalid_password'));
  });

  test('changePassword leads over a mail and its page to a new password', async () => {
    const { app, database } = await aDatabaseApp();
    const user = await aUser();
    for (const email of [user.email, 'nobody@example.com']) {
      const { data } = await database.changePassword({ email, connection });
      assert.equal(data, "We've just sent you an email to reset your password.");
    }
    const [link] = (await mailTo(user.email)).match(/https:\S+/);
    const browser = new Browser();
    const page = await browser.get(link);
    assert.equal(page.status, 200, page.text);
    assert.equal(page.url, `https://${domain}/lo/reset`);
    const password = 'Another-horse-8';
    const done = await browser.submit(page, { new_password: password, confirm_password: password });
    assert.equal(done.status, 200, done.text);
    assert.equal((await signIn(app, user.email, user.password)).status, 403);
    assert.equal((await signIn(app, user.email, password)).status, 200);
    assert.equal((await new Browser().get(link)).status, 400, 'the link works once');
  });
});
