-- Refresh tokens that live in their browser session (contract §4.7).
alter table refresh_token_families add column online boolean not null default false;
-- Those of a user at a client that are not revoked lie together, in the order of their making, however many were revoked before: at
-- every sign-in it is asked whether they are too many (contract §4.1).
create index refresh_token_families_of_user on refresh_token_families (tenant_id, user_id, client_id, revoked_at, family_id);
drop index refresh_token_families_by_user;
