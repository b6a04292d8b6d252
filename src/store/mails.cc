#include "store/mails.h"

namespace segue::store::mails {
namespace {

constexpr sql::Statement kInsert{"mails.insert", R"sql(
    insert into mails (tenant_id, mail_id, sealed, attempts, next_attempt_at, created_at, expires_at)
    values ($1, $2, $3, 0, $4, $4, $5))sql"};
constexpr sql::Statement kListTenantsDue{"mails.list_tenants_due",
                                         "select distinct tenant_id from mails where next_attempt_at <= $1"};
#define SEGUE_TAKE(lock)                                                                                               \
  "update mails set next_attempt_at = $3, attempts = attempts + 1 where tenant_id = $1 and mail_id = (select mail_id " \
  "from mails where tenant_id = $1 and next_attempt_at <= $2 order by next_attempt_at, mail_id limit 1" lock           \
  ") returning mail_id, sealed, attempts, created_at, expires_at"
// Two workers that ask at once get two mails.
constexpr sql::Statement kTake{"mails.take", SEGUE_TAKE(""), SEGUE_TAKE(" for update skip locked")};
#undef SEGUE_TAKE
constexpr sql::Statement kPostpone{"mails.postpone",
                                   "update mails set next_attempt_at = $3 where tenant_id = $1 and mail_id = $2"};
constexpr sql::Statement kRemove{"mails.remove", "delete from mails where tenant_id = $1 and mail_id = $2"};

}  // namespace

void insert(const Writer& w, const Mail& mail) {
  w.connection.execute(kInsert, {w.tenant, mail.mail_id, base::as_bytes(mail.sealed), mail.created_at, mail.expires_at});
}

std::vector<base::TenantId> list_tenants_due(sql::Connection& connection, base::Instant now) {
  return connection.list(kListTenantsDue, {now}, [](const sql::Row& row) { return base::TenantId(row.integer(0)); });
}

std::optional<Mail> take(const Writer& w, base::Instant now, base::Instant until) {
  return w.connection.maybe_one(kTake, {w.tenant, now, until}, [](const sql::Row& row) {
    return Mail{.mail_id = row.row_id(0),
                .sealed = std::string(row.bytes(1)),
                .attempts = row.integer(2),
                .created_at = row.instant(3),
                .expires_at = row.instant(4)};
  });
}

void postpone(const Writer& w, base::RowId mail_id, base::Instant at) {
  w.connection.execute(kPostpone, {w.tenant, mail_id, at});
}

void remove(const Writer& w, base::RowId mail_id) { w.connection.execute(kRemove, {w.tenant, mail_id}); }

}  // namespace segue::store::mails
