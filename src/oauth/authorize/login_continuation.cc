// The login page's side of a suspended authorization request: who it belongs to, and how it ends (design §3).
#include "base/bytes.h"
#include "crypto/digest.h"
#include "oauth/authorize/authorize_endpoint.h"
#include "oauth/authorize/browser_binding.h"
#include "oauth/authorize/respond.h"
#include "oauth/errors.h"
#include "oauth/origin.h"
#include "sessions/live_session.h"
#include "sessions/session_cookie.h"
#include "store/authorize_transactions.h"
#include "store/users.h"

namespace segue::oauth {
namespace {

base::Error expired() {
  return {.kind = base::ErrorKind::invalid_input,
          .code = "expired",
          .description = "This sign-in page has expired or was used already. Go back to the application and sign in again.",
          .status = 400};
}

base::Error another_browser() {
  return {.kind = base::ErrorKind::invalid_input,
          .code = "invalid_request",
          .description =
              "This sign-in page belongs to another browser, or cookies are blocked. Allow cookies for this site, go back to the "
              "application "
              "and sign in again.",
          .status = 400};
}

struct StoredRequest {
  model::AuthorizeTransaction transaction;
  AuthorizationRequest request;
};

// The transaction that a page's state names, whoever holds the page.
std::optional<StoredRequest> find_stored(const Services& services, const tenancy::Snapshot& tenant, std::string_view state) {
  const auto handle = tenancy::parse_handle(tenant.keys(), model::HandleKind::authorize_transaction, state);
  if (!handle) return std::nullopt;
  const auto found = services.tenants.store().read(
      tenant.tenant().id, [&](const store::Reader& r) { return store::authorize_transactions::find(r, handle->id); });
  if (!found || !crypto::equal_in_constant_time(found->secret_hash, handle->secret_hash)) return std::nullopt;
  const auto document = json::parse(found->transaction.request);
  if (!document.ok() || !document->is_object()) return std::nullopt;
  return StoredRequest{found->transaction, authorization_request_from(document->get_object())};
}

base::Result<StoredRequest> open_stored(const Services& services, const tenancy::Snapshot& tenant, const http::Call& call,
                                        std::string_view state, base::Instant now) {
  auto stored = find_stored(services, tenant, state);
  if (!stored || stored->transaction.finished_at || stored->transaction.expires_at <= now) return expired();
  const auto binding = presented_binding(call.request);
  if (!binding || !crypto::equal_in_constant_time(binding->hash(), stored->transaction.binding_hash)) return another_browser();
  return std::move(*stored);
}

// Bound to the transaction and, through its hash, to the browser.
std::string csrf_of(const tenancy::Snapshot& tenant, const model::AuthorizeTransaction& transaction) {
  std::string input = "login_csrf|" + std::to_string(base::to_integer(transaction.transaction_id)) + "|";
  input += base::as_text(transaction.binding_hash);
  return base::base64url(tenant.keys().derivation.mac(input));
}

// Where the password is checked: the connection that the request names, else the default directory when it serves the client,
// else the client's first database connection.
std::shared_ptr<const model::Connection> login_connection(const tenancy::Snapshot& tenant, const model::Client& client,
                                                          const std::string& wanted) {
  std::shared_ptr<const model::Connection> out;
  const auto standard = tenant.default_directory();
  for (const auto& connection : tenant.connections_of(client)) {
    if (connection->strategy != "auth0" || (!wanted.empty() && connection->name != wanted)) continue;
    if (!out || (standard && connection->connection_id == standard->connection_id)) out = connection;
  }
  return out;
}

}  // namespace

base::Result<interaction::PendingLogin> AuthorizeEndpoint::pending(const http::Call& call, std::string_view state) {
  const auto tenant = services_.tenants.snapshot(call.tenant);
  const auto stored = TRY(open_stored(services_, *tenant, call, state, services_.clock.now()));
  interaction::PendingLogin out;
  out.transaction_id = stored.transaction.transaction_id;
  out.state = state;
  out.client = tenant->client(stored.request.client_id);
  if (!out.client) return expired();
  // Registered lists change: the address is verified again whenever it is used.
  const auto redirect = verify_answer_address(*tenant, *out.client, stored.request);
  if (!redirect) return expired();
  out.connection = login_connection(*tenant, *out.client, stored.request.connection);
  if (!out.connection) {
    return base::Error{
        .kind = base::ErrorKind::invalid_input,
        .code = "invalid_request",
        .description = "No connection is enabled for this application: enable one with PATCH /api/v2/connections/{id}/clients.",
        .status = 400};
  }
  out.login_hint = stored.request.login_hint;
  out.csrf = csrf_of(*tenant, stored.transaction);
  out.redirect_origin = redirect->origin();
  return out;
}

base::Result<http::Response> AuthorizeEndpoint::complete(const http::Call& call, const interaction::PendingLogin& pending,
                                                         const model::User& user) {
  return services_.tenants.on_current(
      call.tenant, [&](const std::shared_ptr<const tenancy::Snapshot>& tenant) -> base::Result<http::Response> {
        const auto now = services_.clock.now();
        const auto stored = TRY(open_stored(services_, *tenant, call, pending.state, now));
        const auto client = tenant->client(stored.request.client_id);
        const auto redirect = client ? verify_answer_address(*tenant, *client, stored.request) : std::nullopt;
        if (!redirect) return expired();
        const ValidatedRequest validated{stored.request, client, *redirect};
        const auto origin = origin_of(call, services_.geoip);
        const auto tell = [&](base::Error error) -> base::Result<http::Response> {
          auto row = event_of(call, "f", client.get());
          set_user(row, user, pending.connection.get());
          row.description = error.description;
          row.details["error"] = json::object{{"oauthError", error.code}, {"message", error.description}};
          services_.tenants.store().write(call.tenant, [&](const store::Writer& w) {
            store::authorize_transactions::finish(w, stored.transaction.transaction_id, now);
            audit::append(w, row, now);
            return 0;
          });
          return render_authorize_failure(call, tenant->issuer(call.domain),
                                          {.error = std::move(error),
                                           .redirect = *redirect,
                                           .response_mode = stored.request.response_mode,
                                           .state = stored.request.state});
        };
        if (!stored.request.organization.empty())
          return tell(invalid_request("parameter organization is not allowed for this client"));
        const auto resource = grant_resource(*tenant, *client, call.domain, stored.request.audience, stored.request.scope,
                                             AudienceError::authorize);
        if (!resource.ok()) return tell(resource.error());
        if (!services_.pipeline.is_empty(call.tenant, *client)) {
          const auto refusal = services_.pipeline.run({.tenant = call.tenant,
                                                       .protocol = std::string(stored.request.protocol()),
                                                       .client = client,
                                                       .user = &user,
                                                       .origin = origin});
          if (refusal) {
            auto error = access_denied(refusal->description);
            error.code = refusal->error;
            return tell(std::move(error));
          }
        }

        const auto cookie = sessions::presented_session(tenant->keys(), call.request);
        const auto prepared = prepare_sign_in(*tenant, services_, std::nullopt);
        const SignInContext context{.call = call,
                                    .tenant = *tenant,
                                    .validated = validated,
                                    .resource = *resource,
                                    .prepared = prepared,
                                    .origin = origin,
                                    .now = now};
        enum class Ending { opened, finished_before, user_gone, blocked };
        struct Ended {
          Ending ending = Ending::finished_before;
          std::optional<OpenedSession> opened;
        };
        const auto ended = services_.tenants.write_on(*tenant, [&](const store::Writer& w) -> Ended {
          // The session that this browser had ends with the sign-in that replaces it; its locks come first, root before leaf.
          SignInBasis basis{.password = true, .connection_id = pending.connection->connection_id};
          if (cookie) basis.existing = sessions::lock_live(w, *cookie, now);
          const auto standing = store::users::lock_standing(w, user.user_id);
          if (!standing) return {Ending::user_gone, {}};
          if (standing->blocked) return {Ending::blocked, {}};
          // A password that changed since it was checked proves nothing any more.
          if (standing->password_epoch != user.password_epoch) return {Ending::user_gone, {}};
          if (!store::authorize_transactions::finish(w, stored.transaction.transaction_id, now)) return {};
          return {Ending::opened, open_session(w, context, basis, user)};
        });
        switch (ended.ending) {
          case Ending::opened: return answer(context, *ended.opened, user);
          case Ending::blocked: return tell(user_blocked());
          case Ending::user_gone: return tell(access_denied("The user could not be signed in."));
          case Ending::finished_before: break;
        }
        return expired();
      });
}

std::string AuthorizeEndpoint::initiate_login_uri(const http::Call& call, std::string_view state) {
  const auto tenant = services_.tenants.snapshot(call.tenant);
  const auto stored = find_stored(services_, *tenant, state);
  const auto client = stored ? tenant->client(stored->request.client_id) : nullptr;
  if (!client || client->initiate_login_uri.empty()) return {};
  // OIDC Core §4: third-party-initiated login names the issuer.
  http::Parameters parameters;
  parameters.add("iss", tenant->issuer(call.domain));
  return http::append_query(client->initiate_login_uri, parameters);
}

}  // namespace segue::oauth
