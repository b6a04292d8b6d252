// What terraform-provider-auth0 1.55 sends for each of its resources, as facts of its source and of its public recordings: the provider
// itself cannot be built from here. One entry is one resource's life: what must exist first, create, the members that a read must give
// back for the plan to be empty, change, destroy.
//
//   [METHOD, path, body, status, name]   `name` keeps the answer; {name.member} in a later path or body stands for one of its members
//   reads: [[path, members]]             asked after every write and again by the next plan; undefined: absent, empty, false or 0
//   imports: [path]                      further ids that `terraform import` may be given
//
// `null` and {} stand where the provider sends them, and absent members where it sends none.
const path = (value) => encodeURIComponent(value);
const someone = { connection: 'Username-Password-Authentication', password: 'Correct-horse-9182', email_verified: true };
const anApi = (name) => ['POST', 'resource-servers', { identifier: `https://${name}.example/v1`, name, scopes: [{ value: 'read:it' }, { value: 'write:it' }] }, 201, 'api'];
const aClient = (name, more = {}) => ['POST', 'clients', { name, app_type: 'regular_web', token_endpoint_auth_method: 'client_secret_post', oidc_logout: {}, ...more }, 201, 'client'];
// Attributes that the provider does not compute: a value that the configuration has not is a difference in every plan.
const nothing = (...names) => Object.fromEntries(names.map((name) => [name, undefined]));
const transfer = {
  can_create_session_transfer_token: true,
  allowed_authentication_methods: ['cookie', 'query'],
  enforce_device_binding: 'asn',
  allow_refresh_token: false,
  enforce_online_refresh_tokens: true,
  enforce_cascade_revocation: true,
};

