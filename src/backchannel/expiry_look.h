// Finds sessions that have expired, for relying parties that want to hear of it (contract §5.3, session-expired). When to look
// stands beside the relying party's login and is not moved when the session is used: a look that comes too early sets the next
// one.
#pragma once
#include "base/clock.h"
#include "tenancy/tenants.h"

namespace segue::backchannel {

class ExpiryLook {
 public:
  ExpiryLook(tenancy::Tenants& tenants, const base::Clock& clock) : tenants_(tenants), clock_(clock) {}

  // Called each second; looks every ten.
  void run();

 private:
  bool look_at_some(base::TenantId tenant, base::Instant now);

  tenancy::Tenants& tenants_;
  const base::Clock& clock_;
  base::Instant next_{};
};

}  // namespace segue::backchannel
