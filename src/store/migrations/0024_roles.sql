-- Roles and permissions (contract §9.11). A permission is a scope of an API, named by the API's identifier.
create table roles (
  tenant_id bigint not null,
  role_id text not null,
  name text not null,
  description text not null,
  created_at bigint not null,
  primary key (tenant_id, role_id)
) /*clustered*/;
create unique index roles_by_name on roles (tenant_id, name);

create table role_permissions (
  tenant_id bigint not null,
  role_id text not null,
  audience text not null,
  permission text not null,
  primary key (tenant_id, role_id, audience, permission)
) /*clustered*/;
create index role_permissions_by_api on role_permissions (tenant_id, audience, permission);

create table user_permissions (
  tenant_id bigint not null,
  user_id text not null,
  audience text not null,
  permission text not null,
  primary key (tenant_id, user_id, audience, permission)
) /*clustered*/;
create index user_permissions_by_api on user_permissions (tenant_id, audience, permission);

-- organization_id is empty where the user has the role in the whole tenant.
create table role_members (
  tenant_id bigint not null,
  user_id text not null,
  organization_id text not null,
  role_id text not null,
  created_at bigint not null,
  primary key (tenant_id, user_id, organization_id, role_id)
) /*clustered*/;
create index role_members_by_role on role_members (tenant_id, role_id, organization_id, user_id);
create index role_members_by_organization on role_members (tenant_id, organization_id, user_id, role_id);

-- Work that goes on behind the answer (contract §9.12 jobs). lease_until: when another node may take it up; null once it is over.
create table jobs (
  tenant_id bigint not null,
  job_id text not null,
  kind text not null,
  status text not null,
  document text not null,
  payload text not null,
  progress text not null,
  lease_until bigint,
  link_hash bytea,
  link_expires_at bigint,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (tenant_id, job_id)
);
create index jobs_by_lease on jobs (lease_until);
create index jobs_by_age on jobs (created_at);

-- What a job leaves, in order: the errors of an import, the pieces of an export.
create table job_results (
  tenant_id bigint not null,
  job_id text not null,
  position bigint not null,
  content text not null,
  primary key (tenant_id, job_id, position)
);
