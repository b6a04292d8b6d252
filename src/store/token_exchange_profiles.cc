#include "store/token_exchange_profiles.h"

#include "store/tenants.h"

namespace segue::store::token_exchange_profiles {
namespace {

#define SEGUE_PROFILE                                                                                                  \
  "select profile_id, name, subject_token_type, action_id, type, created_at, updated_at from token_exchange_profiles " \
  "where tenant_id = $1 and "
constexpr sql::Statement kFind{"token_exchange_profiles.find", SEGUE_PROFILE "profile_id = $2"};
constexpr sql::Statement kFindByType{"token_exchange_profiles.find_by_type", SEGUE_PROFILE "subject_token_type = $2"};
constexpr sql::Statement kListAfter{"token_exchange_profiles.list_after",
                                    SEGUE_PROFILE "profile_id > $2 order by profile_id limit $3"};
constexpr sql::Statement kListOfAction{"token_exchange_profiles.list_of_action",
                                       SEGUE_PROFILE "action_id = $2 order by profile_id"};
#undef SEGUE_PROFILE
constexpr sql::Statement kCount{"token_exchange_profiles.count",
                                "select count(*) from token_exchange_profiles where tenant_id = $1"};
constexpr sql::Statement kInsert{"token_exchange_profiles.insert", R"sql(
    insert into token_exchange_profiles (tenant_id, profile_id, name, subject_token_type, action_id, type, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing)sql"};
constexpr sql::Statement kTaken{"token_exchange_profiles.taken", R"sql(
    select 1 from token_exchange_profiles where tenant_id = $1 and profile_id <> $2 and subject_token_type = $3)sql"};
constexpr sql::Statement kUpdate{"token_exchange_profiles.update", R"sql(
    update token_exchange_profiles set name = $3, subject_token_type = $4, updated_at = $5
     where tenant_id = $1 and profile_id = $2)sql"};
constexpr sql::Statement kDelete{"token_exchange_profiles.delete",
                                 "delete from token_exchange_profiles where tenant_id = $1 and profile_id = $2"};
constexpr sql::Statement kDeleteOfAction{"token_exchange_profiles.delete_of_action",
                                         "delete from token_exchange_profiles where tenant_id = $1 and action_id = $2"};

model::TokenExchangeProfile read_profile(const sql::Row& row) {
  return {row.string(0), row.string(1), row.string(2), row.string(3), row.string(4), row.instant(5), row.instant(6)};
}

}  // namespace

std::optional<model::TokenExchangeProfile> find(const Reader& r, std::string_view profile_id) {
  return r.connection.maybe_one(kFind, {r.tenant, profile_id}, read_profile);
}

std::optional<model::TokenExchangeProfile> find_by_type(const Reader& r, std::string_view subject_token_type) {
  return r.connection.maybe_one(kFindByType, {r.tenant, subject_token_type}, read_profile);
}

std::vector<model::TokenExchangeProfile> list_after(const Reader& r, const Keyset& keyset) {
  return r.connection.list(kListAfter, {r.tenant, keyset.after, keyset.take}, read_profile);
}

std::vector<model::TokenExchangeProfile> list_of_action(const Reader& r, std::string_view action_id) {
  return r.connection.list(kListOfAction, {r.tenant, action_id}, read_profile);
}

std::int64_t count(const Reader& r) {
  return *r.connection.maybe_one(kCount, {r.tenant}, [](const sql::Row& row) { return row.integer(0); });
}

Written insert(const Writer& w, const model::TokenExchangeProfile& p) {
  if (w.connection.execute(
          kInsert, {w.tenant, p.profile_id, p.name, p.subject_token_type, p.action_id, p.type, p.created_at, p.updated_at}) == 0)
    return Written::taken;
  tenants::bump_config_version(w);
  return Written::done;
}

Written update(const Writer& w, const model::TokenExchangeProfile& p) {
  if (w.connection.maybe_one(kTaken, {w.tenant, p.profile_id, p.subject_token_type}, [](const sql::Row&) { return true; }))
    return Written::taken;
  if (w.connection.execute(kUpdate, {w.tenant, p.profile_id, p.name, p.subject_token_type, p.updated_at}) == 0)
    return Written::missing;
  tenants::bump_config_version(w);
  return Written::done;
}

bool delete_one(const Writer& w, std::string_view profile_id) {
  const bool deleted = w.connection.execute(kDelete, {w.tenant, profile_id}) == 1;
  if (deleted) tenants::bump_config_version(w);
  return deleted;
}

std::int64_t delete_of_action(const Writer& w, std::string_view action_id) {
  const auto deleted = w.connection.execute(kDeleteOfAction, {w.tenant, action_id});
  if (deleted > 0) tenants::bump_config_version(w);
  return deleted;
}

}  // namespace segue::store::token_exchange_profiles
