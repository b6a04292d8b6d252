// What a tenant has one of. Destroying it resets it, or does nothing.
import { nothing } from './shared.mjs';

export const tenant = {
  auth0_tenant: {
    create: [
      [
        'PATCH',
        'tenants/settings',
        {
          friendly_name: 'TF',
          support_email: 'support@tf.example',
          support_url: 'https://tf.example/support',
          allowed_logout_urls: ['https://tf.example/out'],
          session_lifetime: 720,
          idle_session_lifetime: 72,
          enabled_locales: ['en', 'de'],
          flags: { enable_public_signup_user_exists_error: true },
          session_cookie: { mode: 'non-persistent' },
          oidc_logout: { rp_logout_end_session_endpoint_discovery: true },
        },
        200,
      ],
      [
        'PATCH',
        'tenants/settings',
        {
          acr_values_supported: null,
          mtls: null,
          error_page: null,
          default_token_quota: null,
          skip_non_verifiable_callback_uri_confirmation_prompt: null,
          default_redirection_uri: '',
        },
        200,
      ],
    ],
    reads: [
      [
        'tenants/settings',
        {
          friendly_name: 'TF',
          support_email: 'support@tf.example',
          support_url: 'https://tf.example/support',
          allowed_logout_urls: ['https://tf.example/out'],
          session_lifetime: 720,
          idle_session_lifetime: 72,
          enabled_locales: ['en', 'de'],
          session_cookie: { mode: 'non-persistent' },
          oidc_logout: { rp_logout_end_session_endpoint_discovery: true },
          ...nothing('acr_values_supported', 'mtls', 'error_page', 'default_token_quota', 'default_redirection_uri'),
        },
      ],
    ],
    changes: [
      {
        calls: [
          ['PATCH', 'tenants/settings', { friendly_name: 'TF 2', session_lifetime: 168.5, session_cookie: { mode: 'persistent' } }, 200],
        ],
        gives: { friendly_name: 'TF 2', session_lifetime: 168.5, session_cookie: { mode: 'persistent' } },
      },
    ],
  },

  auth0_branding: {
    create: [
      [
        'PATCH',
        'branding',
        {
          logo_url: 'https://tf.example/logo.svg',
          favicon_url: 'https://tf.example/favicon.ico',
          colors: { primary: '#0059d6', page_background: '#000000' },
          font: { url: 'https://tf.example/font.woff' },
        },
        200,
      ],
    ],
    reads: [
      [
        'branding',
        {
          logo_url: 'https://tf.example/logo.svg',
          favicon_url: 'https://tf.example/favicon.ico',
          colors: { primary: '#0059d6', page_background: '#000000' },
          font: { url: 'https://tf.example/font.woff' },
        },
      ],
    ],
    changes: [
      {
        calls: [
          ['PATCH', 'branding', { logo_url: 'https://tf.example/2.svg', colors: { primary: '#ffa629', page_background: '#ffffff' } }, 200],
        ],
        gives: { logo_url: 'https://tf.example/2.svg', colors: { primary: '#ffa629', page_background: '#ffffff' } },
      },
    ],
    after: [['custom-domains', undefined]],
  },

  auth0_prompt: {
    create: [['PATCH', 'prompts', { universal_login_experience: 'new', identifier_first: true }, 200]],
    reads: [['prompts', { universal_login_experience: 'new', identifier_first: true, webauthn_platform_first_factor: undefined }]],
    changes: [
      {
        calls: [
          ['PATCH', 'prompts', { universal_login_experience: 'new', identifier_first: false, webauthn_platform_first_factor: false }, 200],
        ],
        gives: { identifier_first: undefined },
      },
    ],
  },

  auth0_email_provider: {
    create: [
      [
        'POST',
        'emails/provider',
        {
          name: 'smtp',
          enabled: true,
          default_from_address: 'accounts@tf.example',
          credentials: { smtp_host: 'mail.tf.example', smtp_port: 587, smtp_user: 'tf', smtp_pass: 'secret' },
        },
        201,
      ],
    ],
    reads: [
      [
        'emails/provider?fields=name%2Cenabled%2Cdefault_from_address%2Ccredentials%2Csettings&include_fields=true',
        {
          name: 'smtp',
          enabled: true,
          default_from_address: 'accounts@tf.example',
          credentials: { smtp_host: 'mail.tf.example', smtp_port: 587, smtp_user: 'tf' },
          settings: undefined,
        },
      ],
    ],
    changes: [
      {
        calls: [
          [
            'PATCH',
            'emails/provider',
            {
              name: 'smtp',
              enabled: true,
              default_from_address: 'other@tf.example',
              credentials: { smtp_host: 'mail.tf.example', smtp_port: 587, smtp_user: 'tf', smtp_pass: 'other' },
            },
            200,
          ],
        ],
        gives: { default_from_address: 'other@tf.example' },
      },
    ],
    destroy: [['DELETE', 'emails/provider', undefined, 204]],
    gone: 'emails/provider?fields=name%2Cenabled%2Cdefault_from_address%2Ccredentials%2Csettings&include_fields=true',
  },

  auth0_email_template: {
    create: [
      ['GET', 'email-templates/welcome_email', undefined, 404],
      [
        'POST',
        'email-templates',
        {
          template: 'welcome_email',
          body: '<html><body><h1>Welcome!</h1></body></html>',
          from: 'welcome@tf.example',
          resultUrl: 'https://tf.example/welcome',
          subject: 'Welcome',
          syntax: 'liquid',
          urlLifetimeInSeconds: 3600,
          enabled: true,
          includeEmailInRedirect: false,
        },
        200,
      ],
    ],
    reads: [
      [
        'email-templates/welcome_email',
        {
          template: 'welcome_email',
          body: '<html><body><h1>Welcome!</h1></body></html>',
          from: 'welcome@tf.example',
          resultUrl: 'https://tf.example/welcome',
          subject: 'Welcome',
          syntax: 'liquid',
          urlLifetimeInSeconds: 3600,
          enabled: true,
          includeEmailInRedirect: undefined,
        },
      ],
    ],
    changes: [
      {
        calls: [
          [
            'PATCH',
            'email-templates/welcome_email',
            {
              template: 'welcome_email',
              body: '<html><body><h1>Hello!</h1></body></html>',
              from: 'welcome@tf.example',
              resultUrl: 'https://tf.example/welcome',
              subject: 'Hello',
              syntax: 'liquid',
              urlLifetimeInSeconds: 3600,
              enabled: true,
            },
            200,
          ],
        ],
        gives: { subject: 'Hello', body: '<html><body><h1>Hello!</h1></body></html>' },
      },
    ],
    destroy: [['PATCH', 'email-templates/welcome_email', { template: 'welcome_email', enabled: false }, 200]],
    after: [['email-templates/welcome_email', { enabled: undefined, subject: 'Hello' }]],
  },

  auth0_custom_domain: {
    create: [['POST', 'custom-domains', { domain: 'auth.tf-domain.example.com', type: 'auth0_managed_certs' }, 201, 'domain']],
    id: 'custom-domains/{domain.custom_domain_id}',
    reads: [
      [
        'custom-domains/{domain.custom_domain_id}',
        {
          domain: 'auth.tf-domain.example.com',
          type: 'auth0_managed_certs',
          primary: false,
          status: 'pending_verification',
          custom_client_ip_header: undefined,
          domain_metadata: undefined,
        },
      ],
    ],
    changes: [
      {
        calls: [['PATCH', 'custom-domains/{domain.custom_domain_id}', { tls_policy: 'recommended' }, 200]],
        gives: { tls_policy: 'recommended' },
      },
    ],
  },
};
