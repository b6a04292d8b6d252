-- Organizations (contract §9.11): configuration, but for their members.
create table organizations (
  tenant_id bigint not null,
  organization_id text not null,
  name text not null,
  document text not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (tenant_id, organization_id)
) /*clustered*/;
create unique index organizations_by_name on organizations (tenant_id, name);

create table organization_connections (
  tenant_id bigint not null,
  organization_id text not null,
  connection_id text not null,
  assign_membership_on_login boolean not null,
  show_as_button boolean not null,
  is_signup_enabled boolean not null,
  primary key (tenant_id, organization_id, connection_id)
) /*clustered*/;

create table organization_members (
  tenant_id bigint not null,
  organization_id text not null,
  user_id text not null,
  created_at bigint not null,
  primary key (tenant_id, organization_id, user_id)
) /*clustered*/;
create index organization_members_by_user on organization_members (tenant_id, user_id, organization_id);
