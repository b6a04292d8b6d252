// One turn of a stream: the rows that its receiver lacks, and what is recorded of how far it came. Shared by every kind of
// receiver.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "logstreams/payload.h"
#include "store/log_streams.h"
#include "tenancy/tenants.h"

namespace segue::logstreams {

inline constexpr base::Duration kFailsBeforeSuspension = std::chrono::days(7);  // contract §7.3
inline constexpr std::int64_t kFailuresThatCount = 3;                           // then its health is an error

struct Turn {
  base::TenantId tenant{};
  store::log_streams::Stream stream;
  base::Instant leased_until{};
  std::vector<base::RowId> late;       // ids of rows that committed late, gone ones among them
  std::vector<store::logs::Row> rows;  // what is to be delivered: late ones first
  std::size_t late_rows = 0;
  base::RowId scanned_to{};  // the stream is here once all rows are delivered
};

// Takes the stream, if it can be taken now.
std::optional<Turn> begin_turn(tenancy::Tenants& tenants, base::TenantId tenant, std::string_view id, base::Instant now);
// The first `delivered` rows arrived. `problem`: why the others did not; empty: they wait for the next turn.
void end_turn(tenancy::Tenants& tenants, const Turn& turn, std::size_t delivered, std::string_view problem, base::Instant now);

}  // namespace segue::logstreams
