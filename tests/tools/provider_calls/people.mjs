// Users, roles, organizations.
import { anApi, nothing, someone } from './shared.mjs';

export const people = {
  auth0_role: {
    create: [['POST', 'roles', { name: 'tf role' }, 200, 'role']],
    id: 'roles/{role.id}',
    reads: [['roles/{role.id}', { name: 'tf role', description: undefined }]],
    changes: [
      { calls: [['PATCH', 'roles/{role.id}', { name: 'tf role', description: 'Changed' }, 200]], gives: { description: 'Changed' } },
    ],
    destroyed: [200, 204],
  },

  auth0_role_permissions: {
    before: [anApi('tf-permissions'), ['POST', 'roles', { name: 'tf permitted' }, 200, 'role']],
    create: [
      ['GET', 'roles/{role.id}/permissions?include_totals=true&page=0&per_page=100', undefined, 200],
      [
        'POST',
        'roles/{role.id}/permissions',
        { permissions: [{ resource_server_identifier: '{api.identifier}', permission_name: 'read:it' }] },
        201,
      ],
    ],
    reads: [
      [
        'roles/{role.id}/permissions?include_totals=true&page=0&per_page=100',
        {
          total: 1,
          start: 0,
          permissions: [
            { resource_server_identifier: '{api.identifier}', permission_name: 'read:it', resource_server_name: 'tf-permissions' },
          ],
        },
      ],
    ],
    destroy: [
      [
        'DELETE',
        'roles/{role.id}/permissions',
        { permissions: [{ resource_server_identifier: '{api.identifier}', permission_name: 'read:it' }] },
        200,
      ],
    ],
    after: [['roles/{role.id}/permissions?include_totals=true&page=0&per_page=100', { total: 0, permissions: undefined }]],
  },

  auth0_user: {
    create: [
      [
        'POST',
        'users',
        {
          ...someone,
          email: 'tf@example.com',
          name: 'Firstname Lastname',
          given_name: 'Firstname',
          family_name: 'Lastname',
          nickname: 'tf',
          picture: 'https://www.example.com/picture.jpg',
        },
        201,
        'user',
      ],
    ],
    id: 'users/{user.user_id}',
    reads: [
      [
        'users/{user.user_id}',
        {
          email: 'tf@example.com',
          email_verified: true,
          name: 'Firstname Lastname',
          given_name: 'Firstname',
          nickname: 'tf',
          picture: 'https://www.example.com/picture.jpg',
          ...nothing('blocked', 'phone_number', 'username', 'user_metadata', 'app_metadata'),
        },
      ],
    ],
    changes: [
      {
        calls: [
          [
            'PATCH',
            'users/{user.user_id}',
            {
              connection: someone.connection,
              name: 'First',
              user_metadata: { foo: 'bar', baz: 'qux' },
              app_metadata: { foo: 'bar' },
              blocked: false,
            },
            200,
          ],
        ],
        gives: { name: 'First', user_metadata: { foo: 'bar', baz: 'qux' }, app_metadata: { foo: 'bar' }, blocked: undefined },
      },
      {
        calls: [
          [
            'PATCH',
            'users/{user.user_id}',
            { connection: someone.connection, user_metadata: { foo: 'bars', baz: null }, app_metadata: {}, blocked: true },
            200,
          ],
        ],
        gives: { user_metadata: { foo: 'bars' }, app_metadata: undefined, blocked: true },
      },
    ],
  },

  auth0_user_roles: {
    before: [
      ['POST', 'users', { ...someone, email: 'tf.roles@example.com' }, 201, 'user'],
      ['POST', 'roles', { name: 'tf assigned' }, 200, 'role'],
    ],
    create: [
      ['GET', 'users/{user.user_id}/roles?include_totals=true&page=0&per_page=100', undefined, 200],
      ['POST', 'users/{user.user_id}/roles', { roles: ['{role.id}'] }, 204],
    ],
    reads: [
      [
        'users/{user.user_id}/roles?include_totals=true&page=0&per_page=100',
        { total: 1, roles: [{ id: '{role.id}', name: 'tf assigned' }] },
      ],
    ],
    destroy: [['DELETE', 'users/{user.user_id}/roles', { roles: ['{role.id}'] }, 204]],
    after: [['users/{user.user_id}/roles?include_totals=true&page=0&per_page=100', { total: 0, roles: undefined }]],
  },

  auth0_organization: {
    create: [['POST', 'organizations', { name: 'tf-org', display_name: 'TF' }, 201, 'organization']],
    id: 'organizations/{organization.id}',
    reads: [['organizations/{organization.id}', { name: 'tf-org', display_name: 'TF', ...nothing('branding', 'metadata') }]],
    changes: [
      {
        calls: [
          [
            'PATCH',
            'organizations/{organization.id}',
            {
              name: 'tf-org',
              display_name: 'TF 2',
              branding: { logo_url: 'https://tf.example/logo.svg', colors: { primary: '#e3e2f0', page_background: '#e3e2ff' } },
              metadata: { some: 'value' },
            },
            200,
          ],
        ],
        gives: {
          display_name: 'TF 2',
          branding: { logo_url: 'https://tf.example/logo.svg', colors: { primary: '#e3e2f0', page_background: '#e3e2ff' } },
          metadata: { some: 'value' },
        },
      },
      {
        calls: [['PATCH', 'organizations/{organization.id}', { name: 'tf-org', display_name: 'TF 2', metadata: {} }, 200]],
        gives: { metadata: undefined },
      },
    ],
  },

  auth0_organization_members: {
    before: [
      ['POST', 'organizations', { name: 'tf-members' }, 201, 'organization'],
      ['POST', 'users', { ...someone, email: 'tf.member@example.com' }, 201, 'user'],
    ],
    create: [
      ['GET', 'organizations/{organization.id}/members?include_totals=true&per_page=100', undefined, 200],
      ['POST', 'organizations/{organization.id}/members', { members: ['{user.user_id}'] }, 204],
    ],
    reads: [['organizations/{organization.id}/members?from=&take=100', { members: [{ user_id: '{user.user_id}' }], next: undefined }]],
    destroy: [['DELETE', 'organizations/{organization.id}/members', { members: ['{user.user_id}'] }, 204]],
    after: [['organizations/{organization.id}/members?include_totals=true&per_page=100', { total: 0, members: undefined }]],
  },

  auth0_organization_connections: {
    before: [
      ['POST', 'organizations', { name: 'tf-connections' }, 201, 'organization'],
      ['POST', 'connections', { name: 'tf-org-connection', strategy: 'auth0' }, 201, 'connection'],
    ],
    create: [
      ['GET', 'organizations/{organization.id}/enabled_connections?include_totals=true&per_page=100', undefined, 200],
      [
        'POST',
        'organizations/{organization.id}/enabled_connections',
        { connection_id: '{connection.id}', assign_membership_on_login: true },
        201,
      ],
    ],
    reads: [
      [
        'organizations/{organization.id}/enabled_connections/{connection.id}',
        {
          connection_id: '{connection.id}',
          assign_membership_on_login: true,
          connection: { name: 'tf-org-connection', strategy: 'auth0' },
        },
      ],
      ['organizations/{organization.id}/enabled_connections?include_totals=true&per_page=100', { total: 1, start: 0, limit: 100 }],
    ],
    changes: [
      {
        calls: [
          ['PATCH', 'organizations/{organization.id}/enabled_connections/{connection.id}', { assign_membership_on_login: false }, 200],
        ],
        gives: { assign_membership_on_login: undefined },
      },
    ],
    destroy: [['DELETE', 'organizations/{organization.id}/enabled_connections/{connection.id}', undefined, 204]],
    gone: 'organizations/{organization.id}/enabled_connections/{connection.id}',
  },

  // The same behind the path that took its place.
  auth0_organization_connection: {
    before: [
      ['POST', 'organizations', { name: 'tf-one-connection' }, 201, 'organization'],
      ['POST', 'connections', { name: 'tf-org-one-connection', strategy: 'auth0' }, 201, 'connection'],
    ],
    create: [
      [
        'POST',
        'organizations/{organization.id}/connections',
        { connection_id: '{connection.id}', assign_membership_on_login: true, is_signup_enabled: false, show_as_button: true },
        201,
      ],
    ],
    id: 'organizations/{organization.id}/connections/{connection.id}',
    reads: [
      [
        'organizations/{organization.id}/connections/{connection.id}',
        { connection_id: '{connection.id}', assign_membership_on_login: true, is_signup_enabled: undefined },
      ],
    ],
    changes: [
      {
        calls: [['PATCH', 'organizations/{organization.id}/connections/{connection.id}', { assign_membership_on_login: false }, 200]],
        gives: { assign_membership_on_login: undefined },
      },
    ],
  },
};
