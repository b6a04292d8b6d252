// Session transfer tokens: one use, 60 seconds (contract §1.6). Spent rows stay, so that reuse is recognised as reuse.
#pragma once
#include <optional>

#include "model/session_graph.h"
#include "store/store.h"

namespace segue::store::session_transfer_tokens {

void insert(const Writer& w, const model::SessionTransferToken& token, const model::Digest& secret_hash);

struct Found {
  model::SessionTransferToken token;
  model::Digest secret_hash{};
};
std::optional<Found> find(const Reader& r, base::RowId id);
// Exactly once: issued → consumed. False when it was consumed before or has expired.
bool consume(const Writer& w, base::RowId id, const model::Digest& secret_hash, std::string_view client_id, base::Instant now);
// Whether an administrator ended the handoff. True for a token that is not there: unknown denies (design §8.8).
bool is_revoked(const Reader& r, base::RowId id);

}  // namespace segue::store::session_transfer_tokens
