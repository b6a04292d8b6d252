// Log streams (contract §7.3), how far each has come, and who may take it next.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "store/logs.h"
#include "store/store.h"

namespace segue::store::log_streams {

// The operator's own stream: one in each tenant, not shown by the Management API.
inline constexpr std::string_view kOperator = "operator";

struct Stream {
  std::string log_stream_id, type;
  std::string status = "active";  // active, paused, suspended
  json::object document;          // without secrets
  std::string sealed_secrets;     // sealed JSON; empty: none
  base::RowId delivered_up_to{};
  base::Instant next_attempt_at{};
  std::int64_t failures = 0;  // in a row
  std::optional<base::Instant> failing_since;
  std::string last_problem;  // of the newest failure; stays until one succeeds
  std::optional<base::Instant> delivered_at;
  base::Instant created_at{};
};

// In order of creation, without the operator's.
std::vector<Stream> list(const Reader& r);
std::int64_t count(const Reader& r);
std::optional<Stream> find(const Reader& r, std::string_view id);
// The same for read-modify-write: locked until the commit.
std::optional<Stream> find_for_change(const Writer& w, std::string_view id);
// False when there is one of this id.
bool insert(const Writer& w, const Stream& stream);
// Its status, document and secrets. A change lets it be tried at once and begins a new count of failures.
bool update(const Writer& w, const Stream& stream, base::Instant now);
bool delete_one(const Writer& w, std::string_view id);

// Active ones that have rows to deliver and may be taken, in order of (tenant, id), for the whole database.
struct Due {
  base::TenantId tenant{};
  std::string log_stream_id;
};
std::vector<Due> list_due(sql::Connection& connection, base::Instant now);

// The stream, until `until` nobody else's. Nothing when somebody else has it, or it is not active.
std::optional<Stream> take(const Writer& w, std::string_view id, base::Instant now, base::Instant until);
// What follows is done by who holds it: false when `until` is not what the taking said, and nothing happened.
// Its receiver has every row up to this one. To be taken again at once.
bool deliver(const Writer& w, std::string_view id, base::Instant until, base::RowId up_to, base::Instant now);
// The receiver did not take the rows; to be tried at `at`.
bool fail(const Writer& w, std::string_view id, base::Instant until, std::string_view problem, base::Instant at,
          base::Instant now);
// The receiver failed for too long: only an administrator starts it again.
bool suspend(const Writer& w, std::string_view id, base::Instant until);

// Rows that committed behind the stream's back, oldest first. Rows that are no more are among the ids, not the rows.
struct Late {
  std::vector<base::RowId> ids;
  std::vector<logs::Row> rows;
};
Late list_late(const Reader& r, std::string_view id, int most);
void remove_late(const Writer& w, std::string_view id, const std::vector<base::RowId>& ids);

}  // namespace segue::store::log_streams
