-- Authorization requests that their client sent ahead (RFC 9126), found by the handle in their request_uri.
-- A session transfer token among them is kept as its id and the hash of its secret, as its own row is.
create table pushed_requests (
  tenant_id bigint not null,
  pushed_request_id bigint not null,
  secret_hash bytea not null,
  client_id text not null,
  parameters text not null,
  carries_transfer boolean not null,
  session_transfer_token_id bigint,
  session_transfer_token_hash bytea not null,
  created_at bigint not null,
  expires_at bigint not null,
  consumed_at bigint,
  primary key (tenant_id, pushed_request_id)
) /*clustered*/;
