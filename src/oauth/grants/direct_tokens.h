// What a sign-in at the token endpoint itself turns into: grant, refresh token family, tokens. Shared by the grants that sign a
// user in there, without a browser: password and token exchange.
#pragma once
#include <string>
#include <vector>

#include "audit/event.h"
#include "oauth/new_family.h"
#include "oauth/permissions.h"
#include "oauth/resource.h"
#include "oauth/sign_in_effects.h"
#include "oauth/token_endpoint.h"

namespace segue::oauth {

struct DirectSignIn {
  std::string user_id, connection_id, organization_id;
  GrantedResource resource;  // with what the pipeline changed
  std::vector<model::AuthenticationMethod> methods;
  std::string gty;
  json::object actor = {};  // RFC 8693 §4.1; empty: none
  model::RequestOrigin origin;
};

// Everything random, made before the transaction.
struct DirectTokens {
  model::Grant grant;
  NewFamily made;
  std::string jti;
  Permitted permitted;   // what the user gets of what was asked for; known in the transaction
  bool clamped = false;  // an Action wanted a later end
};
DirectTokens prepare_direct_tokens(const Services& services, const TokenRequest& request, const DirectSignIn& sign_in,
                                   const SignInEffects& effects);

// Writes the grant, the family where one is due, the sign-in itself and its row, with the scope that the user gets. The user is
// locked, and may sign in.
void store_direct_tokens(const store::Writer& w, const TokenRequest& request, const DirectSignIn& sign_in, DirectTokens& tokens,
                         base::Instant password_epoch, const SignInEffects& effects, audit::Event row);

// The answer to the client. `issued_token_type`: RFC 8693 §2.2.1, or empty.
base::Result<http::Response> answer_with_direct_tokens(const Services& services, const TokenRequest& request,
                                                       const DirectSignIn& sign_in, const model::User& user,
                                                       const DirectTokens& tokens, const SignInEffects& effects,
                                                       std::string_view issued_token_type = {});

}  // namespace segue::oauth
