'use strict';
// Runs npm in this process, in a sandbox that lets it fill one folder (src/actions/installer.cc): install.cjs NPM ARGUMENTS…
require('./drop_privileges.cjs')();
const npm = process.argv[2];
process.argv.splice(1, 2, npm);
const run = () => require(npm);
if (process.env.SEGUE_PROXY) require('./relay.cjs').start(process.env.SEGUE_PROXY, (text) => process.stderr.write(`npm error ${text}\n`), run);
else run();
