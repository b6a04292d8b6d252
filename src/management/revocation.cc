#include "management/revocation.h"

#include "store/clients.h"

namespace segue::management {

bool revocation_cascades_at(const store::Writer& w, std::string_view client_id) {
  const auto client = store::clients::find(w, client_id);
  return model::revocation_cascades(client ? &*client : nullptr);
}

}  // namespace segue::management
