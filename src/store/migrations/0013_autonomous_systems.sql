-- The autonomous system that a session or a refresh token family was begun from, and the one it was last used from (contract §6.2,
-- §6.3). Null: no database knew it.
alter table sessions add column initial_asn bigint;
alter table sessions add column last_asn bigint;
alter table refresh_token_families add column initial_asn bigint;
alter table refresh_token_families add column last_asn bigint;