export const resources = (publicKey) => ({
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
          ...nothing('description', 'logo_uri', 'client_aliases', 'allowed_logout_urls', 'organization_usage', 'organization_require_behavior'),
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
          ['PATCH', 'clients/{client.client_id}', { name: 'tf client', app_type: 'regular_web', callbacks: [], oidc_logout: {}, client_metadata: { team: 'a' }, session_transfer: transfer }, 200],
        ],
        gives: { callbacks: undefined, client_metadata: { team: 'a' }, session_transfer: transfer },
      },
      {
        calls: [
          ['PATCH', 'clients/{client.client_id}', { session_transfer: null }, 200],
          ['PATCH', 'clients/{client.client_id}', { name: 'tf client', app_type: 'regular_web', oidc_logout: {}, client_metadata: { team: null } }, 200],
        ],
        gives: { session_transfer: undefined, client_metadata: undefined },
      },
    ],
  },

  auth0_client_credentials: {
    before: [aClient('tf credentials')],
    create: [
      ['GET', 'clients/{client.client_id}?fields=client_id&include_fields=true', undefined, 200],
      ['POST', 'clients/{client.client_id}/credentials', { name: 'key', credential_type: 'public_key', pem: publicKey, alg: 'RS256' }, 201, 'credential'],
      ['PATCH', 'clients/{client.client_id}', { client_authentication_methods: { private_key_jwt: { credentials: [{ id: '{credential.id}' }] } }, token_endpoint_auth_method: null }, 200],
    ],
    reads: [
      [
        'clients/{client.client_id}?fields=client_id%2Cclient_secret%2Ctoken_endpoint_auth_method%2Cclient_authentication_methods&include_fields=true',
        { token_endpoint_auth_method: undefined, client_authentication_methods: { private_key_jwt: { credentials: [{ id: '{credential.id}' }] } } },
      ],
      ['clients/{client.client_id}/credentials/{credential.id}', { name: 'key', credential_type: 'public_key', alg: 'RS256' }],
    ],
    destroy: [
      ['GET', 'clients/{client.client_id}?fields=client_id%2Capp_type&include_fields=true', undefined, 200],
      ['GET', 'clients/{client.client_id}/credentials', undefined, 200],
      ['PATCH', 'clients/{client.client_id}', { client_authentication_methods: null, token_endpoint_auth_method: 'client_secret_post' }, 200],
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
          options: { passwordPolicy: 'fair', password_complexity_options: { min_length: 10 }, brute_force_protection: true, disable_signup: false },
          ...nothing('display_name', 'show_as_button'),
        },
      ],
    ],
    changes: [
      {
        calls: [['PATCH', 'connections/{connection.id}', { display_name: 'TF', is_domain_connection: false, metadata: { key1: 'bar' }, options: { passwordPolicy: 'good', brute_force_protection: true, disable_signup: true } }, 200]],
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
    reads: [['resource-servers/{api.id}', { identifier: 'https://tf-api.example/v1', token_lifetime: 86400, token_lifetime_for_web: 7200, signing_alg: 'RS256', ...nothing('enforce_policies', 'allow_offline_access') }]],
    changes: [
      {
        calls: [['PATCH', 'resource-servers/{api.id}', { name: 'TF', signing_alg: 'RS256', allow_offline_access: true, token_lifetime: 7200, token_lifetime_for_web: 3600, skip_consent_for_verifiable_first_party_clients: true, enforce_policies: true, token_dialect: 'access_token_authz' }, 200]],
        gives: { name: 'TF', allow_offline_access: true, token_lifetime: 7200, token_lifetime_for_web: 3600, enforce_policies: true, token_dialect: 'access_token_authz' },
      },
    ],
  },

  auth0_resource_server_scopes: {
    before: [['POST', 'resource-servers', { identifier: 'https://tf-scopes.example/v1', name: 'TF' }, 201, 'api']],
    create: [
      ['GET', `resource-servers/${path('https://tf-scopes.example/v1')}`, undefined, 200],
      ['PATCH', `resource-servers/${path('https://tf-scopes.example/v1')}`, { scopes: [{ value: 'read:it', description: 'Read' }, { value: 'write:it' }] }, 200],
    ],
    reads: [[`resource-servers/${path('https://tf-scopes.example/v1')}`, { scopes: [{ value: 'read:it', description: 'Read' }, { value: 'write:it' }] }]],
    destroy: [['PATCH', `resource-servers/${path('https://tf-scopes.example/v1')}`, { scopes: [] }, 200]],
    after: [['resource-servers/{api.id}', { scopes: undefined }]],
  },

  auth0_client_grant: {
    before: [aClient('tf machine', { app_type: 'non_interactive', grant_types: ['client_credentials'] }), anApi('tf-grant')],
    create: [
      [`GET`, `client-grants?audience=${path('https://tf-grant.example/v1')}&client_id={client.client_id}&include_totals=true&per_page=50`, undefined, 200],
      ['POST', 'client-grants', { client_id: '{client.client_id}', audience: 'https://tf-grant.example/v1', scope: [] }, 201, 'grant'],
    ],
    id: 'client-grants/{grant.id}',
    reads: [['client-grants/{grant.id}', { client_id: '{client.client_id}', audience: 'https://tf-grant.example/v1', scope: undefined }]],
    changes: [{ calls: [['PATCH', 'client-grants/{grant.id}', { scope: ['read:it'] }, 200]], gives: { scope: ['read:it'] } }],
  },

  auth0_role: {
    create: [['POST', 'roles', { name: 'tf role' }, 200, 'role']],
    id: 'roles/{role.id}',
    reads: [['roles/{role.id}', { name: 'tf role', description: undefined }]],
    changes: [{ calls: [['PATCH', 'roles/{role.id}', { name: 'tf role', description: 'Changed' }, 200]], gives: { description: 'Changed' } }],
    destroyed: [200, 204],
  },

  auth0_role_permissions: {
    before: [anApi('tf-permissions'), ['POST', 'roles', { name: 'tf permitted' }, 200, 'role']],
    create: [
      ['GET', 'roles/{role.id}/permissions?include_totals=true&page=0&per_page=100', undefined, 200],
      ['POST', 'roles/{role.id}/permissions', { permissions: [{ resource_server_identifier: '{api.identifier}', permission_name: 'read:it' }] }, 201],
    ],
    reads: [['roles/{role.id}/permissions?include_totals=true&page=0&per_page=100', { total: 1, start: 0, permissions: [{ resource_server_identifier: '{api.identifier}', permission_name: 'read:it', resource_server_name: 'tf-permissions' }] }]],
    destroy: [['DELETE', 'roles/{role.id}/permissions', { permissions: [{ resource_server_identifier: '{api.identifier}', permission_name: 'read:it' }] }, 200]],
    after: [['roles/{role.id}/permissions?include_totals=true&page=0&per_page=100', { total: 0, permissions: undefined }]],
  },

  auth0_user: {
    create: [['POST', 'users', { ...someone, email: 'tf@example.com', name: 'Firstname Lastname', given_name: 'Firstname', family_name: 'Lastname', nickname: 'tf', picture: 'https://www.example.com/picture.jpg' }, 201, 'user']],
    id: 'users/{user.user_id}',
    reads: [['users/{user.user_id}', { email: 'tf@example.com', email_verified: true, name: 'Firstname Lastname', given_name: 'Firstname', nickname: 'tf', picture: 'https://www.example.com/picture.jpg', ...nothing('blocked', 'phone_number', 'username', 'user_metadata', 'app_metadata') }]],
    changes: [
      {
        calls: [['PATCH', 'users/{user.user_id}', { connection: someone.connection, name: 'First', user_metadata: { foo: 'bar', baz: 'qux' }, app_metadata: { foo: 'bar' }, blocked: false }, 200]],
        gives: { name: 'First', user_metadata: { foo: 'bar', baz: 'qux' }, app_metadata: { foo: 'bar' }, blocked: undefined },
      },
      {
        calls: [['PATCH', 'users/{user.user_id}', { connection: someone.connection, user_metadata: { foo: 'bars', baz: null }, app_metadata: {}, blocked: true }, 200]],
        gives: { user_metadata: { foo: 'bars' }, app_metadata: undefined, blocked: true },
      },
    ],
  },

  auth0_user_roles: {
    before: [['POST', 'users', { ...someone, email: 'tf.roles@example.com' }, 201, 'user'], ['POST', 'roles', { name: 'tf assigned' }, 200, 'role']],
    create: [
      ['GET', 'users/{user.user_id}/roles?include_totals=true&page=0&per_page=100', undefined, 200],
      ['POST', 'users/{user.user_id}/roles', { roles: ['{role.id}'] }, 204],
    ],
    reads: [['users/{user.user_id}/roles?include_totals=true&page=0&per_page=100', { total: 1, roles: [{ id: '{role.id}', name: 'tf assigned' }] }]],
    destroy: [['DELETE', 'users/{user.user_id}/roles', { roles: ['{role.id}'] }, 204]],
    after: [['users/{user.user_id}/roles?include_totals=true&page=0&per_page=100', { total: 0, roles: undefined }]],
  },
});

