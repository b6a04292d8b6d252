#include "backchannel/unfinished_walks.h"

#include "audit/untold.h"
#include "store/logout_walks.h"
#include "store/revocations.h"

namespace segue::backchannel {
namespace {

constexpr auto kLookForWalks = std::chrono::seconds(10);

std::vector<std::string> untold_of(const model::LogoutPlan& plan) {
  auto out = plan.untold;
  for (const auto& participant : plan.left) out.push_back(participant.client_id);
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
        auto untold = untold_of(walk.plan);
        if (untold.empty()) continue;
        audit::append(w,
                      audit::untold_event({.sid = walk.plan.sid,
                                           .user_id = walk.plan.user_id,
                                           .initiator = std::string(store::revocations::kRpLogout),
                                           .why = "The browser did not come back from a service provider.",
                                           .client_ids = std::move(untold)}),
                      now);
      }
      return true;
    });
  }
}

}  // namespace segue::backchannel
