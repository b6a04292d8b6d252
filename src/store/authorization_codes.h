// Authorization codes (RFC 6749 §4.1.2): one use, short life.
#pragma once
#include <optional>

#include "model/authorize.h"
#include "store/store.h"

namespace segue::store::authorization_codes {

void insert(const Writer& w, const model::AuthorizationCode& code, const model::Digest& secret_hash);
struct Found {
  model::AuthorizationCode code;
  model::Digest secret_hash{};
  model::OneTimeState state = model::OneTimeState::issued;
  base::RowId grant_id{};  // what it produced, once consumed; zero: nothing
};
std::optional<Found> find(const Reader& r, base::RowId authorization_code_id);
// Exactly once: issued → consumed, naming the grant it produces (zero: it failed a check and produces nothing).
bool consume(const Writer& w, base::RowId authorization_code_id, const model::Digest& secret_hash, base::RowId grant_id,
             base::Instant now);

}  // namespace segue::store::authorization_codes
