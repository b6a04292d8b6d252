// What the stages of the sign-in pipeline want of a sign-in that they let pass (contract §8.5). It commits with the sign-in, in
// its transaction, or not at all (design §3).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "audit/event.h"
#include "model/directory.h"
#include "model/session_graph.h"
#include "oauth/resource.h"
#include "store/store.h"

namespace segue::oauth {

// Of a session or a refresh token. Ends only come nearer (contract §4.5, §6.4).
struct RecordEffects {
  std::optional<base::Instant> expires_at, idle_expires_at;
  std::optional<json::object> metadata;  // the whole, as it shall be

  bool is_empty() const { return !expires_at && !idle_expires_at && !metadata; }
};

struct SignInEffects {
  json::object access_token_claims, id_token_claims;
  std::vector<std::string> added_scopes, removed_scopes;
  json::object user_metadata, app_metadata;  // changes by key; null removes
  RecordEffects session, refresh_token;
  std::vector<model::AuthenticationMethod> methods;  // that the person went through on another site
  json::object saml_response;                        // of a sign-in over SAML or WS-Federation: the setters' names and values
  std::optional<bool> persistent;                    // session: whether its cookie outlives the browser
  std::vector<std::string> executions;               // ids, for the log rows of the sign-in

  bool changes_user() const { return !user_metadata.empty() || !app_metadata.empty(); }
};
// As the stored request and the authorization code keep them: what is due at once, and what the tokens are made with later.
// Empty: nothing.
std::string to_text(const SignInEffects& effects);
SignInEffects sign_in_effects_from(std::string_view text);
// The part that waits for the exchange of the code.
std::string later_text(const SignInEffects& effects);

// Refresh tokens are for client and API to allow: a stage can take their scopes away, and not add them.
std::string with_scopes(const std::string& scope, const SignInEffects& effects);
GrantedResource with_scopes(GrantedResource resource, const SignInEffects& effects);

// Bring the ends nearer. True when the stage wanted a later one than there is: it is told in the log (contract §4.5).
bool shorten(model::Session& session, const RecordEffects& effects);
bool shorten(model::RefreshTokenFamily& family, const RecordEffects& effects);
// The `w` row of it, made of the sign-in's own row. `what`: "session", "refresh token".
audit::Event clamped_warning(audit::Event row, std::string_view what);

// Adds the recorded methods to those of the session; one that was recorded before moves to its new time.
void record_methods(model::Session& session, const SignInEffects& effects);

// In the value alone. False: nothing was to be changed.
bool change_metadata(model::User& user, const SignInEffects& effects);
// `user` was read in this transaction, locked for change. Keeps what it writes in `user`.
void change_user(const store::Writer& w, model::User& user, const SignInEffects& effects, base::Instant now);
// contract §7.1 `details.actions`
void describe(audit::Event& row, const SignInEffects& effects);

}  // namespace segue::oauth
