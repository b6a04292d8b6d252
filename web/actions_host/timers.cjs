'use strict';
// The timers of Actions end with the Action that set them: nothing of one sign-in runs in the next.
const { apply, mapSet, mapDelete, mapForEach, mapClear } = require('./primordials.cjs');
const { promisify } = require('node:util');

const live = new Map(); // timer to the function that clears it

function tracked(start, clear, repeats) {
  const timer = (callback, delay, ...given) => {
    if (typeof callback !== 'function') return start(callback, delay);
    const own = start(function () {
      if (!repeats) mapDelete(live, own);
      return apply(callback, this, given);
    }, delay);
    mapSet(live, own, clear);
    return own;
  };
  if (start[promisify.custom]) timer[promisify.custom] = start[promisify.custom];
  return timer;
}

const startImmediate = setImmediate;
const immediate = tracked((callback) => startImmediate(callback), clearImmediate, false);

module.exports = {
  names: ['setTimeout', 'setInterval', 'setImmediate'],
  functions: [
    tracked(setTimeout, clearTimeout, false),
    tracked(setInterval, clearInterval, true),
    (callback, ...given) => immediate(typeof callback === 'function' ? () => apply(callback, undefined, given) : callback),
  ],
  clearAll() {
    mapForEach(live, (clear, timer) => clear(timer));
    mapClear(live);
  },
};
