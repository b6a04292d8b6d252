// Which API one exchange of a refresh token is for, and with which scopes (contract §4.2; §4.6 for the client's policies).
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/client.h"
#include "model/session_graph.h"
#include "store/store.h"
#include "tenancy/snapshot.h"

namespace segue::oauth {

struct RefreshQuestion {
  const tenancy::Snapshot& tenant;
  const model::Client& client;
  const model::RefreshTokenFamily& family;
  const model::Session* session;            // of an online refresh token; null of any other
  std::string_view audience;                // as requested; empty: the family's own
  const std::optional<std::string>& scope;  // as requested; absent: all that is allowed
};

struct RefreshResource {
  enum class Answer {
    granted,
    unlisted,         // not the family's audience, and no policy that counts names it
    consent_missing,  // a policy names it, and the user would have to be asked
  } answer = Answer::unlisted;
  std::string audience;                       // one API; empty: for /userinfo only
  std::string scope;                          // space-separated
  std::vector<std::string> permissions = {};  // of the user there (oauth/permissions.h)
  bool policy_counted = false;                // some of it is there by a policy
};

// In the transaction that grants it: policies, APIs and consents are those of that moment.
RefreshResource refresh_resource(const store::Reader& r, const RefreshQuestion& question);

// `scope` may narrow what is there; more is ignored silently (contract §4.2).
std::string narrowed(const std::string& held, const std::optional<std::string>& wanted);

}  // namespace segue::oauth
