// Pushed authorization requests (RFC 9126): one use, short life.
#pragma once
#include <optional>

#include "model/authorize.h"
#include "store/store.h"

namespace segue::store::pushed_requests {

void insert(const Writer& w, const model::PushedRequest& request, const model::Digest& secret_hash);
struct Found {
  model::PushedRequest request;
  model::Digest secret_hash{};
};
std::optional<Found> find(const Reader& r, base::RowId pushed_request_id);
// Exactly once, by the client that pushed it: false when it was consumed before or has expired.
bool consume(const Writer& w, base::RowId pushed_request_id, const model::Digest& secret_hash, std::string_view client_id,
             base::Instant now);

}  // namespace segue::store::pushed_requests
