-- Refresh tokens that live in their browser session (contract §4.7).
alter table refresh_token_families add column online boolean not null default false;
-- Whoever looks families up by their user asks for those that are not revoked. The newest come last, so the oldest beyond a limit are
-- found without reading the others.
create index refresh_token_families_live on refresh_token_families (tenant_id, user_id, client_id, family_id) where revoked_at is null;
drop index refresh_token_families_by_user;
