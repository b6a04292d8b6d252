// What the resources need of one another, and how absence is written (README.md).
export const path = (value) => encodeURIComponent(value);
export const someone = { connection: 'Username-Password-Authentication', password: 'Correct-horse-9182', email_verified: true };
export const anApi = (name) => [
  'POST',
  'resource-servers',
  { identifier: `https://${name}.example/v1`, name, scopes: [{ value: 'read:it' }, { value: 'write:it' }] },
  201,
  'api',
];
export const aClient = (name, more = {}) => [
  'POST',
  'clients',
  { name, app_type: 'regular_web', token_endpoint_auth_method: 'client_secret_post', oidc_logout: {}, ...more },
  201,
  'client',
];
// Attributes that the provider does not compute: a value that the configuration has not is a difference in every plan.
export const nothing = (...names) => Object.fromEntries(names.map((name) => [name, undefined]));
