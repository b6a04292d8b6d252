// The one way from a known person to an answer after an interruption: the pipeline, the login page, a step's page. Everything
// that may have ended or been restricted meanwhile is asked again, in the transaction that opens the session (design §3).
#pragma once
#include <optional>

#include "oauth/authorize/open_session.h"
#include "oauth/authorize/sign_in_evidence.h"
#include "oauth/authorize/steps.h"
#include "store/invitations.h"

namespace segue::oauth {

struct InterruptedSignIn {
  const SignInContext& context;  // on a snapshot that is current in this transaction
  const SignInEvidence& evidence;
  const std::optional<tenancy::PresentedHandle>& cookie;  // the session's; proves nothing yet
  base::RowId transaction_id{};
  std::string_view at;  // the step that the stored request waits for; empty: none yet
};

struct ContinuedSignIn {
  enum class Ending {
    opened,           // `opened` and `user` are set
    waits,            // `step` is set: the stored request waits for it, or has ended where no page may be shown
    over,             // what identified the person holds no more
    blocked,          // the user is
    not_a_member,     // of the organization that the request is for
    another_person,   // than the request of another protocol names
    not_invited,      // the invitation is over, or another person's
    finished_before,  // the stored request was answered, has moved on, or has expired
  } ending = Ending::over;
  std::optional<OpenedSession> opened;
  std::optional<model::User> user;
  const Step* step = nullptr;
};
// What the evidence names, as it stands now. `basis` points into it.
struct StandingSignIn {
  StandingSignIn() = default;
  StandingSignIn(const StandingSignIn&) = delete;
  StandingSignIn& operator=(const StandingSignIn&) = delete;

  std::optional<model::SessionTransferToken> token;
  SignInBasis basis;
  bool joins_organization = false;  // by a connection that gives membership
  std::optional<store::invitations::Found> invitation;
  std::optional<model::User> user;
};
// Whether it still holds: `opened`, or why not. Locks what it holds by until the commit.
ContinuedSignIn::Ending recheck(const store::Writer& w, const InterruptedSignIn& interrupted, StandingSignIn& standing);

ContinuedSignIn continue_sign_in(const store::Writer& w, const InterruptedSignIn& interrupted);

}  // namespace segue::oauth
