#include "backchannel/unfinished_walks.h"

#include "audit/untold.h"
#include "store/logout_walks.h"
#include "store/revocations.h"

namespace segue::backchannel {
namespace {

constexpr auto kLookForWalks = std::chrono::seconds(10);

// Whoever began it and waits for its answer is among them.
audit::Untold untold_of(const model::LogoutPlan& plan) {
  audit::Untold out{.sid = plan.sid,
                    .user_id = plan.user_id,
                    .initiator = std::string(store::revocations::kRpLogout),
                    .why = "The browser did not come back from a service provider.",
                    .client_ids = plan.untold};
  for (const auto& participant : plan.left) out.client_ids.push_back(participant.client_id);
  if (!plan.end.client_id.empty()) out.client_ids.push_back(plan.end.client_id);
  out.is_wsfed = out.client_ids.empty();
  for (const auto& participant : plan.images) out.client_ids.push_back(participant.client_id);
  return out;
}

}  // namespace

void UnfinishedWalks::run() {
  namespace walks = store::logout_walks;
  const auto now = clock_.now();
  if (now < next_) return;
  next_ = now + kLookForWalks;
  for (const auto tenant : tenants_.list()) {
    if (!tenants_.store().read(tenant, [&](const store::Reader& r) { return walks::has_expired(r, now); })) continue;
    tenants_.store().write(tenant, [&](const store::Writer& w) {
      for (const auto& walk : walks::end_expired(w, now)) {
        const auto untold = untold_of(walk.plan);
        if (!untold.client_ids.empty()) audit::append(w, audit::untold_event(untold), now);
      }
      return true;
    });
  }
}

}  // namespace segue::backchannel
