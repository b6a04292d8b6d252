-- Identities that are linked to a user (contract §9.10). The row of one is no user: it keeps its password and its place among the
-- identifiers of its connection, and names the user whom it signs in.
alter table users add column linked_to text not null default '';
-- Whether some may be linked to this user: who never had one is read with one statement.
alter table users add column has_linked boolean not null default false;
create index users_by_link on users (tenant_id, linked_to) where linked_to <> '';
