#include "management/revocation.h"

#include "management/errors.h"
#include "store/clients.h"
#include "store/refresh_tokens.h"

namespace segue::management {

bool revocation_cascades_at(const store::Writer& w, std::string_view client_id) {
  const auto client = store::clients::find(w, client_id);
  return model::revocation_cascades(client ? &*client : nullptr);
}

std::optional<model::RefreshTokenFamily> revoke_refresh_token(const store::Writer& w, std::string_view public_id,
                                                              base::Instant now) {
  namespace rts = store::refresh_tokens;
  auto found = rts::find_shown(w, public_id, now);
  if (!found || !rts::revoke_family(w, found->family.family_id, revocation_cascades_at(w, found->family.client_id), now))
    return std::nullopt;
  return std::move(found->family);
}

base::Error online_refresh_token(base::Origin origin) {
  return not_supported(
      "API doesn't support Online Refresh Tokens. To revoke an Online Refresh Token, use the Sessions API: POST "
      "/api/v2/sessions/{session_id}/revoke",
      origin);
}

}  // namespace segue::management
