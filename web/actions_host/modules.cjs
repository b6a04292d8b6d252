'use strict';
// Loads the CommonJS module of an Action, once per version and process.
const { createRequire, isBuiltin } = require('node:module');
const { compileFunction, constants } = require('node:vm');
const timers = require('./timers.cjs');
const { apply, includes, slice, indexOf, Error, toText } = require('./primordials.cjs');

// The sandbox forbids what these do; saying so here is clearer than a failing call.
const kWithheld = ['child_process', 'cluster', 'inspector', 'inspector/promises', 'repl', 'test', 'trace_events', 'wasi', 'worker_threads'];
const loaded = { __proto__: null };

function requireFor(action) {
  const inFolder = action.folder ? createRequire(`${action.folder}/action.js`) : undefined;
  return function require(wanted) {
    const name = toText(wanted);
    const plain = indexOf(name, 'node:') === 0 ? slice(name, 5) : name;
    if (isBuiltin(name)) {
      if (includes(kWithheld, plain)) throw withCode(`The module "${plain}" is not available to Actions`);
      return module.require(name);
    }
    if (!inFolder) throw withCode(`Cannot find module '${name}': add it to the dependencies of the Action and deploy again`);
    return inFolder(name);
  };
}

function withCode(message) {
  const error = new Error(message);
  error.code = 'MODULE_NOT_FOUND';
  return error;
}

// Around the module's function stands one whose parameters are the timers, so that a module may declare the same names.
const kBefore = 'return function (module, exports, require) {';

function compile(code, filename) {
  const options = { filename, importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER };
  compileFunction(code, ['module', 'exports', 'require'], options); // the code stands by itself
  const outer = compileFunction(`${kBefore}${code}\n}`, timers.names, { ...options, columnOffset: -kBefore.length });
  return apply(outer, undefined, timers.functions);
}

// The module's exports. A module that throws while it loads is loaded again by the next call.
function load(action) {
  const found = loaded[action.id];
  if (found !== undefined) return found.exports;
  const filename = action.folder ? `${action.folder}/action.js` : `${action.name}.js`;
  const run = compile(action.code, filename);
  const own = { exports: {} };
  apply(run, own.exports, [own, own.exports, requireFor(action)]);
  loaded[action.id] = own;
  return own.exports;
}

module.exports = { load, isLoaded: (id) => loaded[id] !== undefined };
