// What a sign-in turns into once its client redeems it, by a code or by a device: grant, refresh token family, tokens. Shared by
// the two grants.
#pragma once
#include <optional>
#include <string>

#include "audit/event.h"
#include "model/authorize.h"
#include "model/directory.h"
#include "oauth/new_family.h"
#include "oauth/permissions.h"
#include "oauth/token_endpoint.h"

namespace segue::oauth {

// The code is for an online refresh token (contract §4.7).
bool is_online(const model::AuthorizationCode& code);

// Whether the sign-in still stands: a code in flight is a descendant. Locks the user, the ancestors and the session.
enum class CodeStanding { good, session_over, user_gone, blocked };
struct CodeHolder {
  CodeStanding standing = CodeStanding::session_over;
  std::optional<model::User> user;
};
CodeHolder lock_holder(const store::Writer& w, const model::AuthorizationCode& code, base::Instant now);

// Everything random, made before the transaction.
struct PreparedTokens {
  base::RowId grant_id{};
  NewFamily family;
  std::string jti;
  Permitted permitted;  // what the user gets of what the code is for; known in the transaction
};
PreparedTokens prepare_tokens(const Services& services, const TokenRequest& request);

// Writes the grant and, where one is due, the family; tells the row about them. Returns the session's sid.
std::string grant_code(const store::Writer& w, const tenancy::Snapshot& tenant, const model::Client& client,
                       const model::AuthorizationCode& code, const model::User& user, PreparedTokens& prepared,
                       const model::RequestOrigin& origin, audit::Event& row, base::Instant now);

// The answer to the client. `gty` stays empty: the user signed in.
base::Result<http::Response> answer_with_tokens(const Services& services, const TokenRequest& request,
                                                const model::AuthorizationCode& code, const model::User& user,
                                                const std::string& sid, const PreparedTokens& prepared);

}  // namespace segue::oauth
