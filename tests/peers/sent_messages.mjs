// Every message of SAML and WS-Federation that the server sends to a test goes against the schemas of OASIS: where it is not what they
// allow, the request of the test fails.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { inflateRawSync } from 'node:zlib';
import { readPage } from '../../samples/native-to-web/native/browser.mjs';
import { against, rootOf, skip } from './schemas.mjs';

// The kinds of messages that there have been.
const kinds = new Set();
export const kindsHeld = () => [...kinds].sort();
// The applications' keys, for whom assertions are encrypted.
const readers = [];
export const canRead = (privateKey) => readers.push(privateKey);

export function holdAgainstSchemas(issuer) {
  if (skip) return;
  const { origin } = new URL(issuer);
  const fetchAnswer = globalThis.fetch;
  globalThis.fetch = async (...asked) => {
    const answer = await fetchAnswer(...asked);
    if (new URL(answer.url).origin === origin) await holdAnswer(answer, origin);
    return answer;
  };
}

async function holdAnswer(answer, origin) {
  const elsewhere = (url) => url.origin !== origin;
  const location = answer.headers.get('location');
  if (location && URL.canParse(location, answer.url)) {
    const to = new URL(location, answer.url);
    if (elsewhere(to)) await holdFields(Object.fromEntries(to.searchParams), (text) => inflateRawSync(fromBase64(text)).toString());
    return;
  }
  const type = answer.headers.get('content-type') ?? '';
  if (/\bxml\b/.test(type)) await hold(await answer.clone().text());
  if (!type.startsWith('text/html')) return;
  const { forms } = readPage(new URL(answer.url), answer.status, await answer.clone().text(), answer.headers);
  for (const { action, fields } of forms) {
    // A page that sends an application's message here again is not the server's word.
    if (elsewhere(new URL(action, answer.url))) await holdFields(fields, (text) => fromBase64(text).toString());
  }
}

async function holdFields({ SAMLRequest, SAMLResponse, wresult }, decoded) {
  for (const message of [SAMLRequest, SAMLResponse]) if (message !== undefined) await hold(decoded(message));
  if (wresult !== undefined) await holdResult(wresult);
}

function fromBase64(text) {
  assert.match(text, /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/);
  return Buffer.from(text, 'base64');
}

async function hold(xml, name) {
  kinds.add(against(xml, name));
  const [encrypted] = /<(\w+:)?EncryptedData[ >].*<\/\1EncryptedData>/s.exec(xml) ?? [];
  if (encrypted) await hold(await decrypted(encrypted), 'decrypted assertion');
}

// Neither Debian nor npm has a schema of WS-Trust's RequestSecurityTokenResponse, and of SOAP's Fault Debian has that of SOAP 1.1 only. The
// assertion is held against its own as it stands there, since readers cut it out.
async function holdResult(wresult) {
  if (rootOf(wresult) === 'Fault') return;
  assert.equal(rootOf(wresult), 'RequestSecurityTokenResponse');
  const [assertion] = /<(\w+:)?Assertion[ >].*<\/\1Assertion>/s.exec(wresult);
  await hold(assertion, 'wresult');
}

async function decrypted(xml) {
  const { decrypt } = createRequire(import.meta.resolve('@node-saml/node-saml'))('xml-encryption');
  const by = (key) => new Promise((resolve, reject) => decrypt(xml, { key }, (error, text) => (error ? reject(error) : resolve(text))));
  return Promise.any(readers.map(by));
}
