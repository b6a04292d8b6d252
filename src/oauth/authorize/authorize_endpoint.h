// GET and POST /authorize: from a request to a code, a prompt or an error (contract §2, docs/life_of_a_request.md).
#pragma once
#include <map>
#include <string>

#include "base/result.h"
#include "http/call.h"
#include "interaction/authorization_flow.h"
#include "oauth/authorize/action_redirect.h"
#include "oauth/authorize/continue_sign_in.h"
#include "oauth/authorize/decide.h"
#include "oauth/authorize/known_request.h"
#include "oauth/authorize/suspended_request.h"
#include "oauth/services.h"

namespace segue::oauth {

class AuthorizeEndpoint final : public interaction::AuthorizationFlow {
 public:
  explicit AuthorizeEndpoint(const Services& services) : services_(services) {}

  base::Result<http::Response> respond(http::Call& call);

  // The login page's side (login_continuation.cc).
  base::Result<interaction::PendingLogin> pending(const http::Call& call, std::string_view state) override;
  base::Result<http::Response> complete(const http::Call& call, const interaction::PendingLogin& pending,
                                        const model::User& user) override;
  std::string initiate_login_uri(const http::Call& call, std::string_view state) override;

  // The consent page's side (consent_step.cc).
  base::Result<interaction::PendingConsent> pending_consent(const http::Call& call, std::string_view state) override;
  base::Result<http::Response> answer_consent(const http::Call& call, const interaction::PendingConsent& pending,
                                              bool allowed) override;

  // Another protocol's side (foreign_sign_in.cc). `protocol` outlives the first request.
  void speak(std::string_view name, interaction::ForeignProtocol& protocol) {
    protocols_.insert_or_assign(std::string(name), &protocol);
  }
  http::Response begin_foreign(http::Call& call, const std::shared_ptr<const tenancy::Snapshot>& tenant,
                               interaction::ForeignRequest asked) override;

  // Back from another site (action_redirect.cc).
  base::Result<http::Response> resume(const http::Call& call);

  // A request that is valid, from here on: what the browser brings, the decision, the answer. Runs in on_current().
  http::Response begin(const http::Call& call, const std::shared_ptr<const tenancy::Snapshot>& tenant, ValidatedRequest validated,
                       const PresentedRequest& presented);

 private:
  base::Result<http::Response> respond_on(http::Call& call, const std::shared_ptr<const tenancy::Snapshot>& tenant);
  // Runs the stages outside any transaction, then opens the session if nothing ended meanwhile.
  http::Response run_pipeline(const AuthorizeAttempt& attempt, const Decision& decision);
  void log_ignored_transfer(const AuthorizeAttempt& attempt) const;
  // The answer that carries what was opened: a code, or an ID token.
  http::Response answer(const SignInContext& context, const OpenedSession& opened, const model::User& user) const;
  // True when an Action will run and the thread must not wait for it: the request goes on in another lane, before any effect.
  bool moves(const http::Call& call, const tenancy::Snapshot& tenant) const;
  // The pipeline wants the person to do something elsewhere first (action_redirect.cc).
  http::Response send_away(const SuspendedRequest& suspended, std::string_view at, SignInEvidence evidence,
                           SignInResult result) const;
  http::Response post_again(const http::Call& call, const tenancy::Snapshot& tenant, const ContinueRequest& request) const;
  http::Response resume_known(const http::Call& call, const tenancy::Snapshot& tenant, const ContinueRequest& request,
                              const KnownRequest& known);
  static http::Response to_step(std::string_view path, std::string_view state);
  // Ends a request whose person is known: writes the f or fsa row and tells the application (or the person).
  http::Response end_with(const SuspendedRequest& suspended, base::Error error, const SignInEffects& effects = {}) const;
  // The same for one whose invitation is over, or another person's, with its fi row.
  http::Response end_uninvited(const SuspendedRequest& suspended, const SignInEffects& effects = {}) const;
  // Tells the application (or the person) and writes the f or fsa row.
  http::Response refuse(const http::Call& call, const tenancy::Snapshot& tenant, const model::Client* client,
                        AuthorizeFailure failure, std::string_view log_type) const;
  // The same for a request that is valid, in its protocol.
  http::Response refuse(const http::Call& call, const tenancy::Snapshot& tenant, const ValidatedRequest& validated,
                        base::Error error, std::string_view log_type) const;
  http::Response tell(const http::Call& call, const tenancy::Snapshot& tenant, const ValidatedRequest& validated,
                      base::Error error) const;
  // Null: OpenID Connect.
  interaction::ForeignProtocol* protocol_of(const AuthorizationRequest& request) const;

  Services services_;
  std::map<std::string, interaction::ForeignProtocol*, std::less<>> protocols_;
};

}  // namespace segue::oauth
