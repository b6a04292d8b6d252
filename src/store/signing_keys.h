// A tenant's signing keys: of each algorithm one `current`, one `next`, and any number of `previous` ones (contract §5.2).
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace segue::store::signing_keys {

struct Row {
  std::string kid, alg, state, wrapped_private_key, certificate;
  base::Instant created_at{};
  std::optional<base::Instant> published_at;  // absent: no node ever ran without it
  std::optional<base::Instant> current_since, current_until, revoked_at;
};

std::vector<Row> list_usable(const Reader& r);  // not the revoked ones
std::vector<Row> list_all(const Reader& r);
std::optional<Row> find(const Reader& r, std::string_view kid);
void insert(const Writer& w, const Row& key);
// Rotates the keys of one algorithm: current becomes previous, next becomes current. True when there is a current one afterwards.
// The caller has raised the configuration version before, whose row keeps two rotations apart.
bool promote(const Writer& w, std::string_view alg, base::Instant now);
// Only a previous key that is not revoked yet. False: there is none.
bool revoke(const Writer& w, std::string_view kid, base::Instant now);

}  // namespace segue::store::signing_keys
