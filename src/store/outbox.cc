#include "store/outbox.h"

#include <algorithm>

namespace segue::store::outbox {
namespace {

constexpr sql::Statement kInsert{"outbox.insert", R"sql(
    insert into outbox (tenant_id, outbox_id, kind, receiver, payload, transfer_id, attempts, next_attempt_at, created_at)
    values ($1, $2, 'backchannel_logout', $3, $4, $5, 0, $6, $6))sql"};
// One step of a walk over the index that visits each receiver once, however many messages wait for it.
constexpr sql::Statement kNextReceiver{"outbox.next_receiver", R"sql(
    select tenant_id, receiver, next_attempt_at from outbox where (tenant_id, receiver) > ($1, $2)
     order by tenant_id, receiver, next_attempt_at limit 1)sql"};
#define SEGUE_MESSAGE "outbox_id, receiver, payload, transfer_id, attempts, created_at"
#define SEGUE_TAKE(lock)                                                                                                     \
  "update outbox set next_attempt_at = $5, attempts = attempts + 1 where tenant_id = $1 and outbox_id in (select outbox_id " \
  "from outbox where tenant_id = $1 and receiver = $2 and next_attempt_at <= $4 order by next_attempt_at, outbox_id limit "  \
  "$3" lock ") returning " SEGUE_MESSAGE
constexpr sql::Statement kTake{"outbox.take", SEGUE_TAKE(""), SEGUE_TAKE(" for update skip locked")};
#undef SEGUE_TAKE
constexpr sql::Statement kRemove{"outbox.remove", "delete from outbox where tenant_id = $1 and outbox_id = $2"};
constexpr sql::Statement kPostpone{"outbox.postpone", R"sql(
    update outbox set next_attempt_at = $3 where tenant_id = $1 and outbox_id = $2)sql"};
constexpr sql::Statement kGiveBack{"outbox.give_back", R"sql(
    update outbox set next_attempt_at = $3, attempts = attempts - 1 where tenant_id = $1 and outbox_id = $2)sql"};
constexpr sql::Statement kListOlder{"outbox.list_older", "select " SEGUE_MESSAGE R"sql( from outbox
     where tenant_id = $1 and outbox_id < $2 and created_at < $3 order by outbox_id limit $4)sql"};
#undef SEGUE_MESSAGE
constexpr sql::Statement kBacklog{"outbox.backlog", "select count(*), min(created_at) from outbox"};

Message read_message(const sql::Row& row) {
  return {.outbox_id = row.row_id(0),
          .receiver = row.string(1),
          .payload = row.string(2),
          .transfer_id = row.string(3),
          .attempts = row.integer(4),
          .created_at = row.instant(5)};
}

}  // namespace

void insert(const Writer& w, std::string_view receiver, std::string_view payload, std::string_view transfer_id,
            base::Instant now) {
  w.connection.execute(kInsert, {w.tenant, w.ids.next(), receiver, payload, transfer_id, now});
}

std::optional<Receiver> next_receiver(sql::Connection& connection, const Receiver& after) {
  return connection.maybe_one(kNextReceiver, {after.tenant, after.receiver}, [](const sql::Row& row) {
    return Receiver{base::TenantId(row.integer(0)), row.string(1), row.instant(2)};
  });
}

std::vector<Message> take(const Writer& w, std::string_view receiver, std::int64_t most, base::Instant now, base::Instant until) {
  auto out = w.connection.list(kTake, {w.tenant, receiver, most, now, until}, read_message);
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.outbox_id < b.outbox_id; });
  return out;
}

void remove(const Writer& w, base::RowId outbox_id) { w.connection.execute(kRemove, {w.tenant, outbox_id}); }

void postpone(const Writer& w, base::RowId outbox_id, base::Instant at) {
  w.connection.execute(kPostpone, {w.tenant, outbox_id, at});
}

void give_back(const Writer& w, base::RowId outbox_id, base::Instant now) {
  w.connection.execute(kGiveBack, {w.tenant, outbox_id, now});
}

std::vector<Message> list_older(const Reader& r, base::Instant before, std::int64_t most) {
  return r.connection.list(kListOlder, {r.tenant, base::IdGenerator::first_at(before), before, most}, read_message);
}

Backlog backlog(sql::Connection& connection) {
  return connection.maybe_one(kBacklog, {},
                              [](const sql::Row& row) {
                                return Backlog{row.integer(0), row.maybe_instant(1)};
                              })
      .value_or(Backlog{});
}

}  // namespace segue::store::outbox
