// A suspended authorization request as one of its pages finds it: by the handle in the page's address, opened by the browser that
// began it (design §3).
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/call.h"
#include "model/authorize.h"
#include "oauth/authorize/authorization_request.h"
#include "oauth/services.h"

namespace segue::oauth {

struct StoredRequest {
  model::AuthorizeTransaction transaction;
  AuthorizationRequest request;
  model::Digest secret_hash{};  // of the handle that it was found by
};

// The one that `state` names, whoever holds the page.
std::optional<StoredRequest> find_stored(const Services& services, const tenancy::Snapshot& tenant, std::string_view state);
// The same for its own browser, while it waits for `step`. Errors: "expired"; "invalid_request" in another
// browser.
base::Result<StoredRequest> open_stored(const Services& services, const tenancy::Snapshot& tenant, const http::Call& call,
                                        std::string_view state, std::string_view step, base::Instant now);
base::Error expired_request();

// The value that a page's form carries back: bound to the page, to the request and, through its hash, to the browser, and to
// what the page `shows`, so that nobody agrees to something else.
std::string page_signature(const tenancy::Snapshot& tenant, const model::AuthorizeTransaction& transaction, std::string_view page,
                           std::string_view shows = {});

// Registered lists and clients change: both are verified again whenever a stored request is used.
std::optional<ValidatedRequest> validated_again(const tenancy::Snapshot& tenant, const AuthorizationRequest& request,
                                                const store::Reader* r = nullptr);

}  // namespace segue::oauth
