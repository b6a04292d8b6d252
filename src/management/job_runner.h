// Does the jobs of the Management API, in small steps beside the requests. A step and what it leaves are one transaction: a node
// that dies in the middle loses none that was done, and another one goes on with the rest.
#pragma once
#include "base/clock.h"
#include "base/random.h"
#include "model/job.h"
#include "tenancy/tenants.h"

namespace segue::management {

class JobRunner {
 public:
  JobRunner(tenancy::Tenants& tenants, const base::Clock& clock, base::Random& random)
      : tenants_(tenants), clock_(clock), random_(random) {}

  // Works on one job for a while. False when none is due. From any number of threads and nodes.
  bool work();

 private:
  bool import_some(const tenancy::Snapshot& tenant, model::Job& job);
  bool export_some(const tenancy::Snapshot& tenant, model::Job& job);
  bool fail(model::Job& job, std::string_view why);

  tenancy::Tenants& tenants_;
  const base::Clock& clock_;
  base::Random& random_;
};

}  // namespace segue::management
