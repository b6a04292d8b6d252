#include "oauth/authorize/decide.h"

#include "oauth/origin.h"
#include "sessions/live_session.h"
#include "store/authorize_transactions.h"
#include "store/grants.h"
#include "store/pushed_requests.h"
#include "store/refresh_tokens.h"
#include "store/sessions.h"
#include "store/users.h"

namespace segue::oauth {
namespace {

constexpr auto kTransactionLifetime = std::chrono::hours(1);

// contract §2.4–2.5: whether the session answers this request without a prompt.
bool session_suffices(const store::Writer& w, const tenancy::Snapshot& tenant, const ValidatedRequest& v,
                      const model::Session& session, base::Instant now) {
  if (v.request.prompt_login || v.request.max_age == 0) return false;
  if (v.request.max_age && now - session.authenticated_at > std::chrono::seconds(*v.request.max_age)) return false;
  if (session.organization_id != v.request.organization) return false;
  if (!tenant.connection_serves(session.connection_id, v.client->client_id, &w)) return false;
  if (v.request.connection.empty()) return true;
  const auto connection = tenant.connection(session.connection_id, &w);
  return connection && connection->name == v.request.connection;
}

// The request as it waits for the login page, or for the transaction that follows the pipeline.
void suspend(const store::Writer& w, const AuthorizeAttempt& a, const Decision& decision) {
  model::AuthorizeTransaction transaction;
  transaction.transaction_id = a.transaction.id;
  transaction.binding_hash = a.binding.hash();
  transaction.client_id = a.request().client_id;
  transaction.request = json::write(to_json(a.request()));
  transaction.forces_login = decision.next == Decision::Next::prompt;
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
    row.connection_id = token->connection_id;
    row.transfer_id = token->transfer_id;
    if (reason == TransferReason::asn_unknown && !a.has_asn_database)
      row.details["hint"] = "The server has no database of autonomous systems: geoip.asn is not set.";
    audit::append(w, row, a.now);
  }
}

// How the user is known, if they are.
SignInBasis basis_of(const store::Writer& w, const AuthorizeAttempt& a, const Decision& decision) {
  SignInBasis basis{.existing = decision.existing};
  if (a.carries_transfer()) {
    // A refused token forces a prompt even beside a good session (contract §1.8).
    if (decision.transfer->reason == TransferReason::accepted) {
      basis.transfer = decision.token();
      basis.transfer_expires_at = decision.transfer->parent_expires_at;
    }
  } else if (decision.existing && session_suffices(w, *a.tenant, a.validated, *decision.existing, a.now)) {
    basis.session = &*decision.existing;
  }
  return basis;
}

// The token's ancestors and settings, once more: they were good when it was spent.
bool transfer_still_holds(const store::Writer& w, const tenancy::Snapshot& current, const AuthorizeAttempt& a,
                          const model::SessionTransferToken& token) {
  const auto creator = current.client(token.client_id, &w);
  if (!creator || !creator->session_transfer || !creator->session_transfer->can_create_session_transfer_token) return false;
  if (!current.connection_serves(token.connection_id, a.request().client_id, &w)) return false;
  const auto grant = store::grants::lock_standing(w, token.grant_id);
  const auto family = store::refresh_tokens::lock_standing(w, token.family_id, a.now);
  return grant && !grant->revoked && family && !family->revoked && !family->expired;
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
  if (a.cookie) out.existing = sessions::lock_live(w, *a.cookie, a.now);
  if (a.carries_transfer()) spend(w, a, out);
  const auto basis = basis_of(w, a, out);

  if (basis.transfer == nullptr && basis.session == nullptr) {
    out.next = a.request().prompt_none ? Decision::Next::refuse : Decision::Next::prompt;
    if (out.next == Decision::Next::prompt) suspend(w, a, out);
    return out;
  }
  out.user = store::users::find(w, basis.transfer != nullptr ? basis.transfer->user_id : basis.session->user_id);
  if (!out.user) throw base::Bug("a locked user disappeared");
  if (pipeline_is_empty) {
    out.next = Decision::Next::issue;
    out.opened = open_session(w, a.context(), basis, *out.user);
    return out;
  }
  out.next = Decision::Next::run_pipeline;
  if (basis.transfer != nullptr) suspend(w, a, out);  // the evidence of what was spent
  return out;
}

std::optional<OpenedSession> open_after_pipeline(const store::Writer& w, const tenancy::Snapshot& current,
                                                 const AuthorizeAttempt& a, const Decision& decision) {
  const auto client = current.client(a.request().client_id, &w);
  const auto redirect = client ? verify_answer_address(current, *client, a.request()) : std::nullopt;
  if (!redirect) return std::nullopt;
  const ValidatedRequest rechecked{a.request(), client, *redirect};
  const auto standing = store::users::lock_standing(w, decision.user->user_id);
  if (!standing || standing->blocked || standing->password_epoch != decision.user->password_epoch) return std::nullopt;

  SignInBasis basis{.transfer = decision.token()};
  if (a.cookie) basis.existing = sessions::lock_live(w, *a.cookie, a.now);
  if (basis.transfer != nullptr) {
    basis.transfer_expires_at = decision.transfer->parent_expires_at;
    if (!transfer_still_holds(w, current, a, *basis.transfer)) return std::nullopt;
    if (basis.existing && basis.existing->user_id != basis.transfer->user_id) return std::nullopt;
    if (!store::authorize_transactions::finish(w, a.transaction.id, a.now)) return std::nullopt;
  } else {
    if (!basis.existing || !session_suffices(w, current, rechecked, *basis.existing, a.now)) return std::nullopt;
    basis.session = &*basis.existing;
  }
  const auto user = store::users::find(w, decision.user->user_id);
  if (!user) return std::nullopt;
  return open_session(w, a.context(current, rechecked), basis, *user);
}

}  // namespace segue::oauth
