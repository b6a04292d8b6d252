-- Devices that wait for a person to sign in elsewhere (RFC 8628). The user code is short, so it is kept as its hash under a key of
-- the tenant. Once the person has signed in, the row names the authorization code that the device redeems with its own secret.
create table device_codes (
  tenant_id bigint not null,
  device_code_id bigint not null,
  secret_hash bytea not null,
  user_code_hash bytea not null,
  client_id text not null,
  scope text not null,
  audience text not null,
  state text not null,
  interval_seconds bigint not null,
  last_polled_at bigint,
  authorization_code_id bigint,
  created_at bigint not null,
  expires_at bigint not null,
  primary key (tenant_id, device_code_id)
) /*clustered*/;
create unique index device_codes_by_user_code on device_codes (tenant_id, user_code_hash);

alter table authorization_codes add column device_code_id bigint;
