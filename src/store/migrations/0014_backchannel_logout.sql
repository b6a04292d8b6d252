-- What a revocation leaves to be done beside the requests: one row per root, written with its mark and gone when all that hung
-- below is marked and every relying party's message is queued. kind: 'session', 'family' or 'grant' (root_id), or 'user' (user_id).
create table revocations (
  tenant_id bigint not null,
  revocation_id bigint not null,
  kind text not null,
  root_id bigint not null,
  user_id text not null,
  initiator text not null,
  revoked_at bigint not null,
  next_attempt_at bigint not null,
  primary key (tenant_id, revocation_id)
) /*clustered*/;
create index revocations_by_time on revocations (next_attempt_at, tenant_id, revocation_id);

-- Where an outbox row goes: each receiver has a queue of its own, so that a dead one holds nobody else up.
alter table outbox add column receiver text not null default '';
alter table outbox add column transfer_id text not null default '';
drop index outbox_by_time;
create index outbox_by_receiver on outbox (tenant_id, receiver, next_attempt_at, outbox_id);

-- A relying party's login: the domain it signed in at when that is not the canonical one; when its logout was queued, which happens
-- once; and, for who wants to hear of expiry, when to look whether the session has expired.
alter table session_clients add column domain text not null default '';
alter table session_clients add column logout_queued_at bigint;
alter table session_clients add column look_at bigint;
create index session_clients_by_look on session_clients (tenant_id, look_at, session_id, client_id) where look_at is not null;

-- A session that the same user's next sign-in replaced in its browser: its relying parties are told when the successor ends.
alter table sessions add column replaced_by bigint;
create index sessions_by_replacement on sessions (tenant_id, replaced_by) where replaced_by is not null;
