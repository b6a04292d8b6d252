#include "tenancy/claim_once.h"

#include "base/bytes.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "store/one_time_identifiers.h"

namespace segue::tenancy {
namespace {

// A client_id has no line feed, so no two pairs give one text.
crypto::Sha256 hash_of(std::string_view client_id, std::string_view identifier) {
  return crypto::sha256(std::string(client_id) + '\n' + std::string(identifier));
}

}  // namespace

bool claim_once(const Snapshot& tenant, http::Call& call, std::string_view kind, std::string_view client_id,
                std::string_view identifier, base::Instant expires_at) {
  const auto hash = hash_of(client_id, identifier);
  auto mark = std::string(kind) + ' ' + base::hex(hash);
  if (base::contains(call.claimed, mark)) return true;
  const bool claimed = tenant.store().write(tenant.tenant().id, [&](const store::Writer& w) {
    require_current(w, tenant);
    return store::one_time_identifiers::claim(w, kind, hash, expires_at, call.received);
  });
  if (claimed) call.claimed.push_back(std::move(mark));
  return claimed;
}

bool claim_once(const store::Writer& w, std::string_view kind, std::string_view client_id, std::string_view identifier,
                base::Instant expires_at, base::Instant now) {
  return store::one_time_identifiers::claim(w, kind, hash_of(client_id, identifier), expires_at, now);
}

}  // namespace segue::tenancy
