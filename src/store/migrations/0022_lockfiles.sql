-- What npm installed for a version when it was built: package-lock.json, so that every node, and a going back, installs the same.
-- Empty: the version has no dependencies, or was built before there was this column.
alter table action_versions add column lockfile text not null default '';
alter table action_module_versions add column lockfile text not null default '';