export const organizations = {
  auth0_organization: {
    create: [['POST', 'organizations', { name: 'tf-org', display_name: 'TF' }, 201, 'organization']],
    id: 'organizations/{organization.id}',
    reads: [['organizations/{organization.id}', { name: 'tf-org', display_name: 'TF', ...nothing('branding', 'metadata') }]],
    changes: [
      {
        calls: [['PATCH', 'organizations/{organization.id}', { name: 'tf-org', display_name: 'TF 2', branding: { logo_url: 'https://tf.example/logo.svg', colors: { primary: '#e3e2f0', page_background: '#e3e2ff' } }, metadata: { some: 'value' } }, 200]],
        gives: { display_name: 'TF 2', branding: { logo_url: 'https://tf.example/logo.svg', colors: { primary: '#e3e2f0', page_background: '#e3e2ff' } }, metadata: { some: 'value' } },
      },
      { calls: [['PATCH', 'organizations/{organization.id}', { name: 'tf-org', display_name: 'TF 2', metadata: {} }, 200]], gives: { metadata: undefined } },
    ],
  },

  auth0_organization_members: {
    before: [['POST', 'organizations', { name: 'tf-members' }, 201, 'organization'], ['POST', 'users', { ...someone, email: 'tf.member@example.com' }, 201, 'user']],
    create: [
      ['GET', 'organizations/{organization.id}/members?include_totals=true&per_page=100', undefined, 200],
      ['POST', 'organizations/{organization.id}/members', { members: ['{user.user_id}'] }, 204],
    ],
    reads: [['organizations/{organization.id}/members?from=&take=100', { members: [{ user_id: '{user.user_id}' }], next: undefined }]],
    destroy: [['DELETE', 'organizations/{organization.id}/members', { members: ['{user.user_id}'] }, 204]],
    after: [['organizations/{organization.id}/members?include_totals=true&per_page=100', { total: 0, members: undefined }]],
  },

  auth0_organization_connections: {
    before: [['POST', 'organizations', { name: 'tf-connections' }, 201, 'organization'], ['POST', 'connections', { name: 'tf-org-connection', strategy: 'auth0' }, 201, 'connection']],
    create: [
      ['GET', 'organizations/{organization.id}/enabled_connections?include_totals=true&per_page=100', undefined, 200],
      ['POST', 'organizations/{organization.id}/enabled_connections', { connection_id: '{connection.id}', assign_membership_on_login: true }, 201],
    ],
    reads: [
      ['organizations/{organization.id}/enabled_connections/{connection.id}', { connection_id: '{connection.id}', assign_membership_on_login: true, connection: { name: 'tf-org-connection', strategy: 'auth0' } }],
      ['organizations/{organization.id}/enabled_connections?include_totals=true&per_page=100', { total: 1, start: 0, limit: 100 }],
    ],
    changes: [{ calls: [['PATCH', 'organizations/{organization.id}/enabled_connections/{connection.id}', { assign_membership_on_login: false }, 200]], gives: { assign_membership_on_login: undefined } }],
    destroy: [['DELETE', 'organizations/{organization.id}/enabled_connections/{connection.id}', undefined, 204]],
    gone: 'organizations/{organization.id}/enabled_connections/{connection.id}',
  },
};
