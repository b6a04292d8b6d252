'use strict';
// api.redirect.encodeToken and validateToken: the signed parameter that goes with the user to another site and comes back
// (contract §8.5). HS256 with a secret that the Action shares with that site.
const { createHmac, timingSafeEqual } = require('node:crypto');
const { apply, parse, keys, hasOwn, split, toText, TypeError, Error } = require('./primordials.cjs');
const { encode } = require('./encode.cjs');

const HmacUpdate = createHmac('sha256', 'x').update, HmacDigest = createHmac('sha256', 'x').digest;
const { floor } = Math;
const fromText = Buffer.from, toBase64 = Buffer.prototype.toString;

function base64url(value, encoding) { return apply(toBase64, apply(fromText, Buffer, [value, encoding]), ['base64url']); }

function sign(secret, input) {
  const mac = createHmac('sha256', secret);
  apply(HmacUpdate, mac, [input]);
  return apply(HmacDigest, mac, ['base64url']);
}

function requireSecret(name, options) {
  if (typeof options !== 'object' || options === null || typeof options.secret !== 'string' || options.secret === '') {
    throw new TypeError(`api.redirect.${name}: options.secret must be a string that is not empty`);
  }
  return options.secret;
}

function seconds(run) { return floor(run.now / 1000); }

function encodeToken(run, options) {
  const secret = requireSecret('encodeToken', options);
  const lifetime = options.expiresInSeconds ?? 900;
  if (typeof lifetime !== 'number' || !(lifetime > 0)) throw new TypeError('api.redirect.encodeToken: expiresInSeconds must be a positive number');
  const claims = { __proto__: null };
  const payload = options.payload ?? {};
  const names = keys(payload);
  for (let i = 0; i < names.length; i++) claims[names[i]] = payload[names[i]];
  const now = seconds(run);
  claims.iat = now;
  claims.exp = now + floor(lifetime);
  claims.iss = run.event.request?.hostname;
  claims.sub = run.event.user?.user_id;
  claims.ip = run.event.request?.ip;
  const input = `${base64url('{"alg":"HS256","typ":"JWT"}', 'utf8')}.${base64url(encode(claims, 'payload'), 'utf8')}`;
  return `${input}.${sign(secret, input)}`;
}

function invalid(why) { return new Error(`The session token is invalid: ${why}`); }

// What the claims must be: of this user, for this redirect, not over. A token without `state` could be played again at the next one.
function claimsProblem(run, claims) {
  const request = run.event.request ?? {};
  const names = ['iss', 'iat', 'exp', 'sub', 'state'];
  for (let i = 0; i < names.length; i++) if (!hasOwn(claims, names[i])) return `Missing or invalid standard claims: ${names[i]}`;
  if (typeof claims.iat !== 'number' || typeof claims.exp !== 'number') return 'Missing or invalid standard claims: iat and exp must be numbers';
  if (claims.exp <= seconds(run)) return 'The token has expired';
  if (claims.sub !== run.event.user?.user_id) return 'Subject in the token does not match the user of the transaction.';
  if (claims.state !== (request.query?.state ?? request.body?.state)) return 'State in the token does not match the /continue state.';
  return '';
}

function validateToken(run, options) {
  const secret = requireSecret('validateToken', options);
  const name = options.tokenParameterName ?? 'session_token';
  const request = run.event.request ?? {};
  const token = request.body?.[name] ?? request.query?.[name];
  if (typeof token !== 'string') throw invalid(`There is no parameter "${toText(name)}" in the request that continues`);
  const parts = split(token, '.');
  if (parts.length !== 3) throw invalid('It is no JWT');
  const wanted = apply(fromText, Buffer, [sign(secret, `${parts[0]}.${parts[1]}`), 'latin1']);
  const given = apply(fromText, Buffer, [parts[2], 'latin1']);
  if (wanted.length !== given.length || !timingSafeEqual(wanted, given)) throw invalid('Its signature is wrong');
  const read = (part) => {
    const value = parse(apply(toBase64, apply(fromText, Buffer, [part, 'base64url']), ['utf8']));
    if (typeof value !== 'object' || value === null) throw invalid('It is no JWT');
    return value;
  };
  if (read(parts[0]).alg !== 'HS256') throw invalid('It is not signed with HS256');
  const claims = read(parts[1]);
  const problem = claimsProblem(run, claims);
  if (problem !== '') throw invalid(problem);
  return claims;
}

module.exports = { encode: encodeToken, validate: validateToken };
