import { auth0 } from '../lib/auth0.js';

export default async function Page() {
  const session = await auth0.getSession();
  if (!session) return <a href="/auth/login">Log in</a>;
  return (
    <>
      <p id="name">{session.user.name}</p>
      <a href="/auth/logout">Log out</a>
    </>
  );
}
