#include "store/action_secrets.h"

#include "store/document.h"

namespace segue::store::action_secrets {
namespace {

constexpr sql::Statement kInsert{"action_secrets.insert", R"sql(
    insert into action_secrets (tenant_id, secret_id, owner_id, sealed) values ($1, $2, $3, $4))sql"};
constexpr sql::Statement kList{"action_secrets.list_of_owner",
                               "select secret_id, sealed from action_secrets where tenant_id = $1 and owner_id = $2"};
constexpr sql::Statement kKeepOnly{"action_secrets.keep_only", R"sql(
    delete from action_secrets
     where tenant_id = $1 and owner_id = $2 and replace($3, $4 || secret_id || $4, '') = $3)sql"};

}  // namespace

void insert(const Writer& w, std::string_view owner_id, const model::ActionSecret& secret) {
  w.connection.execute(kInsert, {w.tenant, secret.secret_id, owner_id, base::as_bytes(secret.sealed)});
}

std::map<std::string, std::string> list_of_owner(const Reader& r, std::string_view owner_id) {
  std::map<std::string, std::string> out;
  r.connection.run(kList, std::initializer_list<sql::Param>{r.tenant, owner_id},
                   [&](const sql::Row& row) { out.emplace(row.string(0), std::string(row.bytes(1))); });
  return out;
}

std::vector<model::ActionSecret> with_values(const Reader& r, std::string_view owner_id,
                                             std::vector<model::ActionSecret> secrets) {
  if (secrets.empty()) return secrets;
  auto values = list_of_owner(r, owner_id);
  for (auto& secret : secrets) {
    if (secret.sealed.empty()) secret.sealed = values[secret.secret_id];
  }
  std::erase_if(secrets, [](const auto& secret) { return secret.sealed.empty(); });
  return secrets;
}

std::int64_t keep_only(const Writer& w, std::string_view owner_id, const std::vector<std::string>& secret_ids) {
  return w.connection.execute(kKeepOnly, {w.tenant, owner_id, list_parameter(secret_ids), kListSeparator});
}

}  // namespace segue::store::action_secrets
