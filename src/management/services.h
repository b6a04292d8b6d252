// What every operation of the Management API works with.
#pragma once
#include "base/clock.h"
#include "base/random.h"
#include "tenancy/key_file.h"
#include "tenancy/tenants.h"

namespace segue::management {

struct Services {
  tenancy::Tenants& tenants;
  const tenancy::KeyFile& key_file;
  const base::Clock& clock;
  base::Random& random;
};

}  // namespace segue::management
