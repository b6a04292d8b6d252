-- Actions (contract §8): drafts, and the versions that run. Configuration. `document` holds code, dependencies and the names and ids
-- of secrets and modules.
create table actions (
  tenant_id bigint not null,
  action_id text not null,
  name text not null,
  trigger_id text not null,
  document text not null,
  last_number bigint not null,
  deployed_version_id text not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (tenant_id, action_id)
) /*clustered*/;
create unique index actions_by_name on actions (tenant_id, name);

create table action_versions (
  tenant_id bigint not null,
  action_id text not null,
  version_id text not null,
  number bigint not null,
  document text not null,
  created_at bigint not null,
  primary key (tenant_id, action_id, version_id)
);
create unique index action_versions_by_number on action_versions (tenant_id, action_id, number);

-- `owner_id` is an Action or a module; its drafts and versions name the secrets that they use. A value never changes.
create table action_secrets (
  tenant_id bigint not null,
  secret_id text not null,
  owner_id text not null,
  sealed bytea not null,
  primary key (tenant_id, secret_id)
);
create index action_secrets_by_owner on action_secrets (tenant_id, owner_id);

create table trigger_bindings (
  tenant_id bigint not null,
  trigger_id text not null,
  position bigint not null,
  binding_id text not null,
  action_id text not null,
  display_name text not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (tenant_id, trigger_id, position)
) /*clustered*/;
create index trigger_bindings_by_action on trigger_bindings (tenant_id, action_id);

create table action_modules (
  tenant_id bigint not null,
  module_id text not null,
  name text not null,
  document text not null,
  latest_version_id text not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (tenant_id, module_id)
) /*clustered*/;
create unique index action_modules_by_name on action_modules (tenant_id, name);

create table action_module_versions (
  tenant_id bigint not null,
  module_id text not null,
  version_id text not null,
  number bigint not null,
  document text not null,
  created_at bigint not null,
  primary key (tenant_id, module_id, version_id)
);
create unique index action_module_versions_by_number on action_module_versions (tenant_id, module_id, number);

-- What ran and how it ended, for ten days. The row id is ordered by time; the public one is random.
create table action_executions (
  tenant_id bigint not null,
  action_execution_id bigint not null,
  execution_id text not null,
  trigger_id text not null,
  status text not null,
  results text not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (tenant_id, action_execution_id)
) /*clustered*/;
create unique index action_executions_by_execution_id on action_executions (tenant_id, execution_id);

-- Which Action answers a token exchange of a subject token type (contract §3.4).
create table token_exchange_profiles (
  tenant_id bigint not null,
  profile_id text not null,
  name text not null,
  subject_token_type text not null,
  action_id text not null,
  type text not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (tenant_id, profile_id)
) /*clustered*/;
create unique index token_exchange_profiles_by_type on token_exchange_profiles (tenant_id, subject_token_type);
create index token_exchange_profiles_by_action on token_exchange_profiles (tenant_id, action_id);
