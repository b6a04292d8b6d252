-- Invitations to organizations. What an accepted one gives stands in document: roles, app_metadata, user_metadata, the inviter.
create table invitations (
  tenant_id bigint not null,
  invitation_row_id bigint not null,
  invitation_id text not null,
  organization_id text not null,
  secret_hash bytea not null,
  email_normalized text not null,
  client_id text not null,
  connection_id text not null,
  document text not null,
  created_at bigint not null,
  expires_at bigint not null,
  used_at bigint,
  primary key (tenant_id, invitation_row_id)
) /*clustered*/;
create unique index invitations_by_id on invitations (tenant_id, organization_id, invitation_id);
