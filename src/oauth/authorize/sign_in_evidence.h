// How the person of a suspended request is known, and what they have done since: stored with the request, never taken from a
// parameter (design §3). It holds references; what they name is asked again when the request continues.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "json/value.h"
#include "oauth/sign_in_effects.h"

namespace segue::oauth {

struct SignInEvidence {
  enum class How { password, session, transfer } how = How::password;
  std::string user_id;
  base::Instant password_epoch{};           // the user's, when they were identified
  base::Instant at{};                       // when they were identified for this request
  std::string connection_id;                // how = password: where the password was checked
  base::RowId session_id{};                 // how = session
  base::RowId session_transfer_token_id{};  // how = transfer: the token that was spent for this request
  json::object transfer_compared;           // how = transfer: what its evaluation compared, for the log
  std::vector<std::string> done;            // names of the steps that are done (steps.h)
  SignInEffects effects;                    // what the pipeline that has run wants of the sign-in
  std::string sid;                          // of the session that it was told of, so that it stays that one; empty: none
  json::object suspended;                   // where the pipeline goes on after another site (sign_in_pipeline.h)
};
// Whom the person identified as is linked to this user (sign_in_pipeline.h `primary`).
void go_on_as(SignInEvidence& evidence, const model::User& user);
std::string to_text(const SignInEvidence& evidence);
std::optional<SignInEvidence> sign_in_evidence_from(std::string_view text);

}  // namespace segue::oauth
