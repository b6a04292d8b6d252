-- One text for both engines. `/*clustered*/` becomes `without rowid` on SQLite: the primary key is the table.
-- Types: bigint (also times, in microseconds since 1970, and ids), text, boolean, bytea. tenant_id leads every key.

create table tenants (
  tenant_id bigint primary key,
  name text not null,
  config_version bigint not null,
  settings text not null,
  created_at bigint not null
) /*clustered*/;

-- Host names are globally unique; position 0 is the tenant's canonical domain.
create table domains (
  domain text primary key,
  tenant_id bigint not null,
  position bigint not null
) /*clustered*/;

-- Facts of the whole database: 'high_water' is the newest time that any node has seen, in microseconds.
create table database_state (
  name text primary key,
  value bigint not null
) /*clustered*/;

-- Node numbers of row ids, leased by one process at a time.
create table nodes (
  node_number bigint primary key,
  holder text not null,
  lease_expires_at bigint not null
) /*clustered*/;

-- Symmetric keys of a tenant: 'handle', 'derivation', 'opaque_token'. Random, wrapped by the key file, never derived from it.
create table tenant_secrets (
  tenant_id bigint not null,
  purpose text not null,
  wrapped bytea not null,
  created_at bigint not null,
  primary key (tenant_id, purpose)
) /*clustered*/;

create table signing_keys (
  tenant_id bigint not null,
  kid text not null,
  alg text not null,
  state text not null,
  wrapped_private_key bytea not null,
  certificate text not null,
  created_at bigint not null,
  revoked_at bigint,
  primary key (tenant_id, kid)
) /*clustered*/;

create table clients (
  tenant_id bigint not null,
  client_id text not null,
  name text not null,
  app_type text not null,
  is_first_party boolean not null,
  is_global boolean not null,
  sealed_client_secret bytea not null,
  document text not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (tenant_id, client_id)
) /*clustered*/;

create table connections (
  tenant_id bigint not null,
  connection_id text not null,
  name text not null,
  strategy text not null,
  document text not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (tenant_id, connection_id)
) /*clustered*/;
create unique index connections_by_name on connections (tenant_id, name);

create table connection_clients (
  tenant_id bigint not null,
  connection_id text not null,
  client_id text not null,
  primary key (tenant_id, connection_id, client_id)
) /*clustered*/;
create index connection_clients_by_client on connection_clients (tenant_id, client_id);

create table users (
  tenant_id bigint not null,
  user_id text not null,
  connection_id text not null,
  email text not null,
  email_normalized text,
  username text not null,
  username_normalized text,
  password_hash text not null,
  email_verified boolean not null,
  blocked boolean not null,
  logins_count bigint not null,
  last_login bigint,
  last_ip text not null,
  last_password_reset bigint,
  password_epoch bigint not null,
  profile text not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (tenant_id, user_id)
) /*clustered*/;
create unique index users_by_email on users (tenant_id, connection_id, email_normalized);
create unique index users_by_username on users (tenant_id, connection_id, username_normalized);
create index users_by_any_email on users (tenant_id, email_normalized);
create index users_by_creation on users (tenant_id, created_at, user_id);

create table resource_servers (
  tenant_id bigint not null,
  resource_server_id text not null,
  identifier text not null,
  document text not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (tenant_id, resource_server_id)
) /*clustered*/;
create unique index resource_servers_by_identifier on resource_servers (tenant_id, identifier);

create table client_grants (
  tenant_id bigint not null,
  client_grant_id text not null,
  client_id text not null,
  audience text not null,
  subject_type text not null,
  document text not null,
  created_at bigint not null,
  primary key (tenant_id, client_grant_id)
) /*clustered*/;
create unique index client_grants_by_pair on client_grants (tenant_id, client_id, audience, subject_type);

-- Brute-force counters (contract §2.6): one row per counted key ("account|ip" or "ip").
create table login_attempts (
  tenant_id bigint not null,
  counter_key text not null,
  failures bigint not null,
  window_started_at bigint not null,
  blocked_until bigint,
  primary key (tenant_id, counter_key)
) /*clustered*/;

-- The session graph (design §4). Ids are time-ordered; public ids are random.
create table grants (
  tenant_id bigint not null,
  grant_id bigint not null,
  user_id text not null,
  client_id text not null,
  session_id bigint,
  parent_family_id bigint,
  parent_grant_id bigint,
  transfer_id text not null,
  created_at bigint not null,
  revoked_at bigint,
  revocation_cascades boolean not null,
  primary key (tenant_id, grant_id)
) /*clustered*/;
create index grants_by_user on grants (tenant_id, user_id, client_id);

create table refresh_token_families (
  tenant_id bigint not null,
  family_id bigint not null,
  public_id text not null,
  grant_id bigint not null,
  user_id text not null,
  client_id text not null,
  connection_id text not null,
  organization_id text not null,
  audience text not null,
  scope text not null,
  session_id bigint,
  ends_with_session boolean not null,
  parent_family_id bigint,
  parent_grant_id bigint,
  transfer_id text not null,
  auth_time bigint not null,
  methods text not null,
  initial_ip text not null,
  initial_user_agent text not null,
  last_ip text not null,
  last_user_agent text not null,
  rotating boolean not null,
  token_counter bigint not null,
  created_at bigint not null,
  last_exchanged_at bigint not null,
  expires_at bigint,
  idle_expires_at bigint,
  password_epoch bigint not null,
  revoked_at bigint,
  revocation_cascades boolean not null,
  metadata text not null,
  primary key (tenant_id, family_id)
) /*clustered*/;
create unique index refresh_token_families_by_public_id on refresh_token_families (tenant_id, public_id);
create index refresh_token_families_by_user on refresh_token_families (tenant_id, user_id, client_id);

