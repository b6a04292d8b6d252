// What becomes of an authorization request: the decision in the transaction that spends the token, and the check after the
// pipeline.
#pragma once
#include <optional>

#include "oauth/authorize/attempt.h"
#include "oauth/authorize/continue_sign_in.h"
#include "oauth/authorize/spend_transfer.h"

namespace segue::oauth {

struct Decision {
  enum class Next {
    issue,         // opened is set: answer with the code or the ID token
    run_pipeline,  // user is set; what was spent stands in the stored transaction
    wait,          // step is set: the stored transaction waits for its page
    prompt,        // the stored transaction waits for the login page
    refuse,        // prompt=none and no sign-in, or a step that needs a page; or another person than the one asked for
    used_before,   // another request was decided with this request_uri: a page
  } next = Next::prompt;
  std::optional<SpentTransfer> transfer;   // set when the request carried one
  std::optional<model::Session> existing;  // live, in this browser
  std::optional<model::User> user;
  SignInEvidence evidence;                 // how the user is known
  std::optional<model::Session> expected;  // run_pipeline: the session that will be opened or goes on
  const Step* step = nullptr;
  std::optional<OpenedSession> opened;
  bool another_person = false;  // refuse: the token is not of the person whom the request names
  bool session_ended = false;   // another user's, by a token that is good in every other way

  const model::SessionTransferToken* token() const { return transfer && transfer->token ? &*transfer->token : nullptr; }
};

// In one transaction on a snapshot that is current inside it. Writes the `w` row of a token that was found and refused.
Decision decide(const store::Writer& w, const AuthorizeAttempt& attempt, bool pipeline_is_empty);

// After the pipeline: everything that may have ended or been restricted meanwhile is asked again.
ContinuedSignIn continue_after_pipeline(const store::Writer& w, const tenancy::Snapshot& current, const AuthorizeAttempt& attempt,
                                        const SignInEvidence& evidence);

// The `w` row of a refused token.
audit::Event transfer_warning(const http::Call& call, const model::Client& client, TransferReason reason);

}  // namespace segue::oauth
