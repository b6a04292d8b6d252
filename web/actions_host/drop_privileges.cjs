'use strict';
// The sandbox of a server that runs as root leaves the two capabilities that this needs, which are lost by it.
const kNobody = 65534;

module.exports = function dropPrivileges() {
  if (!process.env.SEGUE_DROP_PRIVILEGES) return;
  process.setgroups([]);
  process.setgid(kNobody);
  process.setuid(kNobody);
  if (process.getuid() !== kNobody || process.geteuid() !== kNobody) process.exit(1);
};
