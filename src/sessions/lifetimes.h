// How long a session lives (contract §6.4): tenant settings in hours, with the documented defaults.
#pragma once
#include "base/clock.h"
#include "model/directory.h"

namespace segue::sessions {

struct Lifetimes {
  base::Duration absolute = std::chrono::hours(168);
  base::Duration idle = std::chrono::hours(72);
};
Lifetimes lifetimes_of(const model::Tenant& tenant);

}  // namespace segue::sessions
