-- What a user allowed a client to do at an API (contract §2.7; the wire calls them grants). Asked for once: one row per key.
create table user_consents (
  tenant_id bigint not null,
  user_id text not null,
  client_id text not null,
  audience text not null,
  consent_id text not null,
  scope text not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (tenant_id, user_id, client_id, audience)
) /*clustered*/;
create unique index user_consents_by_id on user_consents (tenant_id, consent_id);

-- A request that waits for a step after the person is known: which step, and the evidence of the sign-in so far (JSON).
alter table authorize_transactions add column step text not null default '';
alter table authorize_transactions add column evidence text not null default '';
