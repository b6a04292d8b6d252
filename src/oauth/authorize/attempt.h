// One authorization request as it stands before anything is decided: what was asked, what the browser brings, and everything
// random that the decision may need, made before its transaction.
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "http/call.h"
#include "oauth/authorize/authorization_request.h"
#include "oauth/authorize/browser_binding.h"
#include "oauth/authorize/open_session.h"
#include "oauth/authorize/presented_request.h"
#include "oauth/authorize/transfer_presentation.h"
#include "oauth/resource.h"
#include "oauth/services.h"
#include "tenancy/handles.h"

namespace segue::oauth {

struct AuthorizeAttempt {
  const http::Call& call;
  std::shared_ptr<const tenancy::Snapshot> tenant;
  ValidatedRequest validated;
  GrantedResource resource;
  bool organization_allowed = true;  // the client may use what the request asks for
  base::Instant now;
  model::RequestOrigin origin;
  bool has_asn_database = false;
  std::optional<tenancy::PresentedHandle> cookie;  // the session's; proves nothing yet
  std::optional<PushedReference> pushed;           // the request stands behind a request_uri, consumed by the decision
  TransferPresentation presentation;
  std::vector<tenancy::PresentedHandle> transfer_handles;  // the well-formed ones, in the order of their ids
  std::size_t transfers = 0;                               // distinct values presented; more than one is a conflict
  BrowserBinding binding;
  tenancy::NewHandle transaction;
  PreparedSignIn prepared;
  const interaction::ForeignProtocol* protocol = nullptr;  // null: OpenID Connect

  const AuthorizationRequest& request() const { return validated.request; }
  const model::Client& client() const { return *validated.client; }
  bool carries_transfer() const { return transfers > 0; }
  SignInContext context() const { return context(*tenant, validated); }
  SignInContext context(const tenancy::Snapshot& on, const ValidatedRequest& rechecked) const {
    return {.call = call,
            .tenant = on,
            .validated = rechecked,
            .resource = resource,
            .prepared = prepared,
            .origin = origin,
            .now = now,
            .protocol = protocol};
  }
};

AuthorizeAttempt gather_attempt(const Services& services, const http::Call& call,
                                const std::shared_ptr<const tenancy::Snapshot>& tenant, ValidatedRequest validated,
                                GrantedResource resource, const PresentedRequest& presented);

}  // namespace segue::oauth
