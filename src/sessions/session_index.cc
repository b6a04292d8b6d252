#include "sessions/session_index.h"

#include "base/bytes.h"

namespace segue::sessions {

std::string session_index_of(const tenancy::TenantKeys& keys, base::RowId session_id, std::string_view client_id) {
  const auto input = "session_index|" + std::to_string(base::to_integer(session_id)) + "|" + std::string(client_id);
  return base::base64url(keys.derivation.mac(input));
}

}  // namespace segue::sessions
