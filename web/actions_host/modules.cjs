'use strict';
// Loads the CommonJS modules of Actions, and those that Actions share, each once per version and process.
const { createRequire, isBuiltin } = require('node:module');
const { compileFunction, constants } = require('node:vm');
const timers = require('./timers.cjs');
const { apply, freeze, includes, slice, indexOf, Error, toText } = require('./primordials.cjs');

// The sandbox forbids what these do; saying so here is clearer than a failing call.
const kWithheld = ['child_process', 'cluster', 'inspector', 'inspector/promises', 'repl', 'test', 'trace_events', 'wasi', 'worker_threads'];
const kShared = 'actions:';
const loaded = { __proto__: null }; // version of an Action to its module
const shared = { __proto__: null }; // version of a shared module to what the server sent of it, and its exports once it is loaded
let failure; // of the shared module that failed to load last: { name, value }

function withCode(message) {
  const error = new Error(message);
  error.code = 'MODULE_NOT_FOUND';
  return error;
}

// `owner` says whose dependencies are found; requireShared answers "actions:NAME".
function requireFor(folder, owner, requireShared) {
  const inFolder = folder ? createRequire(`${folder}/action.js`) : undefined;
  return function require(wanted) {
    const name = toText(wanted);
    if (indexOf(name, kShared) === 0) return requireShared(slice(name, kShared.length));
    const plain = indexOf(name, 'node:') === 0 ? slice(name, 5) : name;
    if (isBuiltin(name)) {
      if (includes(kWithheld, plain)) throw withCode(`The module "${plain}" is not available to Actions`);
      return module.require(name);
    }
    if (!inFolder) throw withCode(`Cannot find module '${name}': add it to the dependencies of the ${owner} and deploy again`);
    return inFolder(name);
  };
}

// Around the module's function stands one whose parameters are the timers and what the module alone sees, so that a module may
// declare the same names.
const kBefore = 'return function (module, exports, require) {';
const kAround = [timers.names[0], timers.names[1], timers.names[2], 'actions'];

function compile(code, filename, actions) {
  const options = { filename, importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER };
  compileFunction(code, ['module', 'exports', 'require'], options); // the code stands by itself
  const names = actions === undefined ? timers.names : kAround;
  const outer = compileFunction(`${kBefore}${code}\n}`, names, { ...options, columnOffset: -kBefore.length });
  return apply(outer, undefined, [timers.functions[0], timers.functions[1], timers.functions[2], actions]);
}

function evaluate(code, filename, require, actions) {
  const own = { exports: {} };
  apply(compile(code, filename, actions), own.exports, [own, own.exports, require]);
  return own;
}

// What the server sends of a module, which it sends once.
function define(modules) {
  for (let i = 0; i < modules.length; i++) {
    const { id, name, code, folder, secrets } = modules[i];
    if (code !== undefined && shared[id] === undefined) shared[id] = { __proto__: null, name, code, folder, secrets, own: undefined };
  }
}

// A module shares its exports among the Actions that use this version of it. It knows no other module, so none can wait for itself.
function loadShared(id) {
  const version = shared[id];
  if (version.own !== undefined) return version.own.exports;
  const { name, code, folder, secrets } = version;
  const refuse = (other) => {
    throw withCode(`The module "${name}" requires "${kShared}${other}": modules cannot use other modules. Let the Action hand it over`);
  };
  const require = requireFor(folder, 'module, publish it', refuse);
  try {
    version.own = evaluate(code, folder ? `${folder}/module.js` : `${kShared}${name}`, require, freeze({ secrets: freeze(secrets) }));
  } catch (value) {
    failure = { __proto__: null, name, value };
    throw value;
  }
  return version.own.exports;
}

function sharedOf(action) {
  return function requireShared(name) {
    for (let i = 0; i < action.modules.length; i++) {
      if (action.modules[i].name === name) return loadShared(action.modules[i].id);
    }
    throw withCode(`Cannot find module '${kShared}${name}': add it to the modules of the Action and deploy again`);
  };
}

// The Action's exports. One that throws while it loads is loaded again by the next call.
function load(action) {
  const found = loaded[action.id];
  if (found !== undefined) return found.exports;
  const filename = action.folder ? `${action.folder}/action.js` : `${action.name}.js`;
  const own = evaluate(action.code, filename, requireFor(action.folder, 'Action', sharedOf(action)));
  loaded[action.id] = own;
  return own.exports;
}

function loadAllShared(action) {
  for (let i = 0; i < action.modules.length; i++) loadShared(action.modules[i].id);
}

// The name of the shared module that threw this while it was loading; undefined: none did.
function threwWhileLoading(value) {
  return failure !== undefined && failure.value === value ? failure.name : undefined;
}
function forgetFailure() { failure = undefined; }

module.exports = { define, load, loadAllShared, threwWhileLoading, forgetFailure };
