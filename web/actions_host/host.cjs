'use strict';
// Runs the Actions of one tenant, one call at a time. The server starts this file in a sandbox (src/actions/sandbox.cc), sends the
// table of api methods, then calls; for each it reads one "result" per Action that ran and one "done" (src/actions/reply.cc).
const { apply, parse, slice, keys, toWellFormed, toText, now, monotonic, Promise, then, define, Error } = require('./primordials.cjs');
const { text } = require('./encode.cjs');
const channel = require('./channel.cjs');
const api = require('./api.cjs');
const modules = require('./modules.cjs');
const relay = require('./relay.cjs');
const { clearAll } = require('./timers.cjs');
const formatLine = require('node:util').formatWithOptions.bind(undefined, { depth: 2, maxArrayLength: 20, maxStringLength: 256 });

const kLongestLog = 256;
const kMostMembers = 200;
const kMostTimers = 20;
const later = setImmediate;
const activeResources = process.getActiveResourcesInfo.bind(process);
let triggers = { __proto__: null };
let call; // the one that runs
let run; // its Action that runs
let exiting = false;

function showable(value) {
  if (typeof value === 'string') return slice(value, 0, kLongestLog);
  if (typeof value !== 'object' || value === null) return value;
  const count = keys(value).length;
  return count > kMostMembers ? `[object with ${count} members]` : value;
}

// What an Action prints is kept with its result. Anything long is cut before it is formatted.
function print(...given) {
  if (run === undefined || run.log.length >= kLongestLog) return;
  for (let i = 0; i < given.length; i++) given[i] = showable(given[i]);
  const line = apply(formatLine, undefined, given);
  run.log = slice(run.log + (run.log === '' ? '' : '\n') + line, 0, kLongestLog);
}

function shortened(value, most) { return toWellFormed(slice(value, 0, most)); }

// Name, message and stack of whatever was thrown. Reading them may run code of the Action, which may throw again.
function describe(thrown) {
  try {
    if (typeof thrown === 'object' && thrown !== null && typeof thrown.message === 'string') {
      const stack = typeof thrown.stack === 'string' ? thrown.stack : '';
      return { name: shortened(toText(thrown.name), 64), message: shortened(thrown.message, 1000), stack: shortened(stack, 2000) };
    }
    const shown = typeof thrown === 'string' ? slice(thrown, 0, 1000) : formatLine(showable(thrown));
    return { name: 'Error', message: shortened(`something that is no Error was thrown: ${shown}`, 1000), stack: '' };
  } catch {
    return { name: 'Error', message: 'something was thrown that cannot be shown', stack: '' };
  }
}

function ask(method, argumentsText) {
  channel.write(`{"type":"ask","call":${text(call.id)},"method":${text(method)},"arguments":[${argumentsText}]}`);
  return channel.read();
}

function end(own, thrown) {
  if (own !== run) return; // it has ended already
  run = undefined;
  own.ended = true;
  clearAll();
  let error = '';
  if (thrown !== undefined) {
    const { name, message, stack } = describe(thrown.value);
    const module = modules.threwWhileLoading(thrown.value);
    const where = module === undefined ? '' : `the module "${toWellFormed(module)}" could not be loaded: `;
    error = `,"error":{"name":${text(name)},"message":${text(where + message)},"stack":${text(stack)}}`;
  }
  const took = monotonic() - own.started;
  channel.write(`{"type":"result","call":${text(call.id)},"action":${text(own.action.id)},"microseconds":${text(took)}` +
    `,"log":${text(toWellFormed(own.log))},"commands":[${own.commands}]${error}}`);
  if (thrown !== undefined || own.stops) return done();
  call.next++;
  start();
}

// Timers that were set past ours, by a library: a process in which they gather is replaced.
function leftovers() {
  let timers = 0;
  const active = activeResources();
  for (let i = 0; i < active.length; i++) if (active[i] === 'Timeout' || active[i] === 'Immediate') timers++;
  return timers > kMostTimers;
}

function done() {
  const id = call.id;
  call = undefined;
  channel.write(`{"type":"done","call":${text(id)},"spent":${leftovers()}}`);
  // Node.js exits after a beforeExit that leaves it nothing to do, and is told of the next one only if there was something.
  if (exiting) later(serve); else serve();
}

function start() {
  if (call.next >= call.actions.length) return done();
  const action = call.actions[call.next];
  const own = { __proto__: null, action, commands: '', count: 0, log: '', ended: false, stops: false, started: monotonic(), now: now(),
    cache: call.cache, can_redirect: call.can_redirect, shared: call };
  run = own;
  try {
    const event = parse(call.event);
    own.event = event;
    event.secrets = action.secrets;
    if (event.transaction) event.transaction.metadata = { ...event.transaction.metadata, ...call.metadata };
    modules.forgetFailure();
    if (call.loads_modules) modules.loadAllShared(action);
    const continues = call.next === 0 && call.first_function !== '';
    const entry = modules.load(action)[continues ? call.first_function : call.function];
    if (typeof entry !== 'function') {
      // An Action without the function that continues has nothing to do then; without the first one it cannot work.
      if (continues || call.optional) return end(own);
      throw new Error(`the Action does not export ${call.function}`);
    }
    const returned = apply(entry, undefined, [event, api.build(own, triggers[call.trigger], ask)]);
    const settled = new Promise((resolve) => resolve(returned));
    define(settled, 'constructor', { value: undefined });
    then(settled, () => end(own), (value) => end(own, { value }));
  } catch (value) {
    end(own, { value });
  }
}

function serve() {
  const message = channel.read();
  if (message.type === 'api') {
    triggers = api.prepare(message.triggers);
    channel.write('{"type":"ready"}');
    return serve();
  }
  call = message;
  call.next = 0;
  call.metadata = { __proto__: null };
  for (let i = 0; i < call.actions.length; i++) modules.define(call.actions[i].modules);
  // Connections that an earlier call left open may have been closed since: Node.js hears of it before they are used again.
  if (relay.inUse()) later(start); else start();
}

const proxy = process.env.SEGUE_PROXY;
require('./surroundings.cjs')(print);
process.on('uncaughtException', (value) => { if (run !== undefined) end(run, { value }); });
// Nothing is left that could settle the promise.
process.on('beforeExit', () => {
  exiting = true;
  if (run !== undefined) end(run, { value: new Error('the Action returned a promise that nothing can settle any more') });
  exiting = false;
});

// What Node.js does to start has ended before an Action can interfere with it.
if (proxy) relay.start(proxy, print, () => later(serve)); else later(serve);
