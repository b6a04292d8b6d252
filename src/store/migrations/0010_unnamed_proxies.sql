-- Peers in private networks that sent forwarding headers without being named in http.trusted_proxies: facts of the whole database,
-- for the operator. Never read by a request.
create table unnamed_proxies (
  address text primary key,
  header text not null,
  seen_at bigint not null
) /*clustered*/;
