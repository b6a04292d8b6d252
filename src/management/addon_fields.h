// The addons of a client (contract §5.8, §9.6): what of them this server serves.
#pragma once
#include "management/schema.h"

namespace segue::management {

Field addons_field();

}  // namespace segue::management
