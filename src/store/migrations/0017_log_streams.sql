-- Where the tenant's log goes besides its own API. document: the stream as the Management API shows it, but for the secrets of its
-- receiver, which are sealed. The stream of the operator (log.stream) is a row of type 'operator', which the API does not show.
-- delivered_up_to: the newest log row that its receiver has, late rows aside. next_attempt_at: when somebody may take it next.
create table log_streams (
  tenant_id bigint not null,
  log_stream_id text not null,
  type text not null,
  status text not null,
  document text not null,
  sealed_secrets bytea not null,
  delivered_up_to bigint not null,
  next_attempt_at bigint not null,
  failures bigint not null,
  failing_since bigint,
  last_problem text not null,
  delivered_at bigint,
  created_at bigint not null,
  primary key (tenant_id, log_stream_id)
) /*clustered*/;

-- Log rows that committed after streams had gone past their ids (PostgreSQL): written by the indexer that finds them.
create table late_log_rows (
  tenant_id bigint not null,
  log_stream_id text not null,
  log_row_id bigint not null,
  primary key (tenant_id, log_stream_id, log_row_id)
) /*clustered*/;
