#include "store/user_consents.h"

#include "base/text.h"

namespace segue::store::user_consents {
namespace {

#define SEGUE_CONSENT \
  "select consent_id, user_id, client_id, audience, scope, created_at, updated_at from user_consents where tenant_id = $1"
constexpr sql::Statement kFind{"user_consents.find", SEGUE_CONSENT " and consent_id = $2"};
constexpr sql::Statement kFindFor{"user_consents.find_for",
                                  SEGUE_CONSENT " and user_id = $2 and client_id = $3 and audience = $4"};
constexpr sql::Statement kListPage{"user_consents.list_page", SEGUE_CONSENT
                                   " and ($2 = '' or user_id = $2) and ($3 = '' or client_id = $3) and ($4 = '' or audience = $4)"
                                   " order by user_id, client_id, audience limit $5 offset $6"};
#undef SEGUE_CONSENT
constexpr sql::Statement kCount{"user_consents.count", R"sql(
    select count(*) from user_consents
     where tenant_id = $1 and ($2 = '' or user_id = $2) and ($3 = '' or client_id = $3) and ($4 = '' or audience = $4))sql"};
constexpr sql::Statement kInsert{"user_consents.insert", R"sql(
    insert into user_consents (tenant_id, user_id, client_id, audience, consent_id, scope, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $7) on conflict (tenant_id, user_id, client_id, audience) do nothing)sql"};
// An update that changes the time only: it waits for whoever writes the row, and tells what stands then.
constexpr sql::Statement kTouch{"user_consents.touch", R"sql(
    update user_consents set updated_at = $5 where tenant_id = $1 and user_id = $2 and client_id = $3 and audience = $4
 returning scope)sql"};
constexpr sql::Statement kSetScope{"user_consents.set_scope", R"sql(
    update user_consents set scope = $5 where tenant_id = $1 and user_id = $2 and client_id = $3 and audience = $4)sql"};
constexpr sql::Statement kDelete{"user_consents.delete", "delete from user_consents where tenant_id = $1 and consent_id = $2"};
constexpr sql::Statement kDeleteOfUser{"user_consents.delete_of_user",
                                       "delete from user_consents where tenant_id = $1 and user_id = $2"};
constexpr sql::Statement kDeleteOfClient{"user_consents.delete_of_client",
                                         "delete from user_consents where tenant_id = $1 and client_id = $2"};
constexpr sql::Statement kDeleteOfApi{"user_consents.delete_of_api",
                                      "delete from user_consents where tenant_id = $1 and audience = $2"};

model::UserConsent read_consent(const sql::Row& row) {
  return {.consent_id = row.string(0),
          .user_id = row.string(1),
          .client_id = row.string(2),
          .audience = row.string(3),
          .scope = row.string(4),
          .created_at = row.instant(5),
          .updated_at = row.instant(6)};
}

}  // namespace

std::optional<model::UserConsent> find(const Reader& r, std::string_view consent_id) {
  return r.connection.maybe_one(kFind, {r.tenant, consent_id}, read_consent);
}

std::optional<model::UserConsent> find_for(const Reader& r, std::string_view user_id, std::string_view client_id,
                                           std::string_view audience) {
  return r.connection.maybe_one(kFindFor, {r.tenant, user_id, client_id, audience}, read_consent);
}

void record(const Writer& w, const model::UserConsent& c) {
  const auto inserted =
      w.connection.execute(kInsert, {w.tenant, c.user_id, c.client_id, c.audience, c.consent_id, c.scope, c.created_at});
  if (inserted == 1) return;
  const auto standing = w.connection.maybe_one(kTouch, {w.tenant, c.user_id, c.client_id, c.audience, c.updated_at},
                                               [](const sql::Row& row) { return row.string(0); });
  auto scopes = base::split(standing.value_or(""), ' ');
  for (auto& scope : base::split(c.scope, ' ')) {
    if (!base::contains(scopes, scope)) scopes.push_back(std::move(scope));
  }
  w.connection.execute(kSetScope, {w.tenant, c.user_id, c.client_id, c.audience, base::join(scopes, " ")});
}

std::vector<model::UserConsent> list_page(const Reader& r, const Filter& f, const Offset& offset) {
  return r.connection.list(
      kListPage, {r.tenant, f.user_id, f.client_id, f.audience, offset.per_page, std::int64_t{offset.page} * offset.per_page},
      read_consent);
}

std::int64_t count(const Reader& r, const Filter& f) {
  return *r.connection.maybe_one(kCount, {r.tenant, f.user_id, f.client_id, f.audience},
                                 [](const sql::Row& row) { return row.integer(0); });
}

bool delete_one(const Writer& w, std::string_view consent_id) {
  return w.connection.execute(kDelete, {w.tenant, consent_id}) == 1;
}

void delete_of_user(const Writer& w, std::string_view user_id) { w.connection.execute(kDeleteOfUser, {w.tenant, user_id}); }

void delete_of_client(const Writer& w, std::string_view client_id) {
  w.connection.execute(kDeleteOfClient, {w.tenant, client_id});
}

void delete_of_api(const Writer& w, std::string_view audience) { w.connection.execute(kDeleteOfApi, {w.tenant, audience}); }

}  // namespace segue::store::user_consents
