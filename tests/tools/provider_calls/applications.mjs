// Clients, connections, APIs.
import { aClient, anApi, nothing, path } from './shared.mjs';

const transfer = {
  can_create_session_transfer_token: true,
  allowed_authentication_methods: ['cookie', 'query'],
  enforce_device_binding: 'asn',
  allow_refresh_token: false,
  enforce_online_refresh_tokens: true,
  enforce_cascade_revocation: true,
};

// Every member that the provider publishes.
const samlp = (signingCert) => ({
  audience: 'https://tf.example/saml',
  recipient: 'https://tf.example/saml/acs',
  destination: 'https://tf.example/saml/acs',
  issuer: 'urn:tf:segue',
  mappings: { email: 'mail', name: ['cn', 'displayName'] },
  createUpnClaim: false,
  passthroughClaimsWithNoMapping: false,
  mapUnknownClaimsAsIs: true,
  mapIdentities: false,
  signatureAlgorithm: 'rsa-sha256',
  digestAlgorithm: 'sha256',
  lifetimeInSeconds: 300,
  signResponse: true,
  nameIdentifierFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
  nameIdentifierProbes: ['http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress'],
  authnContextClassRef: 'urn:oasis:names:tc:SAML:2.0:ac:classes:Password',
  typedAttributes: false,
  includeAttributeNameFormat: false,
  logout: { callback: 'https://tf.example/saml/logout', slo_enabled: true },
  binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
  signingCert,
});
// Addons are emptied before they are set: the second request has all of what counts then.
const addonsBecome = (addons) => ({
  calls: [
    ['PATCH', 'clients/{client.client_id}', { addons: null }, 200],
    ['PATCH', 'clients/{client.client_id}', { name: 'tf client', app_type: 'regular_web', oidc_logout: {}, addons }, 200],
  ],
  gives: { addons: { ...nothing('samlp', 'wsfed'), ...addons } },
});

