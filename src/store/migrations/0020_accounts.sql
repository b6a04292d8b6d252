-- What Actions have to hear of after it was committed (post-user-registration, post-change-password): the event, until it was run.
create table deferred_runs (
  tenant_id bigint not null,
  deferred_run_id bigint not null,
  trigger_id text not null,
  event text not null,
  log_row text not null,
  attempts bigint not null,
  next_attempt_at bigint not null,
  created_at bigint not null,
  primary key (tenant_id, deferred_run_id)
) /*clustered*/;
create index deferred_runs_by_time on deferred_runs (next_attempt_at, tenant_id, deferred_run_id);

-- Mails that have not been handed over yet. Whole and sealed under the key file: a mail holds a link that opens something.
create table mails (
  tenant_id bigint not null,
  mail_id bigint not null,
  sealed bytea not null,
  attempts bigint not null,
  next_attempt_at bigint not null,
  created_at bigint not null,
  expires_at bigint not null,
  primary key (tenant_id, mail_id)
) /*clustered*/;
create index mails_by_time on mails (next_attempt_at, tenant_id, mail_id);

-- One-time links to set a new password. They are worth nothing once the user's password or e-mail address is another.
create table password_tickets (
  tenant_id bigint not null,
  password_ticket_id bigint not null,
  secret_hash bytea not null,
  user_id text not null,
  email_normalized text not null,
  password_epoch bigint not null,
  client_id text not null,
  created_at bigint not null,
  expires_at bigint not null,
  used_at bigint,
  primary key (tenant_id, password_ticket_id)
) /*clustered*/;
create index password_tickets_by_user on password_tickets (tenant_id, user_id);
