#include "tenancy/claim_once.h"

#include "base/bytes.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "store/one_time_identifiers.h"

namespace segue::tenancy {

bool claim_once(const Snapshot& tenant, http::Call& call, std::string_view kind, std::string_view client_id,
                std::string_view identifier, base::Instant expires_at) {
  // A client_id has no line feed, so no two pairs give one text.
  const auto hash = crypto::sha256(std::string(client_id) + '\n' + std::string(identifier));
  auto mark = std::string(kind) + ' ' + base::hex(hash);
  if (base::contains(call.claimed, mark)) return true;
  const bool claimed = tenant.store().write(tenant.tenant().id, [&](const store::Writer& w) {
    require_current(w, tenant);
    return store::one_time_identifiers::claim(w, kind, hash, expires_at, call.received);
  });
  if (claimed) call.claimed.push_back(std::move(mark));
  return claimed;
}

}  // namespace segue::tenancy
