// What the mobile SDKs put on the wire, replayed call by call from golden/*.json, and what each of them must find in the answer: the
// fields that its decoder cannot do without, the ID token by its own rules, and the error texts that it compares literally.
//
// A golden file has what its SDK puts into every request, what its decoders take, and the calls, each with what is its own.
// {name} in it is a value of the run; what an answer of success carries is one from then on. A type that ends in "?" may be missing.
import assert from 'node:assert/strict';
import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { Browser, aNativeClient, aUser, domain, isLoginPage, issuer, logIn, management, realm } from './world.mjs';

const folder = path.join(import.meta.dirname, 'golden');
const origin = `https://${domain}`;
const random = () => randomBytes(32).toString('base64url');

const types = {
  string: (value) => typeof value === 'string' && value !== '',
  boolean: (value) => typeof value === 'boolean',
  integer: Number.isInteger,
  'number or numeric string': (value) => (typeof value === 'number' ? Number.isFinite(value) : /^\d+(\.\d+)?$/.test(value)),
};

function checkFields(body, fields) {
  for (const [name, type] of Object.entries(fields)) {
    const optional = type.endsWith('?');
    // A null is a value that no optional field of these decoders tolerates everywhere.
    if (optional && !(name in body)) continue;
    assert.ok(types[optional ? type.slice(0, -1) : type](body[name]), `${name} must be ${type}: ${JSON.stringify(body[name])}`);
  }
}

// OpenID Connect Core §3.1.3.7, as both SDKs carry it out.
async function checkIdToken(token, signingKey, { clientId, nonce, max_age: maxAge, organization }) {
  const [header, claims] = token.split('.', 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')));
  assert.equal(header.alg, 'RS256');
  const { keys } = await (await fetch(`${issuer}.well-known/jwks.json`)).json();
  const usable = (key) => Object.entries(signingKey).every(([name, values]) => values.includes(key[name] ?? null));
  const found = keys.filter((key) => key.kid === header.kid && usable(key));
  assert.equal(found.length, 1, `one key of ${header.kid}`);
  const [, signed, signature] = /^(.*)\.(.*)$/.exec(token);
  const key = createPublicKey({ key: found[0], format: 'jwk' });
  assert.ok(verify('sha256', Buffer.from(signed), key, Buffer.from(signature, 'base64url')), 'the signature');

  const now = Date.now() / 1000;
  const leeway = 60;
  assert.equal(claims.iss, issuer);
  assert.ok(types.string(claims.sub), 'sub');
  const audiences = [claims.aud].flat();
  assert.ok(audiences.includes(clientId), `aud: ${claims.aud}`);
  if (audiences.length > 1) assert.equal(claims.azp, clientId);
  assert.ok(types.integer(claims.exp) && claims.exp + leeway > now, 'exp');
  assert.ok(types.integer(claims.iat) && claims.iat - leeway < now, 'iat');
  assert.equal(claims.nonce, nonce);
  if (maxAge) assert.ok(types.integer(claims.auth_time) && claims.auth_time + maxAge + leeway > now, `auth_time: ${claims.auth_time}`);
  if (organization) assert.equal(claims.org_id, organization);
}

async function anOrganization(user) {
  const { id } = await management.call('POST', 'organizations', { name: `peers-${randomBytes(4).toString('hex')}`, display_name: 'Peers' });
  const [connection] = await management.call('GET', `connections?name=${encodeURIComponent(realm)}`);
  await management.call('POST', `organizations/${id}/enabled_connections`, { connection_id: connection.id });
  await management.call('POST', `organizations/${id}/members`, { members: [user.user_id] });
  return id;
}

for (const file of readdirSync(folder)) {
  const golden = JSON.parse(readFileSync(path.join(folder, file)));
  describe(golden.sdk, () => {
    const values = { host: domain, hostname: domain.split(':')[0], realm };
    const fill = (text) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? assert.fail(`no value of ${whole}`));
    const filled = (fields = {}) =>
      Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? fill(value) : value]));
    let user;

    before(async () => {
      user = await aUser();
      values.redirect_uri = fill(golden.redirect_uri);
      const organization = await anOrganization(user);
      const native = await aNativeClient({
        callbacks: [values.redirect_uri],
        allowed_logout_urls: [values.redirect_uri],
        organization_usage: 'allow',
      });
      Object.assign(values, { client_id: native.client_id, username: user.email, password: user.password, organization });
    });

    async function visit(parameters, answer) {
      const verifier = random();
      const challenge = createHash('sha256').update(verifier).digest('base64url');
      Object.assign(values, { code_verifier: verifier, code_challenge: challenge, state: random(), nonce: random() });
      const stopAt = new URL(values.redirect_uri).origin;
      const browser = new Browser({ stopAt: stopAt === origin ? undefined : stopAt });
      const login = await browser.open(`${origin}/authorize?${new URLSearchParams(filled({ ...golden.authorize, ...parameters }))}`);
      assert.ok(isLoginPage(login), `${login.status} ${login.url}`);
      const end = new URL((await logIn(browser, login, user)).url);
      assert.equal(end.href.split('?')[0], values.redirect_uri);
      for (const [name, expected] of Object.entries(answer.query)) {
        const value = end.searchParams.get(name);
        if (expected === 'string') assert.ok(types.string(value), name);
        else assert.equal(value, fill(expected));
        values[name] = value;
      }
    }

    async function send({ method, path: where, headers, body }, answer) {
      const response = await fetch(`${origin}${fill(where)}`, {
        method,
        redirect: 'manual',
        headers: filled({ ...golden.headers, ...(body && { 'Content-Type': golden.content_type }), ...headers }),
        body: body && JSON.stringify(filled(body)),
      });
      const text = await response.text();
      assert.equal(response.status, answer.status, text);
      for (const [name, value] of Object.entries(answer.headers ?? {})) assert.equal(response.headers.get(name), fill(value), name);
      if (!answer.fields && !answer.is) return;
      // Both SDKs read JSON only where the answer says that it is.
      assert.match(response.headers.get('content-type') ?? '', /^application\/json\b/);
      const content = JSON.parse(text);
      for (const [name, value] of Object.entries(answer.is ?? {})) assert.equal(content[name], value, name);
      if (answer.fields) checkFields(content, golden.decoders[answer.fields]);
      const rules = { clientId: values.client_id, ...filled(answer.id_token) };
      if (answer.id_token) await checkIdToken(content.id_token, golden.signing_key, rules);
      if (response.ok) Object.assign(values, content);
    }

    for (const call of golden.calls) {
      test(call.name, async () => {
        if (call.before === 'delete the user') await management.call('DELETE', `users/${encodeURIComponent(user.user_id)}`);
        return call.authorize ? visit(call.authorize, call.answer) : send(call.request, call.answer);
      });
    }
  });
}
