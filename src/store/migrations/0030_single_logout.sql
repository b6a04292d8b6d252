-- What a service provider of SAML or WS-Federation calls the person and the session, for its logout. protocol: '' (OpenID Connect),
-- 'samlp' or 'wsfed'. led_at: when a browser set out to tell it of the session's end, or nobody could; once.
alter table session_clients add column protocol text not null default '';
alter table session_clients add column name_id text not null default '';
alter table session_clients add column name_id_format text not null default '';
alter table session_clients add column session_index text not null default '';
alter table session_clients add column consumer_url text not null default '';
alter table session_clients add column led_at bigint;
create index session_clients_by_index on session_clients (tenant_id, session_index) where session_index <> '';

-- A browser on its way through the service providers of the sessions that ended in it. secret_hash: of the handle that travels
-- with it as RelayState; browser_hash: of the browser's cookie. awaited: the ID of the LogoutRequest whose answer comes next. Each
-- step is one conditional update on `step`. plan: who is left and where it ends, as JSON.
create table logout_walks (
  tenant_id bigint not null,
  logout_walk_id bigint not null,
  secret_hash bytea not null,
  browser_hash bytea not null,
  step bigint not null,
  awaited text not null,
  plan text not null,
  created_at bigint not null,
  expires_at bigint not null,
  finished_at bigint,
  primary key (tenant_id, logout_walk_id)
) /*clustered*/;
create index logout_walks_by_browser on logout_walks (tenant_id, browser_hash) where finished_at is null;
create index logout_walks_by_end on logout_walks (tenant_id, expires_at) where finished_at is null;
