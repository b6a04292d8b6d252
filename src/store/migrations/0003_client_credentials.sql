-- Public keys of clients (contract §9.6): what they sign their assertions and requests with. Which of them count for what stands in
-- the client's document, by credential_id.
create table client_credentials (
  tenant_id bigint not null,
  client_id text not null,
  credential_id text not null,
  name text not null,
  kid text not null,
  alg text not null,
  pem text not null,
  created_at bigint not null,
  updated_at bigint not null,
  expires_at bigint,
  primary key (tenant_id, client_id, credential_id)
) /*clustered*/;
