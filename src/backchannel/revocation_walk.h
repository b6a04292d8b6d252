// Carries out in small steps what a revocation leaves to be done (store/revocations.h): marks what hung below its root, and
// queues a message for every relying party that wants to hear of it. A step that was done is not done again, so a walk that was
// cut off begins anew and finds the rest.
#pragma once
#include "backchannel/told.h"
#include "base/clock.h"
#include "store/revocations.h"
#include "tenancy/tenants.h"

namespace segue::backchannel {

class RevocationWalk {
 public:
  RevocationWalk(tenancy::Tenants& tenants, const base::Clock& clock, base::Random& random)
      : tenants_(tenants), clock_(clock), random_(random) {}

  // One root, all the way down. False when none is due. Several nodes, and several threads, may do this at once.
  bool walk_one();

 private:
  struct Walk;

  tenancy::Tenants& tenants_;
  const base::Clock& clock_;
  base::Random& random_;
};

}  // namespace segue::backchannel
