#include "oauth/authorize/known_request.h"

#include "store/session_transfer_tokens.h"
#include "store/users.h"

namespace segue::oauth {

base::Result<KnownRequest> open_known(const Services& services, const tenancy::Snapshot& tenant, const http::Call& call,
                                      std::string_view state, std::string_view step, base::Instant now) {
  auto stored = TRY(open_stored(services, tenant, call, state, step, now));
  auto validated = validated_again(tenant, stored.request);
  auto evidence = sign_in_evidence_from(stored.transaction.evidence);
  if (!validated || !evidence) return expired_request();
  auto granted = grant_resource(tenant, *validated->client, call.domain, stored.request.audience, stored.request.scope,
                                AudienceError::authorize);
  struct Known {
    std::optional<model::User> user;
    std::string transfer_id;
  };
  auto known = services.tenants.store().read(call.tenant, [&](const store::Reader& r) {
    Known out{store::users::find(r, evidence->user_id), {}};
    if (const auto token = store::session_transfer_tokens::find(r, evidence->session_transfer_token_id))
      out.transfer_id = token->token.transfer_id;
    return out;
  });
  if (!known.user) return expired_request();
  return KnownRequest{std::move(stored),    std::move(*validated),  std::move(granted),
                      std::move(*evidence), std::move(*known.user), std::move(known.transfer_id)};
}

}  // namespace segue::oauth