create table refresh_tokens (
  tenant_id bigint not null,
  refresh_token_id bigint not null,
  family_id bigint not null,
  secret_hash bytea not null,
  counter bigint not null,
  state text not null,
  created_at bigint not null,
  consumed_at bigint,
  successor_id bigint,
  primary key (tenant_id, refresh_token_id)
) /*clustered*/;

create table session_transfer_tokens (
  tenant_id bigint not null,
  session_transfer_token_id bigint not null,
  secret_hash bytea not null,
  family_id bigint not null,
  grant_id bigint not null,
  client_id text not null,
  user_id text not null,
  connection_id text not null,
  organization_id text not null,
  scope text not null,
  ip text not null,
  asn bigint,
  user_agent text not null,
  geoip text not null,
  auth_time bigint not null,
  methods text not null,
  transfer_id text not null,
  state text not null,
  created_at bigint not null,
  expires_at bigint not null,
  consumed_at bigint,
  consumed_by_client_id text,
  primary key (tenant_id, session_transfer_token_id)
) /*clustered*/;

create table sessions (
  tenant_id bigint not null,
  session_id bigint not null,
  secret_hash bytea not null,
  sid text not null,
  user_id text not null,
  connection_id text not null,
  organization_id text not null,
  parent_family_id bigint,
  parent_grant_id bigint,
  transfer_id text not null,
  opened_by_transfer boolean not null,
  created_at bigint not null,
  authenticated_at bigint not null,
  last_interacted_at bigint not null,
  idle_expires_at bigint not null,
  expires_at bigint not null,
  methods text not null,
  initial_ip text not null,
  initial_user_agent text not null,
  last_ip text not null,
  last_user_agent text not null,
  persistent boolean not null,
  password_epoch bigint not null,
  revoked_at bigint,
  revocation_cascades boolean not null,
  metadata text not null,
  primary key (tenant_id, session_id)
) /*clustered*/;
create unique index sessions_by_sid on sessions (tenant_id, sid);
create index sessions_by_user on sessions (tenant_id, user_id);

-- Relying-party logins: which clients a session signed in at.
create table session_clients (
  tenant_id bigint not null,
  session_id bigint not null,
  client_id text not null,
  transfer_id text not null,
  created_at bigint not null,
  primary key (tenant_id, session_id, client_id)
) /*clustered*/;

create table authorize_transactions (
  tenant_id bigint not null,
  transaction_id bigint not null,
  secret_hash bytea not null,
  binding_hash bytea not null,
  client_id text not null,
  request text not null,
  forces_login boolean not null,
  session_transfer_token_id bigint,
  created_at bigint not null,
  expires_at bigint not null,
  finished_at bigint,
  primary key (tenant_id, transaction_id)
) /*clustered*/;

create table authorization_codes (
  tenant_id bigint not null,
  authorization_code_id bigint not null,
  secret_hash bytea not null,
  client_id text not null,
  user_id text not null,
  connection_id text not null,
  organization_id text not null,
  session_id bigint not null,
  redirect_uri text not null,
  scope text not null,
  audience text not null,
  nonce text not null,
  code_challenge text not null,
  auth_time bigint not null,
  wants_auth_time boolean not null,
  allows_refresh_token boolean not null,
  refresh_token_ends_with_session boolean not null,
  parent_family_id bigint,
  parent_grant_id bigint,
  transfer_id text not null,
  state text not null,
  created_at bigint not null,
  expires_at bigint not null,
  consumed_at bigint,
  grant_id bigint,
  primary key (tenant_id, authorization_code_id)
) /*clustered*/;

-- Tenant log: what a request decided, one row in its own transaction. The indexer fills log_index afterwards.
-- A log id is log_row_id as text (store/logs.h), so it has no column.
create table logs (
  tenant_id bigint not null,
  log_row_id bigint not null,
  type text not null,
  transfer_id text not null,
  record text not null,
  primary key (tenant_id, log_row_id)
) /*clustered*/;

create table log_index (
  tenant_id bigint not null,
  log_row_id bigint not null,
  date bigint not null,
  type text not null,
  client_id text not null,
  client_name text not null,
  user_id text not null,
  user_name text not null,
  connection text not null,
  connection_id text not null,
  description text not null,
  hostname text not null,
  ip text not null,
  organization_id text not null,
  strategy text not null,
  strategy_type text not null,
  user_agent text not null,
  audience text not null,
  transfer_id text not null,
  primary key (tenant_id, log_row_id)
) /*clustered*/;
create index log_index_by_type on log_index (tenant_id, type, log_row_id);
create index log_index_by_client on log_index (tenant_id, client_id, log_row_id);
create index log_index_by_user on log_index (tenant_id, user_id, log_row_id);
create index log_index_by_ip on log_index (tenant_id, ip, log_row_id);
create index log_index_by_transfer on log_index (tenant_id, transfer_id, log_row_id);

-- How far the indexer has come, per tenant.
create table log_cursors (
  tenant_id bigint primary key,
  indexed_up_to bigint not null
) /*clustered*/;

-- Work for others that must not be lost: delivered by a job, at least once.
create table outbox (
  tenant_id bigint not null,
  outbox_id bigint not null,
  kind text not null,
  payload text not null,
  attempts bigint not null,
  next_attempt_at bigint not null,
  created_at bigint not null,
  primary key (tenant_id, outbox_id)
) /*clustered*/;
create index outbox_by_time on outbox (next_attempt_at);