export const applications = (publicKey) => ({
  auth0_client: {
    create: [aClient('tf client', { callbacks: ['https://tf.example/callback'], session_transfer: {} })],
    id: 'clients/{client.client_id}',
    reads: [
      [
        'clients/{client.client_id}',
        {
          name: 'tf client',
          app_type: 'regular_web',
          callbacks: ['https://tf.example/callback'],
          session_transfer: { can_create_session_transfer_token: false, allowed_authentication_methods: [], enforce_device_binding: 'ip' },
          ...nothing(
            'description',
            'logo_uri',
            'client_aliases',
            'allowed_logout_urls',
            'organization_usage',
            'organization_require_behavior',
          ),
          ...nothing('allowed_origins', 'allowed_clients', 'web_origins', 'encryption_key', 'sso', 'sso_disabled', 'cross_origin_auth'),
          ...nothing('cross_origin_loc', 'custom_login_page', 'form_template', 'client_metadata', 'initiate_login_uri', 'addons'),
        },
      ],
    ],
    changes: [
      {
        // The fields that go away come first, in a request of their own.
        calls: [
          ['PATCH', 'clients/{client.client_id}', { session_transfer: { delegation: null } }, 200],
          [
            'PATCH',
            'clients/{client.client_id}',
            {
              name: 'tf client',
              app_type: 'regular_web',
              callbacks: [],
              oidc_logout: {},
              client_metadata: { team: 'a' },
              session_transfer: transfer,
            },
            200,
          ],
        ],
        gives: { callbacks: undefined, client_metadata: { team: 'a' }, session_transfer: transfer },
      },
      {
        calls: [
          ['PATCH', 'clients/{client.client_id}', { session_transfer: null }, 200],
          [
            'PATCH',
            'clients/{client.client_id}',
            { name: 'tf client', app_type: 'regular_web', oidc_logout: {}, client_metadata: { team: null } },
            200,
          ],
        ],
        gives: { session_transfer: undefined, client_metadata: undefined },
      },
      addonsBecome({ samlp: samlp(publicKey) }),
      addonsBecome({ wsfed: {} }),
      addonsBecome({ samlp: {} }),
      addonsBecome({}),
    ],
  },

  auth0_client_credentials: {
    before: [aClient('tf credentials')],
    create: [
      ['GET', 'clients/{client.client_id}?fields=client_id&include_fields=true', undefined, 200],
      [
        'POST',
        'clients/{client.client_id}/credentials',
        { name: 'key', credential_type: 'public_key', pem: publicKey, alg: 'RS256' },
        201,
        'credential',
      ],
      [
        'PATCH',
        'clients/{client.client_id}',
        {
          client_authentication_methods: { private_key_jwt: { credentials: [{ id: '{credential.id}' }] } },
          token_endpoint_auth_method: null,
        },
        200,
      ],
    ],
    reads: [
      [
        'clients/{client.client_id}?fields=client_id%2Cclient_secret%2Ctoken_endpoint_auth_method%2Cclient_authentication_methods&include_fields=true',
        {
          token_endpoint_auth_method: undefined,
          client_authentication_methods: { private_key_jwt: { credentials: [{ id: '{credential.id}' }] } },
        },
      ],
      ['clients/{client.client_id}/credentials/{credential.id}', { name: 'key', credential_type: 'public_key', alg: 'RS256' }],
    ],
    destroy: [
      ['GET', 'clients/{client.client_id}?fields=client_id%2Capp_type&include_fields=true', undefined, 200],
      ['GET', 'clients/{client.client_id}/credentials', undefined, 200],
      [
        'PATCH',
        'clients/{client.client_id}',
        { client_authentication_methods: null, token_endpoint_auth_method: 'client_secret_post' },
        200,
      ],
      ['DELETE', 'clients/{client.client_id}/credentials/{credential.id}', undefined, 204],
    ],
  },

  auth0_connection: {
    create: [
      [
        'POST',
        'connections',
        {
          name: 'tf-connection',
          strategy: 'auth0',
          is_domain_connection: false,
          metadata: { key1: 'foo' },
          options: {
            passwordPolicy: 'fair',
            password_complexity_options: { min_length: 10 },
            brute_force_protection: true,
            import_mode: false,
            disable_signup: false,
            requires_username: false,
            enabledDatabaseCustomization: false,
          },
        },
        201,
        'connection',
      ],
    ],
    id: 'connections/{connection.id}',
    reads: [
      [
        'connections/{connection.id}',
        {
          name: 'tf-connection',
          strategy: 'auth0',
          metadata: { key1: 'foo' },
          realms: ['tf-connection'],
          options: {
            passwordPolicy: 'fair',
            password_complexity_options: { min_length: 10 },
            brute_force_protection: true,
            disable_signup: false,
          },
          ...nothing('display_name', 'show_as_button'),
        },
      ],
    ],
    changes: [
      {
        calls: [
          [
            'PATCH',
            'connections/{connection.id}',
            {
              display_name: 'TF',
              is_domain_connection: false,
              metadata: { key1: 'bar' },
              options: { passwordPolicy: 'good', brute_force_protection: true, disable_signup: true },
            },
            200,
          ],
        ],
        gives: { display_name: 'TF', metadata: { key1: 'bar' }, options: { passwordPolicy: 'good', disable_signup: true } },
      },
    ],
    destroyed: [202, 204],
  },

  auth0_connection_clients: {
    before: [aClient('tf connected'), ['POST', 'connections', { name: 'tf-connected', strategy: 'auth0' }, 201, 'connection']],
    create: [
      ['GET', 'connections/{connection.id}/clients', undefined, 200],
      ['PATCH', 'connections/{connection.id}/clients', [{ client_id: '{client.client_id}', status: true }], 204],
    ],
    reads: [
      ['connections/{connection.id}/clients', { clients: [{ client_id: '{client.client_id}' }], next: undefined }],
      ['connections/{connection.id}?fields=strategy%2Cname&include_fields=true', { strategy: 'auth0', name: 'tf-connected' }],
    ],
    destroy: [['PATCH', 'connections/{connection.id}/clients', [{ client_id: '{client.client_id}', status: false }], 204]],
    after: [['connections/{connection.id}/clients', { clients: undefined }]],
  },

  auth0_resource_server: {
    // Only the identifier is required.
    create: [['POST', 'resource-servers', { identifier: 'https://tf-api.example/v1' }, 201, 'api']],
    id: 'resource-servers/{api.id}',
    imports: [`resource-servers/${path('https://tf-api.example/v1')}`],
    reads: [
      [
        'resource-servers/{api.id}',
        {
          identifier: 'https://tf-api.example/v1',
          token_lifetime: 86400,
          token_lifetime_for_web: 7200,
          signing_alg: 'RS256',
          ...nothing('enforce_policies', 'allow_offline_access'),
        },
      ],
    ],
    changes: [
      {
        calls: [
          [
            'PATCH',
            'resource-servers/{api.id}',
            {
              name: 'TF',
              signing_alg: 'RS256',
              allow_offline_access: true,
              token_lifetime: 7200,
              token_lifetime_for_web: 3600,
              skip_consent_for_verifiable_first_party_clients: true,
              enforce_policies: true,
              token_dialect: 'access_token_authz',
            },
            200,
          ],
        ],
        gives: {
          name: 'TF',
          allow_offline_access: true,
          token_lifetime: 7200,
          token_lifetime_for_web: 3600,
          enforce_policies: true,
          token_dialect: 'access_token_authz',
        },
      },
    ],
  },

  auth0_resource_server_scopes: {
    before: [['POST', 'resource-servers', { identifier: 'https://tf-scopes.example/v1', name: 'TF' }, 201, 'api']],
    create: [
      ['GET', `resource-servers/${path('https://tf-scopes.example/v1')}`, undefined, 200],
      [
        'PATCH',
        `resource-servers/${path('https://tf-scopes.example/v1')}`,
        { scopes: [{ value: 'read:it', description: 'Read' }, { value: 'write:it' }] },
        200,
      ],
    ],
    reads: [
      [
        `resource-servers/${path('https://tf-scopes.example/v1')}`,
        { scopes: [{ value: 'read:it', description: 'Read' }, { value: 'write:it' }] },
      ],
    ],
    destroy: [['PATCH', `resource-servers/${path('https://tf-scopes.example/v1')}`, { scopes: [] }, 200]],
    after: [['resource-servers/{api.id}', { scopes: undefined }]],
  },

  auth0_client_grant: {
    before: [aClient('tf machine', { app_type: 'non_interactive', grant_types: ['client_credentials'] }), anApi('tf-grant')],
    create: [
      [
        `GET`,
        `client-grants?audience=${path('https://tf-grant.example/v1')}&client_id={client.client_id}&include_totals=true&per_page=50`,
        undefined,
        200,
      ],
      ['POST', 'client-grants', { client_id: '{client.client_id}', audience: 'https://tf-grant.example/v1', scope: [] }, 201, 'grant'],
    ],
    id: 'client-grants/{grant.id}',
    reads: [['client-grants/{grant.id}', { client_id: '{client.client_id}', audience: 'https://tf-grant.example/v1', scope: undefined }]],
    changes: [{ calls: [['PATCH', 'client-grants/{grant.id}', { scope: ['read:it'] }, 200]], gives: { scope: ['read:it'] } }],
  },
});
