'use strict';
// What an Action finds around it: a console that is kept with its result, no environment, no standard streams, no other user.
module.exports = function surroundings(print) {
  const nothing = () => {};
  const console = { assert: nothing, clear: nothing, count: nothing, countReset: nothing, dir: print, dirxml: print, group: print,
    groupCollapsed: print, groupEnd: nothing, table: print, time: nothing, timeEnd: nothing, timeLog: nothing, trace: print,
    log: print, info: print, warn: print, error: print, debug: print };
  globalThis.console = console;
  for (const name of ['stdout', 'stderr']) {
    Object.defineProperty(process, name, { value: { write: (text) => { print(text); return true; }, isTTY: false } });
  }
  Object.defineProperty(process, 'stdin', { value: null });
  require('./drop_privileges.cjs')();
  for (const name of Object.keys(process.env)) delete process.env[name];
};
