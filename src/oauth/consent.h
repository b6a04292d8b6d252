// Whether a user must be asked, and was (contract §2.7).
#pragma once
#include <string>
#include <string_view>

#include "model/client.h"
#include "oauth/resource.h"
#include "store/store.h"
#include "tenancy/snapshot.h"

namespace segue::oauth {

// A consent has to stand before this client gets this. Third-party clients: always. First-party ones: for an API that does not
// skip consent, or when anybody's app could receive the callback; for the user's profile alone, never.
bool asks_consent(const model::Client& client, const GrantedResource& resource, std::string_view redirect_uri);

// Not localhost and not a custom scheme: only its owner can receive it.
bool is_verifiable_callback(std::string_view redirect_uri);

struct ConsentQuestion {
  const tenancy::Snapshot& tenant;
  std::string_view client_id, user_id;
  std::string_view audience;  // empty: for /userinfo only
  std::string_view scope;
};
// What the user has allowed covers every scope that is asked for.
bool consent_stands(const store::Reader& r, const ConsentQuestion& question);

// Where there is no page to ask on (the token endpoint): a third-party client gets only what its user has allowed it.
bool lacks_consent(const store::Reader& r, const model::Client& client, const ConsentQuestion& question);

// How the audience stands in a consent: a request without one is for the tenant's /userinfo.
std::string consent_audience(const tenancy::Snapshot& tenant, std::string_view audience);

}  // namespace segue::oauth
