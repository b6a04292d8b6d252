#include "backchannel/expiry_look.h"

#include <algorithm>

#include "store/revocations.h"
#include "store/session_clients.h"

namespace segue::backchannel {
namespace {

constexpr auto kInterval = std::chrono::seconds(10);
constexpr auto kPatience = std::chrono::seconds(10);  // a node whose clock is behind may still extend the session
constexpr std::int64_t kBatch = 200;
constexpr int kMostBatches = 16;  // the rest comes in the next second

}  // namespace

void ExpiryLook::run() {
  const auto now = clock_.now();
  if (now < next_) return;
  int batches = 0;
  for (const auto tenant : tenants_.list()) {
    while (look_at_some(tenant, now)) {
      if (++batches == kMostBatches) return;
    }
  }
  next_ = now + kInterval;
}

// False when there is nothing more to look at.
bool ExpiryLook::look_at_some(base::TenantId tenant, base::Instant now) {
  namespace clients = store::session_clients;
  const auto before = now - kPatience;
  const auto looks =
      tenants_.store().read(tenant, [&](const store::Reader& r) { return clients::list_looks(r, before, kBatch); });
  if (looks.empty()) return false;
  tenants_.store().write(tenant, [&](const store::Writer& w) {
    for (const auto& look : looks) {
      const auto end = std::min(look.expires_at, look.idle_expires_at);
      const bool over = look.revoked || end <= before;
      clients::set_look(w, look.session_id, look.client_id, over ? std::nullopt : std::optional(end));
      if (over && !look.revoked) store::revocations::insert_session(w, look.session_id, store::revocations::kSessionExpired, now);
    }
    return true;
  });
  return static_cast<std::int64_t>(looks.size()) == kBatch;
}

}  // namespace segue::backchannel
