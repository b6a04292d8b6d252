-- One-time links that verify an e-mail address. They are worth nothing once the user's address is another. result_url: where whoever
-- used one is sent.
create table email_tickets (
  tenant_id bigint not null,
  email_ticket_id bigint not null,
  secret_hash bytea not null,
  user_id text not null,
  email_normalized text not null,
  client_id text not null,
  result_url text not null,
  tells_email boolean not null,
  created_at bigint not null,
  expires_at bigint not null,
  used_at bigint,
  primary key (tenant_id, email_ticket_id)
) /*clustered*/;
create index email_tickets_by_user on email_tickets (tenant_id, user_id);

-- Links that the Management API made: where they lead, and whether using one proves the address (a mailed one does).
alter table password_tickets add column result_url text not null default '';
alter table password_tickets add column tells_email boolean not null default false;
alter table password_tickets add column verifies_email boolean not null default true;
