import { auth0 } from './lib/auth0.js';

// The routes under /auth are the SDK's own.
export const proxy = (request) => auth0.middleware(request);

export const config = { matcher: ['/((?!_next/static|favicon.ico).*)'] };
