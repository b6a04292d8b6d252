// Sign-outs whose browser stood still at a service provider and never came back (model/single_logout.h): what they have left is
// written to the tenant's log.
#pragma once
#include "base/clock.h"
#include "tenancy/tenants.h"

namespace segue::backchannel {

class UnfinishedWalks {
 public:
  UnfinishedWalks(tenancy::Tenants& tenants, const base::Clock& clock) : tenants_(tenants), clock_(clock) {}

  // Called each second; looks every ten.
  void run();

 private:
  tenancy::Tenants& tenants_;
  const base::Clock& clock_;
  base::Instant next_{};
};

}  // namespace segue::backchannel
