'use strict';
// What the host uses of the language, taken before any Action runs: an Action may replace Array.prototype.push or JSON.parse, and
// the host goes on. Host code therefore never iterates (for…of, spread, array patterns), never awaits, and calls no method of a
// value that an Action could have touched; the server checks every answer again all the same.
const { call } = Function.prototype;
const uncurry = Function.prototype.bind.bind(call);

module.exports = Object.freeze({
  __proto__: null,
  apply: Reflect.apply,
  isArray: Array.isArray,
  keys: Object.keys,
  freeze: Object.freeze,
  define: Object.defineProperty,
  hasOwn: Object.hasOwn,
  parse: JSON.parse,
  stringify: JSON.stringify, // for strings and numbers only: of objects it would ask their prototypes
  isFinite: Number.isFinite,
  isSafeInteger: Number.isSafeInteger,
  toText: String,
  Promise,
  then: uncurry(Promise.prototype.then),
  slice: uncurry(String.prototype.slice),
  split: uncurry(String.prototype.split),
  indexOf: uncurry(String.prototype.indexOf),
  includes: uncurry(Array.prototype.includes),
  toWellFormed: uncurry(String.prototype.toWellFormed),
  mapSet: uncurry(Map.prototype.set),
  mapDelete: uncurry(Map.prototype.delete),
  mapForEach: uncurry(Map.prototype.forEach),
  mapClear: uncurry(Map.prototype.clear),
  now: Date.now,
  monotonic: performance.now.bind(performance),
  TypeError,
  RangeError,
  Error,
});
