// Suspended authorization requests (design §3): found by the id in the page's URL, opened by the browser's binding cookie.
#pragma once
#include <optional>

#include "model/authorize.h"
#include "store/store.h"

namespace segue::store::authorize_transactions {

// `session_transfer_token_id` names the token that was spent for it; zero: none.
void insert(const Writer& w, const model::AuthorizeTransaction& transaction, const model::Digest& secret_hash,
            base::RowId session_transfer_token_id);
struct Found {
  model::AuthorizeTransaction transaction;
  model::Digest secret_hash{};
};
std::optional<Found> find(const Reader& r, base::RowId transaction_id);
// From one step to the next, with the evidence so far. False when it is not at `from` any more, was finished or has expired.
struct Move {
  std::string_view from, to, evidence;
};
bool await(const Writer& w, base::RowId transaction_id, const Move& move, base::Instant now);
// The same for a step on another site, which is told a handle of its own: the one before it opens nothing any more.
bool await_elsewhere(const Writer& w, base::RowId transaction_id, const Move& move, const model::Digest& secret_hash,
                     base::Instant now);
// From where it waits to `to`, by whoever holds the handle of that wait: exactly one does.
bool claim(const Writer& w, base::RowId transaction_id, const model::Digest& secret_hash, std::string_view from,
           std::string_view to, base::Instant now);
// Exactly once: false when it was finished before or has expired.
bool finish(const Writer& w, base::RowId transaction_id, base::Instant now);

}  // namespace segue::store::authorize_transactions
