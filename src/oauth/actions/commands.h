// What the commands of a post-login trigger's Actions come to (contract §8.5). Pure.
#pragma once
#include <map>
#include <optional>
#include <string>

#include "actions/invocation.h"
#include "oauth/sign_in_pipeline.h"

namespace segue::oauth {

struct PostLoginFacts {
  SignInEffects before;                                   // of the Actions that ran before a redirect
  json::object transaction_metadata;                      // the same
  bool continues = false;                                 // the first result is of an Action that goes on after its redirect
  json::object session_metadata, refresh_token_metadata;  // as they stand
  bool has_session = false, exchanges_refresh_token = false;
  bool can_redirect = false;
  bool makes_saml_response = false;  // SAML or WS-Federation
  base::Instant now{};
};

struct PostLoginOutcome {
  std::optional<SignInRefusal> refusal;
  SignInEffects effects;
  bool revokes_session = false, keeps_refresh_tokens = false, revokes_refresh_token = false;
  std::optional<std::string> redirect_url;
  json::object transaction_metadata;
  std::optional<std::string> primary_user_id;
};
PostLoginOutcome post_login_outcome(const std::vector<actions::ActionResult>& results, const PostLoginFacts& facts);

// contract §4.5. The text says what is wrong; nothing: it may be stored.
std::optional<std::string> metadata_problem(const json::object& metadata);

// Of a command; empty where there is none.
std::string text_argument(const json::array& arguments, std::size_t i);
// The same for what people, applications and logs are told: one line (RFC 6749 §4.1.2.1 lets an error_description hold no
// controls).
std::string told_argument(const json::array& arguments, std::size_t i);

}  // namespace segue::oauth
