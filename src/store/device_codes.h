// Device codes (RFC 8628): found by their own id, or by the hash of the code that the person types.
#pragma once
#include <optional>

#include "model/device_code.h"
#include "model/session_graph.h"
#include "store/store.h"

namespace segue::store::device_codes {

// False, and nothing written, when the user code is taken.
bool insert(const Writer& w, const model::DeviceCode& device, const model::Digest& secret_hash,
            const model::Digest& user_code_hash);

struct Found {
  model::DeviceCode device;
  model::Digest secret_hash{};
};
std::optional<Found> find(const Reader& r, base::RowId device_code_id);
std::optional<model::DeviceCode> find_by_user_code(const Reader& r, const model::Digest& user_code_hash);

// Each exactly once, from the states that it may follow; false when another came first or the code has expired.
bool approve(const Writer& w, base::RowId device_code_id, base::RowId authorization_code_id, base::Instant now);
bool deny(const Writer& w, base::RowId device_code_id, base::Instant now);
bool consume(const Writer& w, base::RowId device_code_id, const model::Digest& secret_hash, base::Instant now);
// Pending or approved → expired: the one poll that is told so.
bool expire(const Writer& w, base::RowId device_code_id);

// Counts a poll of a pending code. False when it came before the interval was over: from then on the interval is `step` longer,
// up to `longest` (RFC 8628 §3.5).
bool poll(const Writer& w, base::RowId device_code_id, std::int64_t step, std::int64_t longest, base::Instant now);

}  // namespace segue::store::device_codes
