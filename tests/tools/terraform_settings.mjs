// The same for Actions, streams, and what a tenant has one of (terraform_calls.mjs says how it is written). Destroying what a tenant has one of
// resets it, or does nothing.
const code = 'exports.onExecutePostLogin = async (event, api) => {\n\tconsole.log("tf")\n};\n';
const anAction = (name) => ['POST', 'actions/actions', { name, supported_triggers: [{ id: 'post-login', version: 'v3' }], code, dependencies: [], secrets: [] }, 201, 'action'];
const built = ['GET', 'actions/actions/{action.id}', undefined, 200, undefined, ({ status }) => status === 'built'];
const deployed = ['GET', 'actions/actions/{action.id}', undefined, 200, undefined, ({ deployed_version }) => deployed_version?.deployed];
const factors = ['sms', 'push-notification', 'email', 'duo', 'otp', 'webauthn-roaming', 'webauthn-platform', 'recovery-code'];

export const settings = {
  auth0_action: {
    create: [anAction('tf action'), built, ['POST', 'actions/actions/{action.id}/deploy', null, 200], deployed],
    id: 'actions/actions/{action.id}',
    reads: [['actions/actions/{action.id}', { name: 'tf action', code, dependencies: undefined, secrets: undefined, status: 'built', supported_triggers: [{ id: 'post-login', version: 'v3' }] }]],
    changes: [
      {
        calls: [
          ['PATCH', 'actions/actions/{action.id}', { name: 'tf action', supported_triggers: [{ id: 'post-login', version: 'v3' }], code: `${code}//\n`, dependencies: [], secrets: [{ name: 'foo', value: '111111' }] }, 200],
          built,
          ['POST', 'actions/actions/{action.id}/deploy', undefined, 200],
          deployed,
        ],
        gives: { code: `${code}//\n`, secrets: [{ name: 'foo' }] },
      },
    ],
  },

  auth0_trigger_actions: {
    before: [anAction('tf bound'), built, ['POST', 'actions/actions/{action.id}/deploy', undefined, 200], deployed],
    create: [['PATCH', 'actions/triggers/post-login/bindings', { bindings: [{ display_name: 'tf bound', ref: { type: 'action_id', value: '{action.id}' } }] }, 200]],
    reads: [
      ['actions/triggers/post-login/bindings?per_page=100', { total: 1, per_page: 100, page: undefined, bindings: [{ display_name: 'tf bound', action: { id: '{action.id}' } }] }],
      // A page behind the last one has no total: the provider asks on while it finds one that is larger than where it stands.
      ['actions/triggers/post-login/bindings?page=1&per_page=100', { total: undefined, bindings: undefined, page: 1, per_page: 100 }],
    ],
    destroy: [['PATCH', 'actions/triggers/post-login/bindings', { bindings: [] }, 200]],
    after: [['actions/triggers/post-login/bindings?per_page=100', { bindings: undefined }]],
  },

  auth0_log_stream: {
    create: [['POST', 'log-streams', { name: 'tf stream', type: 'http', isPriority: false, filters: [{ type: 'category', name: 'auth.login.fail' }], sink: { httpEndpoint: 'https://siem.example/logs', httpContentType: 'application/json; charset=utf-8', httpContentFormat: 'JSONLINES', httpAuthorization: 'AKIAXXXXXXXXXXXXXXXX', httpCustomHeaders: [{ header: 'foo', value: 'bar' }] } }, 200, 'stream']],
    id: 'log-streams/{stream.id}',
    reads: [
      [
        'log-streams/{stream.id}',
        {
          name: 'tf stream',
          type: 'http',
          status: 'active',
          filters: [{ type: 'category', name: 'auth.login.fail' }],
          sink: { httpEndpoint: 'https://siem.example/logs', httpContentType: 'application/json; charset=utf-8', httpContentFormat: 'JSONLINES', httpAuthorization: 'AKIAXXXXXXXXXXXXXXXX', httpCustomHeaders: [{ header: 'foo', value: 'bar' }] },
          ...{ isPriority: undefined, pii_config: undefined },
        },
      ],
    ],
    changes: [
      {
        calls: [['PATCH', 'log-streams/{stream.id}', { name: 'tf stream 2', status: 'paused', filters: [], sink: { httpEndpoint: 'https://siem.example/more', httpContentType: 'application/json', httpContentFormat: 'JSONARRAY' } }, 200]],
        gives: { name: 'tf stream 2', status: 'paused', filters: undefined, sink: { httpEndpoint: 'https://siem.example/more', httpContentType: 'application/json', httpContentFormat: 'JSONARRAY' } },
      },
    ],
  },

  auth0_tenant: {
    create: [
      ['PATCH', 'tenants/settings', { friendly_name: 'TF', support_email: 'support@tf.example', support_url: 'https://tf.example/support', allowed_logout_urls: ['https://tf.example/out'], session_lifetime: 720, idle_session_lifetime: 72, enabled_locales: ['en', 'de'], flags: { enable_public_signup_user_exists_error: true }, session_cookie: { mode: 'non-persistent' }, oidc_logout: { rp_logout_end_session_endpoint_discovery: true } }, 200],
      ['PATCH', 'tenants/settings', { acr_values_supported: null, mtls: null, error_page: null, default_token_quota: null, skip_non_verifiable_callback_uri_confirmation_prompt: null, default_redirection_uri: '' }, 200],
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
          ...{ acr_values_supported: undefined, mtls: undefined, error_page: undefined, default_token_quota: undefined, default_redirection_uri: undefined },
        },
      ],
    ],
    changes: [{ calls: [['PATCH', 'tenants/settings', { friendly_name: 'TF 2', session_lifetime: 168.5, session_cookie: { mode: 'persistent' } }, 200]], gives: { friendly_name: 'TF 2', session_lifetime: 168.5, session_cookie: { mode: 'persistent' } } }],
  },

  auth0_branding: {
    create: [['PATCH', 'branding', { logo_url: 'https://tf.example/logo.svg', favicon_url: 'https://tf.example/favicon.ico', colors: { primary: '#0059d6', page_background: '#000000' }, font: { url: 'https://tf.example/font.woff' } }, 200]],
    reads: [['branding', { logo_url: 'https://tf.example/logo.svg', favicon_url: 'https://tf.example/favicon.ico', colors: { primary: '#0059d6', page_background: '#000000' }, font: { url: 'https://tf.example/font.woff' } }]],
    changes: [{ calls: [['PATCH', 'branding', { logo_url: 'https://tf.example/2.svg', colors: { primary: '#ffa629', page_background: '#ffffff' } }, 200]], gives: { logo_url: 'https://tf.example/2.svg', colors: { primary: '#ffa629', page_background: '#ffffff' } } }],
    after: [['custom-domains', undefined]],
  },

  auth0_prompt: {
    create: [['PATCH', 'prompts', { universal_login_experience: 'new', identifier_first: true }, 200]],
    reads: [['prompts', { universal_login_experience: 'new', identifier_first: true, webauthn_platform_first_factor: undefined }]],
    changes: [{ calls: [['PATCH', 'prompts', { universal_login_experience: 'new', identifier_first: false, webauthn_platform_first_factor: false }, 200]], gives: { identifier_first: undefined } }],
  },

  auth0_email_provider: {
    create: [['POST', 'emails/provider', { name: 'smtp', enabled: true, default_from_address: 'accounts@tf.example', credentials: { smtp_host: 'mail.tf.example', smtp_port: 587, smtp_user: 'tf', smtp_pass: 'secret' } }, 201]],
    reads: [['emails/provider?fields=name%2Cenabled%2Cdefault_from_address%2Ccredentials%2Csettings&include_fields=true', { name: 'smtp', enabled: true, default_from_address: 'accounts@tf.example', credentials: { smtp_host: 'mail.tf.example', smtp_port: 587, smtp_user: 'tf' }, settings: undefined }]],
    changes: [{ calls: [['PATCH', 'emails/provider', { name: 'smtp', enabled: true, default_from_address: 'other@tf.example', credentials: { smtp_host: 'mail.tf.example', smtp_port: 587, smtp_user: 'tf', smtp_pass: 'other' } }, 200]], gives: { default_from_address: 'other@tf.example' } }],
    destroy: [['DELETE', 'emails/provider', undefined, 204]],
    gone: 'emails/provider?fields=name%2Cenabled%2Cdefault_from_address%2Ccredentials%2Csettings&include_fields=true',
  },

  auth0_email_template: {
    create: [
      ['GET', 'email-templates/welcome_email', undefined, 404],
      ['POST', 'email-templates', { template: 'welcome_email', body: '<html><body><h1>Welcome!</h1></body></html>', from: 'welcome@tf.example', resultUrl: 'https://tf.example/welcome', subject: 'Welcome', syntax: 'liquid', urlLifetimeInSeconds: 3600, enabled: true, includeEmailInRedirect: false }, 200],
    ],
    reads: [['email-templates/welcome_email', { template: 'welcome_email', body: '<html><body><h1>Welcome!</h1></body></html>', from: 'welcome@tf.example', resultUrl: 'https://tf.example/welcome', subject: 'Welcome', syntax: 'liquid', urlLifetimeInSeconds: 3600, enabled: true, includeEmailInRedirect: undefined }]],
    changes: [{ calls: [['PATCH', 'email-templates/welcome_email', { template: 'welcome_email', body: '<html><body><h1>Hello!</h1></body></html>', from: 'welcome@tf.example', resultUrl: 'https://tf.example/welcome', subject: 'Hello', syntax: 'liquid', urlLifetimeInSeconds: 3600, enabled: true }, 200]], gives: { subject: 'Hello', body: '<html><body><h1>Hello!</h1></body></html>' } }],
    destroy: [['PATCH', 'email-templates/welcome_email', { template: 'welcome_email', enabled: false }, 200]],
    after: [['email-templates/welcome_email', { enabled: undefined, subject: 'Hello' }]],
  },

  auth0_custom_domain: {
    create: [['POST', 'custom-domains', { domain: 'auth.tf-domain.example.com', type: 'auth0_managed_certs' }, 201, 'domain']],
    id: 'custom-domains/{domain.custom_domain_id}',
    reads: [['custom-domains/{domain.custom_domain_id}', { domain: 'auth.tf-domain.example.com', type: 'auth0_managed_certs', primary: false, status: 'pending_verification', custom_client_ip_header: undefined, domain_metadata: undefined }]],
    changes: [{ calls: [['PATCH', 'custom-domains/{domain.custom_domain_id}', { tls_policy: 'recommended' }, 200]], gives: { tls_policy: 'recommended' } }],
  },

  auth0_attack_protection: {
    create: [
      ['PATCH', 'attack-protection/suspicious-ip-throttling', { enabled: true, shields: ['block'], allowlist: ['127.0.0.1'], stage: { 'pre-login': { max_attempts: 100, rate: 864000 }, 'pre-user-registration': { max_attempts: 50, rate: 1200 } } }, 200],
      ['PATCH', 'attack-protection/brute-force-protection', { enabled: true, shields: ['block'], allowlist: ['127.0.0.1'], mode: 'count_per_identifier_and_ip', max_attempts: 5 }, 200],
      ['PATCH', 'attack-protection/breached-password-detection', { enabled: false, stage: { 'pre-user-registration': {}, 'pre-change-password': {} } }, 200],
    ],
    reads: [
      ['attack-protection/breached-password-detection', { enabled: false }],
      ['attack-protection/brute-force-protection', { enabled: true, shields: ['block'], allowlist: ['127.0.0.1'], mode: 'count_per_identifier_and_ip', max_attempts: 5 }],
      ['attack-protection/suspicious-ip-throttling', { enabled: true, shields: ['block'], allowlist: ['127.0.0.1'], stage: { 'pre-login': { max_attempts: 100, rate: 864000 }, 'pre-user-registration': { max_attempts: 50, rate: 1200 } } }],
      ['attack-protection/bot-detection', undefined],
      ['attack-protection/captcha', undefined],
    ],
    destroy: ['breached-password-detection', 'brute-force-protection', 'suspicious-ip-throttling'].map((each) => ['PATCH', `attack-protection/${each}`, { enabled: false }, 200]),
    after: ['breached-password-detection', 'brute-force-protection', 'suspicious-ip-throttling'].map((each) => [`attack-protection/${each}`, { enabled: false }]),
  },

  auth0_guardian: {
    // policy = "never" and no factor: what is never asked for is not demanded here either.
    create: [['PUT', 'guardian/policies', [], 200], ...factors.map((name) => ['PUT', `guardian/factors/${name}`, { enabled: false }, 200])],
    reads: [
      ['guardian/policies', undefined],
      ['guardian/factors', factors.map((name) => ({ name, enabled: false }))],
    ],
    destroy: [['PUT', 'guardian/policies', [], 200], ...factors.map((name) => ['PUT', `guardian/factors/${name}`, { enabled: false }, 200])],
  },
};
