import { auth0 } from '../../lib/auth0.js';

// A fresh access token, whether the old one has expired or not.
export async function GET() {
  try {
    const { token, expiresAt } = await auth0.getAccessToken({ refresh: true });
    return Response.json({ token, expiresAt });
  } catch ({ code, message }) {
    return Response.json({ code, message }, { status: 401 });
  }
}
