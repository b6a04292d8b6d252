#include "oauth/revoke.h"

#include "oauth/client_authentication.h"
#include "oauth/errors.h"
#include "oauth/origin.h"
#include "oauth/token_request.h"
#include "store/refresh_tokens.h"
#include "store/sessions.h"
#include "store/users.h"
#include "tenancy/handles.h"
#include "tokens/access_token.h"

namespace segue::oauth {
namespace {

namespace rts = store::refresh_tokens;

// RFC 7009 §2.2.1. An empty 200 would say that the token is dead, and it lives out its short life.
base::Error unsupported_token_type() {
  return {.kind = base::ErrorKind::invalid_input,
          .code = "unsupported_token_type",
          .description = "Only refresh tokens can be revoked; this token is valid until it expires.",
          .status = 400};
}

bool cannot_be_revoked(const tenancy::Snapshot& tenant, std::string_view token, base::Instant now) {
  return tenancy::parse_handle(tenant.keys(), model::HandleKind::session_transfer_token, token).has_value() ||
         tokens::verify_access_token(tenant, token, now).ok();
}

// contract §4.8: the tenant flag that makes one revocation end every refresh token of user, client and audience.
bool ends_all_alike(const tenancy::Snapshot& tenant) {
  const auto* const flags = json::find_object(tenant.tenant().settings, "flags");
  return flags != nullptr && json::find_bool(*flags, "revoke_refresh_token_grant").value_or(false);
}

enum class Outcome { unknown, of_another_client, revoked };

// A refresh that is under way holds the family's row: it commits before and its successor dies with the family, or it comes after
// and finds the family revoked. The counter does not matter: a spent token of the family ends it too.
Outcome revoke_presented(const store::Writer& w, const tenancy::Snapshot& tenant, const model::Client& client,
                         const tenancy::PresentedHandle& handle, audit::Event row, base::Instant now) {
  const auto found = rts::find(w, handle.id);
  if (!found || !crypto::equal_in_constant_time(found->secret_hash, handle.secret_hash)) return Outcome::unknown;
  const auto family = rts::find_family(w, found->token.family_id);
  if (!family) return Outcome::unknown;
  if (family->client_id != client.client_id) return Outcome::of_another_client;

  const bool cascades = model::revocation_cascades(&client);
  // contract §4.7: with an online refresh token the whole session ends. Root first. One that ended before ends nothing more.
  if (family->online && !family->revoked_at) store::sessions::revoke(w, *family->session_id, now);
  const bool first = rts::revoke_family(w, family->family_id, cascades, now);
  // contract §4.8, flags.revoke_refresh_token_grant
  if (ends_all_alike(tenant)) rts::revoke_families_of(w, family->user_id, family->client_id, family->audience, cascades, now);
  if (!first) return Outcome::revoked;  // given back before: told so once

  const auto session = family->session_id ? store::sessions::find(w, *family->session_id) : std::nullopt;
  const auto sid = session ? session->session.sid : std::string();
  if (const auto user = store::users::find(w, family->user_id)) set_user(row, *user, nullptr);
  row.user_id = family->user_id;
  set_connection(row, tenant.connection(family->connection_id, &w).get());
  row.organization_id = family->organization_id;
  row.audience = family->audience;
  row.transfer_id = family->ancestry.transfer_id;
  row.description = "Refresh token revoked";
  row.details = revoked_details(*family, sid);
  audit::append(w, row, now);
  return Outcome::revoked;
}

base::Result<http::Response> revoke_on(const Services& services, http::Call& call, const tenancy::Snapshot& tenant,
                                       const http::Parameters& parameters) {
  const auto refuse = [&](base::Error error, const model::Client* client) {
    auto row = event_of(call, "w", client);
    if (client == nullptr) row.client_id = said_client_id(call.request, parameters);
    row.description = "Refresh token not revoked: " + error.description;
    services.failures.push(call.tenant, std::move(row));
    return error;
  };
  // RFC 7009 §2.1: the client proves itself first, as at the token endpoint.
  const auto client = authenticate_client(tenant, call, parameters);
  if (!client.ok()) return refuse(client.error(), nullptr);
  const auto token = require(parameters, "token");
  if (!token.ok()) return refuse(token.error(), &**client);

  const auto now = services.clock.now();
  // token_type_hint is a hint for servers that search (RFC 7009 §2.1); a handle names its kind itself.
  auto handle = tenancy::parse_handle(tenant.keys(), model::HandleKind::refresh_token, *token);
  if (!handle) handle = tenancy::parse_handle(tenant.keys(), model::HandleKind::online_refresh_token, *token);
  if (!handle) {
    if (cannot_be_revoked(tenant, *token, now)) return refuse(unsupported_token_type(), &**client);
    return http::empty_response(200);  // RFC 7009 §2.2: an unknown token is as dead as the client wants it
  }
  const auto row = event_of(call, "srrt", &**client);
  const auto outcome = services.tenants.write_on(
      tenant, [&](const store::Writer& w) { return revoke_presented(w, tenant, **client, *handle, row, now); });
  if (outcome == Outcome::of_another_client) return refuse(invalid_request("The token was issued to another client."), &**client);
  return http::empty_response(200);
}

}  // namespace

base::Result<http::Response> revoke(const Services& services, http::Call& call) {
  const auto parameters = TRY(parse_token_request(call.request));
  return services.tenants.on_current(call.tenant,
                                     [&](const auto& tenant) { return revoke_on(services, call, *tenant, parameters); });
}

}  // namespace segue::oauth
