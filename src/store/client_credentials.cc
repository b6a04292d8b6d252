#include "store/client_credentials.h"

#include "store/tenants.h"

namespace segue::store::client_credentials {
namespace {

constexpr sql::Statement kFind{"client_credentials.find", R"sql(
    select credential_id, client_id, name, kid, alg, pem, created_at, updated_at, expires_at from client_credentials
     where tenant_id = $1 and client_id = $2 and credential_id = $3)sql"};
constexpr sql::Statement kList{"client_credentials.list_of_client", R"sql(
    select credential_id, client_id, name, kid, alg, pem, created_at, updated_at, expires_at from client_credentials
     where tenant_id = $1 and client_id = $2 order by created_at, credential_id)sql"};
constexpr sql::Statement kInsert{"client_credentials.insert", R"sql(
    insert into client_credentials (tenant_id, client_id, credential_id, name, kid, alg, pem, created_at, updated_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (tenant_id, client_id, credential_id) do nothing)sql"};
constexpr sql::Statement kUpdateExpiry{"client_credentials.update_expiry", R"sql(
    update client_credentials set expires_at = $4, updated_at = $5
     where tenant_id = $1 and client_id = $2 and credential_id = $3)sql"};
constexpr sql::Statement kDelete{"client_credentials.delete", R"sql(
    delete from client_credentials where tenant_id = $1 and client_id = $2 and credential_id = $3)sql"};

model::ClientCredential read_credential(const sql::Row& row) {
  model::ClientCredential out;
  out.credential_id = row.string(0);
  out.client_id = row.string(1);
  out.name = row.string(2);
  out.kid = row.string(3);
  out.alg = row.string(4);
  out.pem = row.string(5);
  out.created_at = row.instant(6);
  out.updated_at = row.instant(7);
  out.expires_at = row.maybe_instant(8);
  return out;
}

// The configuration version rises with every change that took place.
bool changed(const Writer& w, std::int64_t rows) {
  if (rows == 1) tenants::bump_config_version(w);
  return rows == 1;
}

}  // namespace

std::optional<model::ClientCredential> find(const Reader& r, std::string_view client_id, std::string_view credential_id) {
  return r.connection.maybe_one(kFind, {r.tenant, client_id, credential_id}, read_credential);
}

std::vector<model::ClientCredential> list_of_client(const Reader& r, std::string_view client_id) {
  return r.connection.list(kList, {r.tenant, client_id}, read_credential);
}

bool insert(const Writer& w, const model::ClientCredential& c) {
  return changed(w, w.connection.execute(kInsert, {w.tenant, c.client_id, c.credential_id, c.name, c.kid, c.alg, c.pem,
                                                   c.created_at, c.updated_at, c.expires_at}));
}

bool update_expiry(const Writer& w, std::string_view client_id, std::string_view credential_id,
                   std::optional<base::Instant> expires_at, base::Instant now) {
  return changed(w, w.connection.execute(kUpdateExpiry, {w.tenant, client_id, credential_id, expires_at, now}));
}

bool delete_one(const Writer& w, std::string_view client_id, std::string_view credential_id) {
  return changed(w, w.connection.execute(kDelete, {w.tenant, client_id, credential_id}));
}

}  // namespace segue::store::client_credentials
