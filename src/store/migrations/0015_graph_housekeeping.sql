-- The session transfer token that brought an authorization code into a session which it did not open: the session lives on when the
-- transfer is revoked, so its code has to ask the token. Null where the session itself is what dies.
alter table authorization_codes add column session_transfer_token_id bigint;
-- A grant goes when no refresh token family is left of it. Both ids are made together and rise, so the index grows at its end.
create index refresh_token_families_by_grant on refresh_token_families (tenant_id, grant_id);
