-- Settings of a tenant that are one JSON document each: branding, pages, mail, attack protection. kind: what it is; name: which one of
-- them, '' where there is one only. sealed: its secrets, under the key file.
create table settings_documents (
  tenant_id bigint not null,
  kind text not null,
  name text not null,
  document text not null,
  sealed bytea not null,
  updated_at bigint not null,
  primary key (tenant_id, kind, name)
) /*clustered*/;
