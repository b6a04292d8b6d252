#include "oauth/authorize/authorization_request.h"

#include "base/bytes.h"
#include "base/random.h"
#include "base/text.h"
#include "oauth/authorize/answer_address.h"
#include "oauth/dpop/proof.h"
#include "oauth/errors.h"
#include "oauth/organization.h"
#include "oauth/resource.h"
#include "oauth/shown_parameters.h"
#include "tenancy/handles.h"

namespace segue::oauth {
namespace {

base::Error error(base::ErrorKind kind, std::string code, std::string description) {
  return {.kind = kind, .code = std::move(code), .description = std::move(description)};
}

base::Error bad_request(std::string description) {
  return error(ErrorKind::invalid_input, "invalid_request", std::move(description));
}

// --- Checks in the order of contract §2.2. Each looks at one thing. ---

// RFC 7636 §4.3; required of public clients, S256 only (RFC 9700 §2.1.1).
base::Outcome check_pkce(const http::Parameters& p, const model::Client& client, AuthorizationRequest& out) {
  if (!out.response_type.code) return base::Unit{};
  const auto challenge = p.find("code_challenge");
  if (!challenge) {
    if (p.has("code_challenge_method")) return bad_request("code_challenge_method without code_challenge.");
    if (client.is_public())
      return bad_request("Missing required parameter: code_challenge. A client without a secret must use PKCE with S256.");
    if (client.is_strict_third_party())
      return bad_request("Missing required parameter: code_challenge. A strict third-party client must use PKCE with S256.");
    return base::Unit{};
  }
  if (p.find("code_challenge_method").value_or("plain") != "S256")
    return bad_request("Unsupported code_challenge_method: use S256.");
  if (challenge->size() != 43 || challenge->find_first_not_of(base::kUrlSafe) != std::string::npos)
    return bad_request("code_challenge is not the base64url of a SHA-256.");
  out.code_challenge = *challenge;
  return base::Unit{};
}

base::Outcome check_prompt(const http::Parameters& p, AuthorizationRequest& out) {
  const auto values = base::split(p.find("prompt").value_or(""), ' ');
  for (const auto& value : values) {
    if (value == "none") {
      out.prompt_none = true;
    } else if (value == "login" || value == "select_account") {
      out.prompt_login = true;
    } else if (value == "consent") {
      out.prompt_consent = true;
    } else {
      return bad_request("Unsupported prompt value.");
    }
  }
  // OIDC Core §3.1.2.1: none stands alone.
  if (out.prompt_none && values.size() > 1) return bad_request("prompt=none cannot be combined with other values.");
  return base::Unit{};
}

base::Outcome check_max_age(const http::Parameters& p, AuthorizationRequest& out) {
  const auto text = p.find("max_age");
  if (!text) return base::Unit{};
  out.max_age = base::parse_integer(*text);
  if (!out.max_age) return bad_request("max_age must be a number of seconds.");
  return base::Unit{};
}

// contract §4.7
base::Outcome check_scope(const AuthorizationRequest& out) {
  const auto scopes = base::split(out.scope, ' ');
  if (base::contains(scopes, "online_access") && base::contains(scopes, "offline_access"))
    return bad_request("Cannot request both online_access and offline_access scopes");
  return base::Unit{};
}

// OIDC Core §3.2.2.1: the nonce ties an ID token from the front channel to its request.
base::Outcome check_nonce(const AuthorizationRequest& out) {
  if (!out.response_type.id_token) return base::Unit{};
  if (out.nonce.empty()) return bad_request("Missing required parameter: nonce");
  if (!base::contains(base::split(out.scope, ' '), "openid"))
    return error(ErrorKind::invalid_input, "invalid_scope", "response_type id_token needs the scope openid.");
  return base::Unit{};
}

// RFC 9449 §10; and a token that travels in front of the browser cannot be bound to a key.
base::Outcome check_possession(const tenancy::Snapshot& tenant, const http::Parameters& p, const model::Client& client,
                               AuthorizationRequest& out) {
  out.dpop_jkt = p.find("dpop_jkt").value_or("");
  if (p.has("dpop_jkt") && !dpop::is_thumbprint(out.dpop_jkt))
    return bad_request("dpop_jkt is not the base64url of a SHA-256 thumbprint.");
  if (!out.response_type.token) return base::Unit{};
  const auto api = tenant.resource_server(out.audience);
  if (client.require_proof_of_possession || (api && api->demands_proof_of(client.is_public())))
    return bad_request(
        "An access token from /authorize cannot be bound to a key, which is demanded here: use response_type code.");
  return base::Unit{};
}

// Together with its organization; kept without its secret.
base::Outcome check_invitation(const tenancy::Snapshot& tenant, const http::Parameters& p, AuthorizationRequest& out) {
  const auto text = p.find("invitation");
  if (!text) return base::Unit{};
  if (out.organization.empty()) return bad_request("The parameter invitation needs the parameter organization.");
  const auto handle = tenancy::parse_handle(tenant.keys(), model::HandleKind::invitation, *text);
  if (!handle) return bad_request("The parameter invitation is no invitation. Open the link of the mail again.");
  out.invitation_row_id = handle->id;
  out.invitation_hash = base::base64url(base::as_text(handle->secret_hash));
  return base::Unit{};
}

base::Outcome check_unsupported(const http::Parameters& p) {
  if (p.has("request"))
    return error(
        ErrorKind::invalid_input, "request_not_supported",
        "The parameter request is not supported for this client: send the parameters themselves, or register a key in its "
        "signed_request_object.");
  if (p.has("request_uri"))
    return error(ErrorKind::invalid_input, "request_uri_not_supported",
                 "The parameter request_uri is not supported: send the parameters themselves.");
  return base::Unit{};
}

base::Outcome check_all(const tenancy::Snapshot& tenant, const http::Parameters& p, const model::Client& client,
                        AuthorizationRequest& out) {
  if (const auto twice = p.first_duplicate()) return bad_request("The parameter " + *twice + " is present more than once.");
  TRY(check_unsupported(p));
  if (out.response_type != ResponseType{}) {
    TRY(check_response_type(p, client));
    TRY(check_response_mode(p, out.response_type));
  }
  TRY(check_pkce(p, client, out));
  TRY(check_possession(tenant, p, client, out));
  TRY(check_prompt(p, out));
  TRY(check_max_age(p, out));
  TRY(check_scope(out));
  TRY(check_nonce(out));
  TRY(check_connection(tenant, client, out));
  TRY(check_invitation(tenant, p, out));
  return base::Unit{};
}

AuthorizeFailure page(base::Error e) {
  return {.error = std::move(e), .redirect = std::nullopt, .response_mode = ResponseMode::query, .state = {}};
}

}  // namespace

base::Outcome check_connection(const tenancy::Snapshot& tenant, const model::Client& client,
                               const AuthorizationRequest& request) {
  if (request.connection.empty()) return base::Unit{};
  const auto connection = tenant.connection_named(request.connection);
  if (!connection) return error(ErrorKind::invalid_input, "invalid_connection", "the connection was not found");
  if (!tenant.connection_serves(connection->connection_id, client.client_id)) {
    return error(ErrorKind::invalid_input, "invalid_connection", "the connection is not enabled");
  }
  return base::Unit{};
}

Validation validate_authorization_request(const tenancy::Snapshot& tenant, const http::Parameters& p) {
  // 1. Who asks, and where the answer may go. A failure here is a page, never a redirect (RFC 6749 §4.1.2.1).
  if (p.first_duplicate() == "client_id" || p.first_duplicate() == "redirect_uri") {
    return {.valid = {}, .failure = page(bad_request("The parameter " + *p.first_duplicate() + " is present more than once."))};
  }
  const auto client_id = p.find("client_id");
  if (!client_id) return {.valid = {}, .failure = page(bad_request("Missing required parameter: client_id"))};
  auto client = tenant.client(*client_id);
  if (!client || client->is_global)
    return {.valid = {}, .failure = page(bad_request("Unknown client: " + base::shortened(*client_id, 64)))};

  AuthorizationRequest out;
  out.client_id = *client_id;
  auto uri = p.find("redirect_uri");
  out.redirect_uri_given = uri.has_value();
  if (!uri && client->callbacks.size() == 1) uri = client->callbacks.front();
  if (!uri) return {.valid = {}, .failure = page(bad_request("Missing required parameter: redirect_uri"))};
  out.organization = resolve_organization(tenant, p.find("organization").value_or(""));
  out.redirect_uri = *uri;
  auto redirect = verify_answer_address(tenant, *client, out);
  if (!redirect) {
    auto e =
        error(ErrorKind::forbidden, "invalid_request", "The provided redirect_uri is not in the list of allowed callback URLs.");
    e.detail = base::shortened(*uri, 512) + " is not in the list of allowed callback URLs";  // the log's text (contract §7.4)
    return {.valid = {}, .failure = page(std::move(e))};
  }

  // 2. What is needed to answer at all.
  out.state = p.find("state").value_or("");
  const auto shape = leads_to_sign_in(tenant, *client, out.redirect_uri) ? ResponseShape{.type = {}} : response_shape(p);
  out.response_type = shape.type;
  out.response_mode = shape.mode;
  // A page elsewhere is told only by its exact origin, which an app's own scheme has not. Nowhere to answer, so a page.
  if (out.response_mode == ResponseMode::web_message && redirect->web_origin().empty())
    return {.valid = {},
            .failure = page(bad_request("response_mode web_message needs a redirect_uri of a web origin: https://HOST/…"))};
  out.scope = p.find("scope").value_or("");
  out.audience = audience_or_default(tenant, p.find("audience").value_or(""));
  out.nonce = p.find("nonce").value_or("");
  out.login_hint = base::shortened(p.find("login_hint").value_or(""), 256);
  out.connection = p.find("connection").value_or("");
  out.sign_up_first = p.find("screen_hint") == "signup";
  out.other = other_parameters(p);

  // 3. Everything else is told to the application.
  if (auto checked = check_all(tenant, p, *client, out); !checked.ok()) {
    return {.valid = {},
            .failure = AuthorizeFailure{.error = std::move(checked).error(),
                                        .redirect = error_address(*client, *redirect, out),
                                        .response_mode = out.response_mode,
                                        .state = out.state}};
  }
  return {.valid = ValidatedRequest{std::move(out), std::move(client), std::move(*redirect)}, .failure = {}};
}

json::object to_json(const AuthorizationRequest& r) {
  json::object out{{"client_id", r.client_id},
                   {"response_type", to_text(r.response_type)},
                   {"response_mode", to_text(r.response_mode)},
                   {"redirect_uri", r.redirect_uri},
                   {"redirect_uri_given", r.redirect_uri_given},
                   {"scope", r.scope},
                   {"audience", r.audience},
                   {"state", r.state},
                   {"nonce", r.nonce},
                   {"code_challenge", r.code_challenge},
                   {"dpop_jkt", r.dpop_jkt},
                   {"login_hint", r.login_hint},
                   {"organization", r.organization},
                   {"connection", r.connection},
                   {"prompt_login", r.prompt_login},
                   {"prompt_consent", r.prompt_consent}};
  if (r.max_age) out["max_age"] = *r.max_age;
  if (!r.other.empty()) out["other"] = r.other;
  if (r.invitation_row_id != base::RowId{}) {
    out["invitation_row_id"] = base::to_integer(r.invitation_row_id);
    out["invitation_hash"] = r.invitation_hash;
  }
  if (r.device_code_id != base::RowId{}) out["device_code_id"] = base::to_integer(r.device_code_id);
  if (r.is_foreign()) {
    out["foreign_protocol"] = r.foreign_protocol;
    out["message"] = r.message;
  }
  return out;
}

void describe_protocol(audit::Event& row, const AuthorizationRequest& request) {
  if (request.is_foreign()) row.details["protocol"] = request.foreign_protocol;
}

AuthorizationRequest authorization_request_from(const json::object& o) {
  const auto text = [&](std::string_view name) { return json::find_string(o, name).value_or(""); };
  AuthorizationRequest out;
  out.client_id = text("client_id");
  // One that is answered by no code and no token has none.
  out.response_type = response_type_from(text("response_type")).value_or(ResponseType{});
  out.response_mode = response_mode_from(text("response_mode")).value_or(default_response_mode(out.response_type));
  out.redirect_uri = text("redirect_uri");
  out.redirect_uri_given = json::find_bool(o, "redirect_uri_given").value_or(true);
  out.scope = text("scope");
  out.audience = text("audience");
  out.state = text("state");
  out.nonce = text("nonce");
  out.code_challenge = text("code_challenge");
  out.dpop_jkt = text("dpop_jkt");
  out.login_hint = text("login_hint");
  out.organization = text("organization");
  out.connection = text("connection");
  out.prompt_login = json::find_bool(o, "prompt_login").value_or(false);
  out.prompt_consent = json::find_bool(o, "prompt_consent").value_or(false);
  out.max_age = json::find_integer(o, "max_age");
  out.invitation_row_id = base::RowId(json::find_integer(o, "invitation_row_id").value_or(0));
  out.invitation_hash = text("invitation_hash");
  out.other = json::object_or_empty(o, "other");
  out.device_code_id = base::RowId(json::find_integer(o, "device_code_id").value_or(0));
  out.foreign_protocol = text("foreign_protocol");
  out.message = json::object_or_empty(o, "message");
  return out;
}

}  // namespace segue::oauth
