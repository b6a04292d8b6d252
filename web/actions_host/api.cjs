'use strict';
// The `api` object of one Action in one call, made from the table that the server sent (src/actions/api_table.cc): which methods the
// trigger has, what they take, and whether they are recorded, answered here, or asked of the server.
const { keys, freeze, hasOwn, isArray, isFinite, split, includes, Promise, TypeError, RangeError, Error } =
  require('./primordials.cjs');
const { encode, text } = require('./encode.cjs');
const redirect = require('./redirect_token.cjs');

const kMostCommands = 1000;
const kMostText = 256 * 1024;

function shapeProblem(shape, value) {
  switch (shape) {
    case 'string': return typeof value === 'string' ? '' : 'must be a string';
    case 'number': return typeof value === 'number' && isFinite(value) ? '' : 'must be a finite number';
    case 'boolean': return typeof value === 'boolean' ? '' : 'must be true or false';
    case 'object': return typeof value === 'object' && value !== null && !isArray(value) ? '' : 'must be an object';
    case 'array': return isArray(value) ? '' : 'must be an array';
    case 'scalar':
      return value === null || typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && isFinite(value))
        ? '' : 'must be a string, a finite number, true, false or null';
    default: return value === undefined ? 'must be given' : '';
  }
}

// The arguments as JSON text. Trailing ones that may be absent are left out when they are.
function encodeArguments(name, parameters, given) {
  let count = given.length < parameters.length ? given.length : parameters.length;
  while (count > 0 && given[count - 1] === undefined) count--;
  let out = '';
  for (let i = 0; i < parameters.length; i++) {
    const parameter = parameters[i];
    const value = i < count ? given[i] : undefined;
    if (value === undefined && parameter.optional) {
      if (i < count) out += i === 0 ? 'null' : ',null';
      continue;
    }
    const problem = shapeProblem(parameter.shape, value);
    if (problem !== '') throw new TypeError(`api.${name}: ${parameter.name} ${problem}`);
    const encoded = encode(value, `api.${name}: ${parameter.name}`);
    if (encoded.length > parameter.longest) {
      throw new RangeError(`api.${name}: ${parameter.name} is longer than ${parameter.longest} characters`);
    }
    if (parameter.one_of && !includes(parameter.one_of, value)) {
      throw new TypeError(`api.${name}: ${parameter.name} must be one of ${parameter.one_of_text}`);
    }
    out += (i === 0 ? '' : ',') + encoded;
  }
  return out;
}

function record(run, method, given) {
  const line = `[${text(method.name)},[${encodeArguments(method.name, method.parameters, given)}]]`;
  if (run.count >= kMostCommands) throw new RangeError(`an Action may call api methods ${kMostCommands} times`);
  if (run.commands.length + line.length > kMostText) throw new RangeError('what the Action asks for is too large');
  run.commands += (run.count === 0 ? '' : ',') + line;
  run.count++;
  if (method.effect === 'stop') run.stops = true;
}

// Methods that need more than being recorded.
const special = {
  __proto__: null,
  'cache.get'(run, method, given) {
    const entry = hasOwn(run.cache, given[0]) ? run.cache[given[0]] : undefined;
    return entry === undefined ? undefined : { value: entry.value, expires_at: entry.expires_at };
  },
  'cache.set'(run, method, given) {
    record(run, method, given);
    const options = given[2] ?? {};
    const latest = run.now + 24 * 3600 * 1000;
    let expires_at = options.expires_at ?? run.now + (options.ttl ?? 15 * 60 * 1000);
    if (typeof expires_at !== 'number' || !(expires_at < latest)) expires_at = latest;
    run.cache[given[0]] = { __proto__: null, value: given[1], expires_at };
    return { type: 'success', record: { value: given[1], expires_at } };
  },
  'cache.delete'(run, method, given) {
    record(run, method, given);
    delete run.cache[given[0]];
    return { type: 'success' };
  },
  'transaction.setMetadata'(run, method, given) {
    record(run, method, given);
    run.shared.metadata[given[0]] = given[1];
    const transaction = run.event.transaction;
    if (transaction && transaction.metadata) transaction.metadata[given[0]] = given[1];
    return run.api;
  },
  'redirect.canRedirect'(run) { return run.can_redirect; },
  'redirect.encodeToken'(run, method, given) { return redirect.encode(run, given[0]); },
  'redirect.validateToken'(run, method, given) { return redirect.validate(run, given[0]); },
  'rules.wasExecuted'() { return false; },
};

function callMethod(run, method, given, ask) {
  if (run.ended) throw new Error(`api.${method.name} was called after the Action had ended: await what it starts`);
  if (method.effect === 'missing') throw new Error(`api.${method.name} is not available: ${method.why}`);
  if (method.name in special) {
    encodeArguments(method.name, method.parameters, given);
    return special[method.name](run, method, given);
  }
  if (method.effect === 'ask') {
    const line = encodeArguments(method.name, method.parameters, given);
    return new Promise((resolve, reject) => {
      const answer = ask(method.name, line);
      if (hasOwn(answer, 'error')) reject(new Error(answer.error)); else resolve(answer.value);
    });
  }
  record(run, method, given);
  return run.api;
}

function build(run, methods, ask) {
  const api = {};
  run.api = api;
  for (let i = 0; i < methods.length; i++) {
    const method = methods[i];
    const parts = method.parts;
    if (!hasOwn(api, parts[0])) api[parts[0]] = {};
    api[parts[0]][parts[1]] = (...given) => callMethod(run, method, given, ask);
  }
  const spaces = keys(api);
  for (let i = 0; i < spaces.length; i++) freeze(api[spaces[i]]);
  return freeze(api);
}

// The server's table, made ready once.
function prepare(triggers) {
  const out = { __proto__: null };
  const names = keys(triggers);
  for (let i = 0; i < names.length; i++) {
    const methods = triggers[names[i]];
    for (let j = 0; j < methods.length; j++) methods[j].parts = split(methods[j].name, '.');
    out[names[i]] = methods;
  }
  return out;
}

module.exports = { build, prepare };
