// Custom token exchange through openid-client and Auth0's SDK, with an Action that Node.js runs.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { AuthenticationClient } from 'auth0';
import * as oidc from 'openid-client';
import { client, domain, issuer, management } from './world.mjs';

const grantType = 'urn:ietf:params:oauth:grant-type:token-exchange';
const subjectTokenType = 'urn:acme:peer-token';
const code = `
exports.onExecuteCustomTokenExchange = async (event, api) => {
  const [kind, id] = event.transaction.subject_token.split(':');
  if (kind !== 'good') return api.access.rejectInvalidSubjectToken('That token is not good.');
  api.authentication.setUserByConnection(
    'Username-Password-Authentication',
    { user_id: id, email: id + '@example.com', email_verified: true },
    { creationBehavior: 'create_if_not_exists', updateBehavior: 'none' },
  );
};`;

describe('custom token exchange', () => {
  let created;
  before(async () => {
    const action = await management.call('POST', 'actions/actions', {
      name: 'Take peer tokens',
      supported_triggers: [{ id: 'custom-token-exchange', version: 'v1' }],
      code,
      deploy: true,
    });
    await management.call('POST', 'token-exchange-profiles', {
      name: 'peer tokens',
      subject_token_type: subjectTokenType,
      action_id: action.id,
      type: 'custom_authentication',
    });
    created = await client({
      app_type: 'regular_web',
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['refresh_token'],
      token_exchange: { allow_any_profile_of_type: ['custom_authentication'] },
    });
  });

  test('openid-client gets the tokens of the user whom the Action names', async () => {
    const configuration = await oidc.discovery(new URL(issuer), created.client_id, undefined, oidc.ClientSecretPost(created.client_secret));
    assert.ok(configuration.serverMetadata().grant_types_supported.includes(grantType));
    const exchange = (token) =>
      oidc.genericGrantRequest(configuration, grantType, {
        subject_token: token,
        subject_token_type: subjectTokenType,
        scope: 'openid email offline_access',
      });
    const tokens = await exchange('good:peer-1');
    assert.equal(tokens.claims().sub, 'auth0|peer-1');
    assert.equal(tokens.claims().email, 'peer-1@example.com');
    assert.equal(tokens.issued_token_type, 'urn:ietf:params:oauth:token-type:access_token');
    const refreshed = await oidc.refreshTokenGrant(configuration, tokens.refresh_token);
    assert.equal(refreshed.claims().sub, 'auth0|peer-1');
    await assert.rejects(exchange('bad:peer-1'), { error: 'invalid_request', error_description: 'That token is not good.' });
  });

  test("Auth0's SDK gets them too", async () => {
    const auth0 = new AuthenticationClient({ domain, clientId: created.client_id, clientSecret: created.client_secret });
    const tokens = await auth0.tokenExchange.exchangeToken({
      subject_token_type: subjectTokenType,
      subject_token: 'good:peer-2',
      scope: 'openid email',
    });
    assert.ok(tokens.access_token);
    assert.ok(tokens.id_token);
  });
});
