#include "oauth/authorize/decide.h"

#include "oauth/authorize/existing_session.h"
#include "oauth/authorize/foreign_sign_in.h"
#include "oauth/authorize/stored_request.h"
#include "oauth/origin.h"
#include "oauth/permissions.h"
#include "sessions/live_session.h"
#include "store/authorize_transactions.h"
#include "store/pushed_requests.h"
#include "store/sessions.h"
#include "store/users.h"

namespace segue::oauth {
namespace {

constexpr auto kTransactionLifetime = std::chrono::hours(1);

// The request as it waits for the login page, a step's page, or the transaction that follows the pipeline; with the evidence of
// what was spent for it.
void suspend(const store::Writer& w, const AuthorizeAttempt& a, const Decision& decision) {
  model::AuthorizeTransaction transaction;
  transaction.transaction_id = a.transaction.id;
  transaction.binding_hash = a.binding.hash();
  transaction.client_id = a.request().client_id;
  transaction.request = json::write(to_json(a.request()));
  transaction.forces_login = decision.next == Decision::Next::prompt;
  if (decision.step != nullptr) transaction.step = decision.step->name;
  if (decision.user) transaction.evidence = to_text(decision.evidence);
  transaction.created_at = a.now;
  transaction.expires_at = a.now + kTransactionLifetime;
  const auto* token = decision.token();
  store::authorize_transactions::insert(w, transaction, a.transaction.secret_hash,
                                        token != nullptr ? token->session_transfer_token_id : base::RowId{});
}

// One request_uri, one decision (RFC 9126 §4), whatever the decision is. Before all else, so that who loses the race spends
// nothing.
bool consume_pushed(const store::Writer& w, const AuthorizeAttempt& a) {
  return store::pushed_requests::consume(w, a.pushed->handle.id, a.pushed->handle.secret_hash, a.request().client_id, a.now);
}

// Spends what was presented. A token that is found and refused leaves its row, and may end another user's session.
void spend(const store::Writer& w, const AuthorizeAttempt& a, Decision& decision) {
  decision.transfer =
      spend_transfer(w, *a.tenant,
                     {.handles = a.transfer_handles,
                      .conflicting = a.transfers > 1,
                      .request = a.validated,
                      .organization_allowed = a.organization_allowed,
                      .origin = a.origin,
                      .session_user_id = decision.existing ? std::optional(decision.existing->user_id) : std::nullopt,
                      .now = a.now});
  const auto reason = decision.transfer->reason;
  if (reason == TransferReason::accepted) return;
  // The one exception to "a refusal leaves nothing": a good token of another user ends the session it meets (design §3).
  if (reason == TransferReason::user_mismatch)
    decision.session_ended = store::sessions::revoke(w, decision.existing->session_id, a.now);
  if (const auto* token = decision.token()) {
    auto row = transfer_warning(a.call, a.client(), reason);
    row.user_id = token->user_id;
    set_connection(row, a.tenant->connection(token->connection_id, &w).get());
    row.audience = a.request().audience;
    row.scope = a.request().scope;
    row.transfer_id = token->transfer_id;
    row.details[kTransferChecks] = decision.transfer->compared;
    describe_protocol(row, a.request());
    if (reason == TransferReason::asn_unknown && !a.has_asn_database)
      row.details["hint"] = "The server has no database of autonomous systems: geoip.asn is not set.";
    audit::append(w, row, a.now);
  }
}

// Of somebody else than the one whom the request names, it answers as little as none.
bool holds_for_person(const store::Writer& w, const AuthorizeAttempt& a, const model::Session& session) {
  if (a.protocol == nullptr) return true;
  const auto user = store::users::find(w, session.user_id);
  return user && admits(w, a.context(), *user);
}

// How the user is known, if they are.
SignInBasis basis_of(const store::Writer& w, const AuthorizeAttempt& a, const Decision& decision) {
  SignInBasis basis{.existing = decision.existing};
  if (a.carries_transfer()) {
    // A refused token forces a prompt even beside a good session (contract §1.8).
    if (decision.transfer->reason == TransferReason::accepted) {
      basis.transfer = decision.token();
      basis.transfer_expires_at = decision.transfer->parent_expires_at;
      basis.transfer_compared = &decision.transfer->compared;
    }
  } else if (decision.existing && session_suffices(w, *a.tenant, a.validated, *decision.existing, a.now) &&
             holds_for_person(w, a, *decision.existing)) {
    basis.session = &*decision.existing;
  }
  return basis;
}

SignInEvidence evidence_of(const AuthorizeAttempt& a, const SignInBasis& basis, const model::User& user) {
  SignInEvidence out{
      .how = SignInEvidence::How::session, .user_id = user.user_id, .password_epoch = user.password_epoch, .at = a.now};
  if (basis.transfer != nullptr) {
    out.how = SignInEvidence::How::transfer;
    out.transfer_compared = *basis.transfer_compared;
    out.session_transfer_token_id = basis.transfer->session_transfer_token_id;
  } else {
    out.session_id = basis.session->session_id;
  }
  return out;
}

}  // namespace

audit::Event transfer_warning(const http::Call& call, const model::Client& client, TransferReason reason) {
  auto row = event_of(call, "w", &client);
  row.description = warning_of(reason);
  row.details["reason"] = to_text(reason);
  return row;
}

Decision decide(const store::Writer& w, const AuthorizeAttempt& a, bool pipeline_is_empty) {
  Decision out;
  if (a.pushed && !consume_pushed(w, a)) {
    out.next = Decision::Next::used_before;
    return out;
  }
  if (a.cookie) out.existing = sessions::lock_usable(w, a.tenant->tenant(), *a.cookie, a.now);
  if (a.carries_transfer()) spend(w, a, out);
  const auto basis = basis_of(w, a, out);

  if (basis.transfer == nullptr && basis.session == nullptr) {
    out.next = a.request().prompt_none ? Decision::Next::refuse : Decision::Next::prompt;
    if (out.next == Decision::Next::prompt) suspend(w, a, out);
    return out;
  }
  out.user = store::users::find(w, basis.transfer != nullptr ? basis.transfer->user_id : basis.session->user_id);
  if (!out.user) throw base::Bug("a locked user disappeared");
  if (!admits(w, a.context(), *out.user)) {
    out.next = Decision::Next::refuse;
    out.another_person = true;
    return out;
  }
  out.evidence = evidence_of(a, basis, *out.user);
  if (!pipeline_is_empty) {
    out.next = Decision::Next::run_pipeline;
    out.expected = expected_session(a.context(), basis, *out.user);
    suspend(w, a, out);
    return out;
  }
  const auto resource = permitted(w, *a.tenant, a.client(), a.resource, out.user->user_id, a.request().organization);
  out.step = next_step(w, {.tenant = *a.tenant, .validated = a.validated, .resource = resource, .evidence = out.evidence});
  if (out.step != nullptr) {
    out.next = a.request().prompt_none ? Decision::Next::refuse : Decision::Next::wait;
    if (out.next == Decision::Next::wait) suspend(w, a, out);
    return out;
  }
  out.next = Decision::Next::issue;
  out.opened = open_session(w, a.context().on(resource), basis, *out.user, {});
  return out;
}

ContinuedSignIn continue_after_pipeline(const store::Writer& w, const tenancy::Snapshot& current, const AuthorizeAttempt& a,
                                        const SignInEvidence& evidence) {
  const auto rechecked = validated_again(current, a.request(), &w);
  if (!rechecked) return {};
  return continue_sign_in(w, {.context = a.context(current, *rechecked),
                              .evidence = evidence,
                              .cookie = a.cookie,
                              .transaction_id = a.transaction.id,
                              .at = ""});
}

}  // namespace segue::oauth
