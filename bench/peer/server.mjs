// node server.mjs PORT CERTIFICATE KEY THREADS: npm `oidc-provider` behind the requests of the bench. It prints one line of JSON when it
// serves: the paths, the applications, and a signed-in browser's cookie and a refresh token of each algorithm per thread.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

// Standard output is for the description alone; the package's notices go elsewhere.
console.info = console.warn = console.error;
const [port, certificate, key, threads] = process.argv.slice(2);
const redirectUri = 'https://app.example.com/callback';
const algorithms = ['RS256', 'ES256'];
const audienceOf = (algorithm) => `https://api.example.com/${algorithm}`;

// A map that forgets nothing: the package's own keeps a thousand entries, and walks all tokens of a grant with each new one.
const stored = new Map();
const bySessionUid = new Map();
class Storage {
  constructor(model) {
    this.key = (id) => `${model}:${id}`;
  }
  async upsert(id, payload) {
    stored.set(this.key(id), payload);
    if (payload.uid) bySessionUid.set(payload.uid, payload);
  }
  async find(id) {
    return stored.get(this.key(id));
  }
  async findByUid(uid) {
    return bySessionUid.get(uid);
  }
  async findByUserCode() {}
  async consume(id) {
    stored.get(this.key(id)).consumed = Math.floor(Date.now() / 1000);
  }
  async destroy(id) {
    stored.delete(this.key(id));
  }
  async revokeByGrantId() {}
}

const secret = () => randomBytes(32).toString('base64url');
const clientsOf = (algorithm) => {
  const common = { id_token_signed_response_alg: algorithm, redirect_uris: [redirectUri], response_types: ['code'] };
  return {
    machine: { client_id: `machine-${algorithm}`, client_secret: secret(), grant_types: ['client_credentials'], redirect_uris: [], response_types: [] },
    web: { ...common, client_id: `web-${algorithm}`, client_secret: secret(), grant_types: ['authorization_code'] },
    rotating: { ...common, client_id: `rotating-${algorithm}`, grant_types: ['authorization_code', 'refresh_token'], token_endpoint_auth_method: 'none' },
  };
};
const clients = Object.fromEntries(algorithms.map((algorithm) => [algorithm, clientsOf(algorithm)]));
const keys = await Promise.all(
  algorithms.map(async (alg) => ({ ...(await exportJWK((await generateKeyPair(alg, { extractable: true })).privateKey)), alg, use: 'sig' })),
);

const provider = new Provider(`https://localhost:${port}`, {
  adapter: Storage,
  clients: algorithms.flatMap((algorithm) =>
    Object.values(clients[algorithm]).map((client) => ({ token_endpoint_auth_method: 'client_secret_post', ...client })),
  ),
  jwks: { keys },
  claims: { openid: ['sub'] },
  scopes: ['openid', 'offline_access'],
  pkce: { required: () => false },
  rotateRefreshToken: true,
  issueRefreshToken: (ctx, client) => client.grantTypeAllowed('refresh_token'),
  findAccount: (ctx, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      getResourceServerInfo: (ctx, audience, client) => ({
        scope: 'read',
        audience,
        accessTokenFormat: 'jwt',
        accessTokenTTL: 3600,
        jwt: { sign: { alg: client.clientId.split('-')[1] } },
      }),
    },
  },
});

const grants = {};
for (const algorithm of algorithms) {
  for (const application of ['web', 'rotating']) {
    const clientId = clients[algorithm][application].client_id;
    const grant = new provider.Grant({ accountId: 'user', clientId });
    grant.addOIDCScope('openid offline_access');
    grant.addResourceScope(audienceOf(algorithm), 'read');
    grants[clientId] = await grant.save(86_400);
  }
}

async function signedInBrowser() {
  const session = new provider.Session();
  session.loginAccount({ accountId: 'user' });
  for (const [clientId, grantId] of Object.entries(grants)) {
    session.ensureClientContainer(clientId);
    session.grantIdFor(clientId, grantId);
  }
  return session.save(86_400);
}

async function refreshToken(algorithm) {
  const clientId = clients[algorithm].rotating.client_id;
  const token = new provider.RefreshToken({
    client: await provider.Client.find(clientId),
    accountId: 'user',
    grantId: grants[clientId],
    scope: 'openid offline_access',
    resource: audienceOf(algorithm),
    rotations: 0,
    gty: 'authorization_code',
    authTime: Math.floor(Date.now() / 1000),
  });
  return token.save();
}

const server = https.createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, provider.callback());
server.keepAliveTimeout = 600_000;
server.listen(Number(port), '127.0.0.1', async () => {
  const each = (make) => Promise.all(Array.from({ length: Number(threads) }, make));
  const description = { token_path: '/token', authorize_path: '/auth', keys_path: '/jwks', audience_parameter: 'resource' };
  description.sessions = await each(async () => `_session=${await signedInBrowser()}`);
  for (const algorithm of algorithms) {
    const { machine, web, rotating } = clients[algorithm];
    const withAudience = ({ client_id, client_secret }) => ({ client_id, client_secret, audience: audienceOf(algorithm) });
    description[algorithm] = {
      machine: withAudience(machine),
      web: withAudience(web),
      rotating: rotating.client_id,
      refresh_tokens: await each(() => refreshToken(algorithm)),
    };
  }
  console.log(JSON.stringify(description));
});
