'use strict';
// What an Action finds around it: a console that is kept with its result, no environment, no standard streams, no other user.
const kNobody = 65534;

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
  if (process.env.SEGUE_DROP_PRIVILEGES) {
    // The sandbox of a server that runs as root leaves the two capabilities that this needs, and loses them by it.
    process.setgroups([]);
    process.setgid(kNobody);
    process.setuid(kNobody);
    if (process.getuid() !== kNobody || process.geteuid() !== kNobody) process.exit(1);
  }
  for (const name of Object.keys(process.env)) delete process.env[name];
};
