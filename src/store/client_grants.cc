#include "store/client_grants.h"

#include "store/document.h"
#include "store/tenants.h"

namespace segue::store::client_grants {
namespace {

constexpr sql::Statement kFind{"client_grants.find", R"sql(
    select client_grant_id, document, created_at from client_grants where tenant_id = $1 and client_grant_id = $2)sql"};
// See clients.find_for_change.
constexpr sql::Statement kFindForChange{"client_grants.find_for_change", R"sql(
    update client_grants set created_at = created_at where tenant_id = $1 and client_grant_id = $2
 returning client_grant_id, document, created_at)sql"};
constexpr sql::Statement kFindPair{"client_grants.find_pair", R"sql(
    select client_grant_id, document, created_at from client_grants
     where tenant_id = $1 and client_id = $2 and audience = $3 and subject_type = $4)sql"};
constexpr sql::Statement kListAfter{"client_grants.list_after", R"sql(
    select client_grant_id, document, created_at from client_grants
     where tenant_id = $1 and client_grant_id > $2
       and ($3 = '' or client_id = $3) and ($4 = '' or audience = $4) and ($5 = '' or subject_type = $5)
     order by client_grant_id limit $6)sql"};
constexpr sql::Statement kListPage{"client_grants.list_page", R"sql(
    select client_grant_id, document, created_at from client_grants
     where tenant_id = $1
       and ($2 = '' or client_id = $2) and ($3 = '' or audience = $3) and ($4 = '' or subject_type = $4)
     order by created_at, client_grant_id limit $5 offset $6)sql"};
constexpr sql::Statement kCount{"client_grants.count", R"sql(
    select count(*) from client_grants
     where tenant_id = $1
       and ($2 = '' or client_id = $2) and ($3 = '' or audience = $3) and ($4 = '' or subject_type = $4))sql"};
constexpr sql::Statement kInsert{"client_grants.insert", R"sql(
    insert into client_grants (tenant_id, client_grant_id, client_id, audience, subject_type, document, created_at)
    values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing)sql"};
// Whom and what a grant is for never changes.
constexpr sql::Statement kUpdate{"client_grants.update", R"sql(
    update client_grants set document = $3 where tenant_id = $1 and client_grant_id = $2)sql"};
constexpr sql::Statement kDelete{"client_grants.delete", R"sql(
    delete from client_grants where tenant_id = $1 and client_grant_id = $2)sql"};

model::ClientGrant read_client_grant(const sql::Row& row) {
  auto out = model::client_grant_from_document(row.string(0), document_of(row.text(1)));
  out.created_at = row.instant(2);
  return out;
}

}  // namespace

std::optional<model::ClientGrant> find(const Reader& r, std::string_view client_grant_id) {
  return r.connection.maybe_one(kFind, {r.tenant, client_grant_id}, read_client_grant);
}

std::optional<model::ClientGrant> find_for_change(const Writer& w, std::string_view client_grant_id) {
  return w.connection.maybe_one(kFindForChange, {w.tenant, client_grant_id}, read_client_grant);
}

std::optional<model::ClientGrant> find_pair(const Reader& r, std::string_view client_id, std::string_view audience,
                                            std::string_view subject_type) {
  return r.connection.maybe_one(kFindPair, {r.tenant, client_id, audience, subject_type}, read_client_grant);
}

std::vector<model::ClientGrant> list_after(const Reader& r, const Filter& filter, const Keyset& keyset) {
  return r.connection.list(kListAfter,
                           {r.tenant, keyset.after, filter.client_id, filter.audience, filter.subject_type, keyset.take},
                           read_client_grant);
}

std::vector<model::ClientGrant> list_page(const Reader& r, const Filter& filter, const Offset& offset) {
  return r.connection.list(kListPage,
                           {r.tenant, filter.client_id, filter.audience, filter.subject_type, offset.per_page,
                            std::int64_t{offset.page} * offset.per_page},
                           read_client_grant);
}

std::int64_t count(const Reader& r, const Filter& filter) {
  return *r.connection.maybe_one(kCount, {r.tenant, filter.client_id, filter.audience, filter.subject_type},
                                 [](const sql::Row& row) { return row.integer(0); });
}

bool insert(const Writer& w, const model::ClientGrant& client_grant) {
  const bool inserted = w.connection.execute(kInsert, {w.tenant, client_grant.client_grant_id, client_grant.client_id,
                                                       client_grant.audience, client_grant.subject_type,
                                                       json::write(client_grant.document), client_grant.created_at}) == 1;
  if (inserted) tenants::bump_config_version(w);
  return inserted;
}

bool update(const Writer& w, const model::ClientGrant& client_grant) {
  const bool updated =
      w.connection.execute(kUpdate, {w.tenant, client_grant.client_grant_id, json::write(client_grant.document)}) == 1;
  if (updated) tenants::bump_config_version(w);
  return updated;
}

bool delete_one(const Writer& w, std::string_view client_grant_id) {
  const bool deleted = w.connection.execute(kDelete, {w.tenant, client_grant_id}) == 1;
  if (deleted) tenants::bump_config_version(w);
  return deleted;
}

}  // namespace segue::store::client_grants
