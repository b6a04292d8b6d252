// npm auth0's ManagementClient, unmodified, with a watch on its requests: which routes it called, and whether every answer has the type
// that the package declares for it.
import { ManagementClient } from 'auth0';
import { answers, operations } from './sdk_types.mjs';

const byMethod = Map.groupBy(operations, ({ route }) => route.split(' ')[0]);

// The operation of the package that a request is: a path without parameters before one with.
export function operationOf(method, pathname) {
  const path = pathname.replace(/^\/api\/v2/, '').split('/');
  const fits = (template) => {
    const parts = template.split(' ')[1].split('/');
    return parts.length === path.length && parts.every((part, i) => part === '{}' || part === path[i]);
  };
  const parameters = ({ route }) => route.split('{}').length;
  return (byMethod.get(method) ?? []).filter(({ route }) => fits(route)).sort((a, b) => parameters(a) - parameters(b))[0];
}

export async function watched({ domain, client_id, client_secret }) {
  const check = await answers();
  const called = new Set();
  const misfits = [];
  async function watchingFetch(url, options) {
    const response = await fetch(url, options);
    const operation = operationOf(options.method, new URL(url).pathname);
    called.add(operation?.route ?? `${options.method} ${new URL(url).pathname}`);
    if (!response.ok || !operation) return response;
    // Of an answer without a type the package reads nothing.
    if (operation.answer === 'void' || response.status === 204) return response;
    for (const wrong of check(operation.route, await response.clone().json())) misfits.push(`${operation.call}: ${wrong}`);
    return response;
  }
  const sdk = new ManagementClient({ domain, clientId: client_id, clientSecret: client_secret, fetch: watchingFetch });
  return { sdk, called, misfits };
}

// The method that an operation is, bound to its resource.
export function methodOf(sdk, { call }) {
  const names = call.split('.');
  const name = names.pop();
  const resource = names.reduce((at, each) => at[each], sdk);
  return resource[name].bind(resource);
}
