#include "store/invitations.h"

#include "base/text.h"
#include "store/document.h"

namespace segue::store::invitations {
namespace {

#define SEGUE_COLUMNS                                                                                                \
  "select invitation_row_id, invitation_id, organization_id, email_normalized, client_id, connection_id, document, " \
  "created_at, expires_at, secret_hash from invitations "

constexpr sql::Statement kInsert{"invitations.insert", R"sql(
    insert into invitations (tenant_id, invitation_row_id, invitation_id, organization_id, secret_hash, email_normalized,
                             client_id, connection_id, document, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11))sql"};
constexpr sql::Statement kFind{
    "invitations.find", SEGUE_COLUMNS "where tenant_id = $1 and organization_id = $2 and invitation_id = $3 and used_at is null"};
#define SEGUE_OF_ORGANIZATION "where tenant_id = $1 and organization_id = $2 and used_at is null "
constexpr sql::Statement kOldestFirst{"invitations.list_oldest_first",
                                      SEGUE_COLUMNS SEGUE_OF_ORGANIZATION "order by invitation_row_id limit $3 offset $4"};
constexpr sql::Statement kNewestFirst{"invitations.list_newest_first",
                                      SEGUE_COLUMNS SEGUE_OF_ORGANIZATION "order by invitation_row_id desc limit $3 offset $4"};
constexpr sql::Statement kCount{"invitations.count", "select count(*) from invitations " SEGUE_OF_ORGANIZATION};
#define SEGUE_OPEN "where tenant_id = $1 and invitation_row_id = $2 and used_at is null and expires_at > $3"
constexpr sql::Statement kFindOpen{"invitations.find_open", SEGUE_COLUMNS SEGUE_OPEN};
constexpr sql::Statement kLockOpen{"invitations.lock_open", SEGUE_COLUMNS SEGUE_OPEN, SEGUE_COLUMNS SEGUE_OPEN " for update"};
constexpr sql::Statement kAccept{"invitations.accept", "update invitations set used_at = $3 " SEGUE_OPEN " and secret_hash = $4"};
constexpr sql::Statement kDelete{
    "invitations.delete",
    "delete from invitations where tenant_id = $1 and organization_id = $2 and invitation_id = $3 and used_at is null"};
constexpr sql::Statement kDeleteOfOrganization{"invitations.delete_of_organization",
                                               "delete from invitations where tenant_id = $1 and organization_id = $2"};
constexpr sql::Statement kDeleteOfClient{"invitations.delete_of_client",
                                         "delete from invitations where tenant_id = $1 and client_id = $2"};
#undef SEGUE_OPEN
#undef SEGUE_OF_ORGANIZATION
#undef SEGUE_COLUMNS

model::Invitation read_invitation(const sql::Row& row) {
  model::Invitation out;
  out.invitation_row_id = row.row_id(0);
  out.invitation_id = row.string(1);
  out.organization_id = row.string(2);
  out.email = row.string(3);
  out.client_id = row.string(4);
  out.connection_id = row.string(5);
  out.document = document_of(row.text(6));
  out.created_at = row.instant(7);
  out.expires_at = row.instant(8);
  return out;
}

Found read_found(const sql::Row& row) { return {read_invitation(row), row.digest(9)}; }

}  // namespace

void insert(const Writer& w, const model::Invitation& i, const model::Digest& secret_hash) {
  w.connection.execute(
      kInsert, {w.tenant, i.invitation_row_id, i.invitation_id, i.organization_id, secret_hash, base::ascii_lower(i.email),
                i.client_id, i.connection_id, json::write(i.document), i.created_at, i.expires_at});
}

std::optional<model::Invitation> find(const Reader& r, std::string_view organization_id, std::string_view invitation_id) {
  return r.connection.maybe_one(kFind, {r.tenant, organization_id, invitation_id}, read_invitation);
}

std::vector<model::Invitation> list_page(const Reader& r, std::string_view organization_id, bool newest_first,
                                         const Offset& offset) {
  return r.connection.list(newest_first ? kNewestFirst : kOldestFirst,
                           {r.tenant, organization_id, offset.per_page, std::int64_t{offset.page} * offset.per_page},
                           read_invitation);
}

std::int64_t count(const Reader& r, std::string_view organization_id) {
  return r.connection.maybe_one(kCount, {r.tenant, organization_id}, [](const sql::Row& row) { return row.integer(0); })
      .value_or(0);
}

std::optional<Found> find_open(const Reader& r, base::RowId invitation_row_id, base::Instant now) {
  return r.connection.maybe_one(kFindOpen, {r.tenant, invitation_row_id, now}, read_found);
}

std::optional<Found> lock_open(const Writer& w, base::RowId invitation_row_id, base::Instant now) {
  return w.connection.maybe_one(kLockOpen, {w.tenant, invitation_row_id, now}, read_found);
}

bool accept(const Writer& w, base::RowId invitation_row_id, const model::Digest& secret_hash, base::Instant now) {
  return w.connection.execute(kAccept, {w.tenant, invitation_row_id, now, secret_hash}) == 1;
}

bool delete_one(const Writer& w, std::string_view organization_id, std::string_view invitation_id) {
  return w.connection.execute(kDelete, {w.tenant, organization_id, invitation_id}) == 1;
}

void delete_of_organization(const Writer& w, std::string_view organization_id) {
  w.connection.execute(kDeleteOfOrganization, {w.tenant, organization_id});
}

void delete_of_client(const Writer& w, std::string_view client_id) {
  w.connection.execute(kDeleteOfClient, {w.tenant, client_id});
}

}  // namespace segue::store::invitations
