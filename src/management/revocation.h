// Revoking what a client holds, as the Management API does it.
#pragma once
#include <string_view>

#include "store/store.h"

namespace segue::management {

// model::revocation_cascades() of the client as it stands in this transaction.
bool revocation_cascades_at(const store::Writer& w, std::string_view client_id);

}  // namespace segue::management
