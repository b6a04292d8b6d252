-- Names that others choose and may use once: the jti of client assertions, of signed requests and of DPoP proofs. A row may go
-- when it has expired; until then whoever comes with the same name comes too late.
create table one_time_identifiers (
  tenant_id bigint not null,
  kind text not null,
  identifier_hash bytea not null,
  expires_at bigint not null,
  primary key (tenant_id, kind, identifier_hash)
) /*clustered*/;
create index one_time_identifiers_by_expiry on one_time_identifiers (tenant_id, expires_at);
