import { Auth0Client } from '@auth0/nextjs-auth0/server';

// The SDK takes a port in its domain, and localhost, only in a URL and only so; every request is over TLS all the same.
// The rest comes from the environment: AUTH0_CLIENT_ID, AUTH0_CLIENT_SECRET, AUTH0_SECRET, APP_BASE_URL.
export const auth0 = new Auth0Client({
  domain: process.env.AUTH0_DOMAIN ? `https://${process.env.AUTH0_DOMAIN}` : undefined,
  allowInsecureRequests: true,
});
