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
