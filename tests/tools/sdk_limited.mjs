// Run by node_auth0_management.test.mjs against a server that lets three requests of the Management API through each second.
import assert from 'node:assert/strict';
import { ManagementClient } from 'auth0';
import { first } from './world.mjs';

const refused = [];
async function watchingFetch(url, options) {
  const response = await fetch(url, options);
  if (response.status === 429) refused.push(response.headers);
  return response;
}
const options = { domain: first.domain, clientId: first.client_id, clientSecret: first.client_secret, fetch: watchingFetch };
const sdk = new ManagementClient(options);

// The package's own retry: it waits until the time that x-ratelimit-reset names.
await Promise.all(Array.from({ length: 5 }, () => sdk.clients.list()));
assert.ok(refused.length > 0, 'nothing was refused');
for (const headers of refused) {
  assert.equal(headers.get('x-ratelimit-limit'), '3');
  assert.equal(headers.get('x-ratelimit-remaining'), '0');
  assert.ok(Number(headers.get('x-ratelimit-reset')) * 1000 > Date.now() - 10_000);
}

const impatient = new ManagementClient({ ...options, maxRetries: 0 });
const outcomes = await Promise.allSettled(Array.from({ length: 12 }, () => impatient.clients.list()));
const { reason } = outcomes.find(({ status }) => status === 'rejected');
assert.equal(reason.constructor.name, 'TooManyRequestsError');
assert.equal(reason.statusCode, 429);
assert.equal(reason.body.statusCode, 429);
assert.equal(reason.body.errorCode, 'too_many_requests');
assert.equal(typeof reason.body.message, 'string');
