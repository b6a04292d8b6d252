#include "oauth/authorize/authorize_endpoint.h"

#include <algorithm>

#include "base/text.h"
#include "http/cookies.h"
#include "oauth/authorize/browser_binding.h"
#include "oauth/authorize/respond.h"
#include "oauth/authorize/spend_transfer.h"
#include "oauth/authorize/transfer_presentation.h"
#include "oauth/errors.h"
#include "oauth/origin.h"
#include "oauth/token_request.h"
#include "sessions/live_session.h"
#include "sessions/session_cookie.h"
#include "store/authorize_transactions.h"
#include "store/grants.h"
#include "store/refresh_tokens.h"
#include "store/sessions.h"
#include "store/users.h"
#include "tokens/id_token.h"

namespace segue::oauth {
namespace {

constexpr auto kTransactionLifetime = std::chrono::hours(1);

// What the transaction that decides found out.
struct Decision {
  enum class Next { issue, run_pipeline, prompt, refuse } next = Next::prompt;
  std::optional<SpentTransfer> transfer;
  std::optional<model::Session> existing;      // live, in this browser
  std::optional<model::User> user;
  std::optional<OpenedSession> opened;
  bool session_ended = false;                  // another user's, by a valid token
};

// contract §2.4–2.5: whether the session answers this request without a prompt.
bool session_suffices(const tenancy::Snapshot& tenant, const store::Writer& w, const ValidatedRequest& v, const model::Session& session, base::Instant now) {
  if (v.request.prompt_login || v.request.max_age == 0) return false;
  if (v.request.max_age && now - session.authenticated_at > std::chrono::seconds(*v.request.max_age)) return false;
  if (session.organization_id != v.request.organization) return false;
  if (!tenant.connection_serves(session.connection_id, v.client->client_id, &w)) return false;
  if (v.request.connection.empty()) return true;
  const auto connection = tenant.connection(session.connection_id, &w);
  return connection && connection->name == v.request.connection;
}

audit::Event warning(const http::Call& call, const model::Client& client, TransferReason reason) {
  auto row = event_of(call, "w", &client);
  row.description = warning_of(reason);
  row.details["reason"] = to_text(reason);
  return row;
}

void expire_transfer_cookie(http::Response& response, const http::Call& call) {
  // Apps plant it host-only or with a leading-dot domain (contract §1.7); a cookie is replaced only under its own domain.
  http::expire_cookie(response, kTransferCookie, http::SameSite::none);
  const auto host = call.request.host.substr(0, call.request.host.find(':'));
  if (host.find('.') != std::string::npos) http::expire_cookie(response, kTransferCookie, http::SameSite::none, host);
}

model::AuthorizeTransaction make_transaction(const tenancy::NewHandle& handle, const BrowserBinding& binding, const ValidatedRequest& v, bool forces_login, base::Instant now) {
  model::AuthorizeTransaction out;
  out.transaction_id = handle.id;
  out.binding_hash = binding.hash();
  out.client_id = v.request.client_id;
  out.request = json::write(to_json(v.request));
  out.forces_login = forces_login;
  out.created_at = now;
  out.expires_at = now + kTransactionLifetime;
  return out;
}

base::Result<http::Parameters> read_parameters(const http::Request& request) {
  return http::Parameters::parse(request.method == http::Method::post ? request.body : request.query);
}

}  // namespace

http::Response AuthorizeEndpoint::refuse(const http::Call& call, const tenancy::Snapshot& tenant, const model::Client* client, AuthorizeFailure failure,
                                         std::string_view log_type) const {
  auto row = event_of(call, log_type, client);
  row.description = failure.error.detail.empty() ? failure.error.description : failure.error.detail + " is not in the list of allowed callback URLs";
  row.details["error"] = json::object{{"oauthError", failure.error.code}, {"message", failure.error.description}};
  services_.failures.push(call.tenant, std::move(row));
  return render_authorize_failure(call, tenant.issuer(call.domain), failure);
}

http::Response AuthorizeEndpoint::answer(const SignInContext& c, const OpenedSession& opened, const model::User& user) const {
  http::Parameters parameters;
  if (c.validated.request.response_type == ResponseType::code) {
    parameters.add("code", std::string(c.prepared.code.text.reveal()));
  } else {
    parameters.add("id_token", tokens::mint_id_token(c.tenant, c.now,
                                                     {.domain = c.call.domain,
                                                      .client = c.validated.client.get(),
                                                      .user = &user,
                                                      .scope = opened.code.scope,
                                                      .nonce = c.validated.request.nonce,
                                                      .sid = opened.session.sid,
                                                      .auth_time = opened.code.wants_auth_time ? std::optional(opened.code.auth_time) : std::nullopt,
                                                      .organization_id = opened.session.organization_id}));
  }
  auto response = respond_to_application(c.validated.redirect, c.validated.request.response_mode, c.validated.request.state,
                                         c.tenant.issuer(c.call.domain), std::move(parameters));
  if (opened.cookie) sessions::set_session_cookies(response, *opened.cookie, opened.session);
  return response;
}

base::Result<http::Response> AuthorizeEndpoint::respond(http::Call& call) {
  // A prefetch or a HEAD asks what would happen; nothing may (design §4).
  if (is_speculative(call.request)) return http::empty_response(204);
  return services_.tenants.on_current(call.tenant, [&](const auto& tenant) { return respond_on(call, tenant); });
}

base::Result<http::Response> AuthorizeEndpoint::respond_on(http::Call& call, const std::shared_ptr<const tenancy::Snapshot>& tenant) {
  const auto parameters = TRY(read_parameters(call.request));

  // 1. The request is validated whole before anything is spent for it.
  auto validation = validate_authorization_request(*tenant, parameters);
  if (validation.failure) {
    const auto known = tenant->client(parameters.find("client_id").value_or(""));
    return refuse(call, *tenant, known.get(), std::move(*validation.failure), "f");
  }
  const auto& validated = *validation.valid;
  const auto& request = validated.request;
  const auto fail = [&](base::Error error, std::string_view log_type) {
    return refuse(call, *tenant, validated.client.get(),
                  {.error = std::move(error), .redirect = validated.redirect, .response_mode = request.response_mode, .state = request.state}, log_type);
  };
  const auto resource = grant_resource(*tenant, *validated.client, call.domain, request.audience, request.scope, AudienceError::authorize);
  if (!resource.ok()) return fail(resource.error(), "f");

  // 2. What the browser brings.
  const auto now = services_.clock.now();
  const auto origin = origin_of(call, services_.geoip);
  const auto cookie = sessions::presented_session(tenant->keys(), call.request);
  const auto presentation = find_transfer_tokens(call, parameters, *validated.client);
  if (presentation.ignored_query || presentation.ignored_cookie) {
    auto row = event_of(call, "w", validated.client.get());
    row.description = std::string("Session Transfer Token ignored: this client does not accept it by ") + (presentation.ignored_query ? "query" : "cookie") +
                      ". Add the method to session_transfer.allowed_authentication_methods.";
    row.details["reason"] = "method_not_allowed";
    services_.failures.push(call.tenant, std::move(row));
  }
  std::vector<tenancy::PresentedHandle> handles;
  for (const auto& text : presentation.tokens) {
    if (auto handle = tenancy::parse_handle(tenant->keys(), model::HandleKind::session_transfer_token, text)) handles.push_back(std::move(*handle));
  }
  // In one order everywhere: two browsers with the same two tokens the other way round must not wait for each other.
  std::sort(handles.begin(), handles.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  const bool transfers = !presentation.tokens.empty();
  const auto finish = [&](http::Response response) {
    if (presentation.cookie_seen) expire_transfer_cookie(response, call);
    return response;
  };
  if (!transfers && !request.organization.empty()) {
    return fail(invalid_request("parameter organization is not allowed for this client"), "f");
  }
  // Without a session or a token silent authentication ends here, and costs no transaction.
  if (!transfers && !cookie && request.prompt_none) return fail(login_required(), "fsa");

  // 3. Decide, in the transaction that spends the token. Everything random is made before it.
  const auto binding = browser_binding(call.request, services_.random);
  const auto transaction_handle = tenancy::make_handle(tenant->keys(), services_.random, model::HandleKind::authorize_transaction, services_.tenants.store().ids().next());
  const auto prepared = prepare_sign_in(*tenant, services_, cookie);
  const SignInContext context{.call = call, .tenant = *tenant, .validated = validated, .resource = *resource, .prepared = prepared, .origin = origin, .now = now};

  const auto decision = services_.tenants.write_on(*tenant, [&](const store::Writer& w) {
    Decision out;
    if (cookie) out.existing = sessions::lock_live(w, *cookie, now);
    SignInBasis basis{.existing = out.existing};
    if (transfers) {
      out.transfer = spend_transfer(w, *tenant,
                                    {.handles = handles,
                                     .conflicting = presentation.tokens.size() > 1,
                                     .request = validated,
                                     .origin = origin,
                                     .session_user_id = out.existing ? std::optional(out.existing->user_id) : std::nullopt,
                                     .now = now});
      const auto reason = out.transfer->reason;
      if (reason != TransferReason::accepted) {
        if (reason == TransferReason::user_mismatch) {
          // The one exception to "a refusal leaves nothing": a good token of another user ends the session it meets.
          out.session_ended = store::sessions::revoke(w, out.existing->session_id, now);
        }
        if (out.transfer->token) {
          auto row = warning(call, *validated.client, reason);
          row.user_id = out.transfer->token->user_id;
          row.connection_id = out.transfer->token->connection_id;
          row.transfer_id = out.transfer->token->transfer_id;
          audit::append(w, row, now);
        }
      } else {
        basis.transfer = &*out.transfer->token;
        basis.transfer_expires_at = out.transfer->parent_expires_at;
      }
    } else if (out.existing && session_suffices(*tenant, w, validated, *out.existing, now)) {
      basis.session = &*out.existing;
    }

    if (basis.transfer != nullptr || basis.session != nullptr) {
      out.user = store::users::find(w, basis.transfer != nullptr ? basis.transfer->user_id : basis.session->user_id);
      if (!out.user) throw base::Bug("a locked user disappeared");
      if (services_.pipeline.is_empty(call.tenant, *validated.client)) {
        out.next = Decision::Next::issue;
        out.opened = open_session(w, context, basis, *out.user);
        return out;
      }
      out.next = Decision::Next::run_pipeline;
      // The evidence of what was spent, for the transaction that follows the pipeline.
      if (basis.transfer != nullptr) {
        store::authorize_transactions::insert(w, make_transaction(transaction_handle, binding, validated, false, now), transaction_handle.secret_hash,
                                              basis.transfer->session_transfer_token_id);
      }
      return out;
    }
    if (request.prompt_none) {
      out.next = Decision::Next::refuse;
      return out;
    }
    store::authorize_transactions::insert(w, make_transaction(transaction_handle, binding, validated, true, now), transaction_handle.secret_hash,
                                          out.transfer && out.transfer->token ? out.transfer->token->session_transfer_token_id : base::RowId{});
    return out;
  });
  if (decision.transfer && !decision.transfer->token) {
    services_.failures.push(call.tenant, warning(call, *validated.client, decision.transfer->reason));
  }

  // 4. Tell the browser.
  switch (decision.next) {
    case Decision::Next::issue: return finish(answer(context, *decision.opened, *decision.user));
    case Decision::Next::refuse: {
      auto response = fail(login_required(), "fsa");
      if (decision.session_ended) sessions::expire_session_cookies(response);
      return finish(std::move(response));
    }
    case Decision::Next::prompt: {
      auto response = http::redirect_response("/u/login?state=" + std::string(transaction_handle.text.reveal()));
      set_browser_binding(response, binding);
      if (decision.session_ended) sessions::expire_session_cookies(response);
      return finish(std::move(response));
    }
    case Decision::Next::run_pipeline: break;
  }

  // 5. The pipeline, outside any transaction; then everything is checked again in the transaction that opens the session.
  const auto* token = decision.transfer ? &*decision.transfer->token : nullptr;
  const auto refusal = services_.pipeline.run({.tenant = call.tenant,
                                               .protocol = "oidc-basic-profile",
                                               .client = validated.client,
                                               .user = &*decision.user,
                                               .session_transfer_token = token,
                                               .origin = origin,
                                               .silent = request.prompt_none});
  const auto failure_row = [&](const base::Error& error) {
    auto row = event_of(call, request.prompt_none ? "fsa" : "f", validated.client.get());
    set_user(row, *decision.user, nullptr);
    row.description = error.description;
    row.details["error"] = json::object{{"oauthError", error.code}, {"message", error.description}};
    if (token != nullptr) {
      row.details["triggered_by_session_transfer_token"] = true;
      row.transfer_id = token->transfer_id;
    }
    return row;
  };
  const auto tell = [&](base::Error error) {
    services_.tenants.store().write(call.tenant, [&](const store::Writer& w) {
      if (token != nullptr) store::authorize_transactions::finish(w, transaction_handle.id, now);
      return audit::append(w, failure_row(error), now), 0;
    });
    return finish(render_authorize_failure(call, tenant->issuer(call.domain),
                                           {.error = std::move(error), .redirect = validated.redirect, .response_mode = request.response_mode, .state = request.state}));
  };
  if (refusal) {
    auto error = access_denied(refusal->description);
    error.code = refusal->error;
    return tell(std::move(error));
  }
  // The token is spent, so nothing begins again; but nothing above the new session may have ended meanwhile, and what was restricted
  // meanwhile is restricted here too (design §5).
  const auto opened = services_.tenants.decide(call.tenant, [&](const tenancy::Snapshot& current, const store::Writer& w) -> std::optional<OpenedSession> {
    const auto client = current.client(request.client_id, &w);
    if (!client || !verify_redirect(client->callbacks, request.redirect_uri)) return std::nullopt;
    const ValidatedRequest rechecked{request, client, validated.redirect};
    const SignInContext now_context{.call = call, .tenant = current, .validated = rechecked, .resource = *resource, .prepared = prepared, .origin = origin, .now = now};
    const auto standing = store::users::lock_standing(w, decision.user->user_id);
    if (!standing || standing->blocked || standing->password_epoch != decision.user->password_epoch) return std::nullopt;
    SignInBasis basis{.transfer = token, .transfer_expires_at = token != nullptr ? decision.transfer->parent_expires_at : std::nullopt};
    if (cookie) basis.existing = sessions::lock_live(w, *cookie, now);
    if (token == nullptr) {
      if (!basis.existing || !session_suffices(current, w, rechecked, *basis.existing, now)) return std::nullopt;
      basis.session = &*basis.existing;
    } else {
      const auto creator = current.client(token->client_id, &w);
      if (!creator || !creator->session_transfer || !creator->session_transfer->can_create_session_transfer_token) return std::nullopt;
      if (!current.connection_serves(token->connection_id, client->client_id, &w)) return std::nullopt;
      const auto grant = store::grants::lock_standing(w, token->grant_id);
      const auto family = store::refresh_tokens::lock_standing(w, token->family_id, now);
      if (!grant || grant->revoked || !family || family->revoked || family->expired) return std::nullopt;
      if (basis.existing && basis.existing->user_id != token->user_id) return std::nullopt;
      if (!store::authorize_transactions::finish(w, transaction_handle.id, now)) return std::nullopt;
    }
    const auto user = store::users::find(w, decision.user->user_id);
    if (!user) return std::nullopt;
    return open_session(w, now_context, basis, *user);
  });
  if (!opened) return tell(login_required());
  return finish(answer(context, *opened, *decision.user));
}

}  // namespace segue::oauth
