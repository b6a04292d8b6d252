#include "model/client.h"

#include "base/text.h"

namespace segue::model {
namespace {

AppType app_type_from(std::string_view text) {
  if (text.empty()) return AppType::unset;
  if (text == "native") return AppType::native;
  if (text == "spa") return AppType::spa;
  if (text == "regular_web") return AppType::regular_web;
  if (text == "non_interactive") return AppType::non_interactive;
  return AppType::other;
}

// contract §3.2: client_authentication_methods and token_endpoint_auth_method exclude each other.
ClientAuthMethod auth_method_from(const json::object& document) {
  const auto* const methods = json::find_object(document, "client_authentication_methods");
  if (methods != nullptr && json::find_object(*methods, "private_key_jwt") != nullptr) return ClientAuthMethod::private_key_jwt;
  const auto method = json::find_string(document, "token_endpoint_auth_method").value_or("client_secret_post");
  if (method == "none") return ClientAuthMethod::none;
  return method == "client_secret_basic" ? ClientAuthMethod::client_secret_basic : ClientAuthMethod::client_secret_post;
}

// `"credentials": [{"id": "cred_…"}, …]`
std::vector<std::string> credential_ids(const json::object* holder) {
  std::vector<std::string> out;
  const auto* const items = holder == nullptr ? nullptr : json::find(*holder, "credentials");
  if (items == nullptr || !items->is_array()) return out;
  for (const auto& item : items->get_array()) {
    if (!item.is_object()) continue;
    if (auto id = json::find_string(item.get_object(), "id")) out.push_back(std::move(*id));
  }
  return out;
}

SessionTransfer session_transfer_from(const json::object& o) {
  SessionTransfer out;
  out.can_create_session_transfer_token = json::find_bool(o, "can_create_session_transfer_token").value_or(false);
  out.enforce_cascade_revocation = json::find_bool(o, "enforce_cascade_revocation").value_or(true);
  out.allowed_authentication_methods = json::find_strings(o, "allowed_authentication_methods");
  if (const auto binding = json::find_string(o, "enforce_device_binding"))
    out.enforce_device_binding = device_binding_from(*binding);
  out.allow_refresh_token = json::find_bool(o, "allow_refresh_token").value_or(false);
  out.enforce_online_refresh_tokens = json::find_bool(o, "enforce_online_refresh_tokens").value_or(true);
  return out;
}

std::vector<RefreshTokenPolicy> policies_from(const json::object& refresh_token) {
  std::vector<RefreshTokenPolicy> out;
  const auto* const items = json::find(refresh_token, "policies");
  if (items == nullptr || !items->is_array()) return out;
  for (const auto& item : items->get_array()) {
    if (!item.is_object()) continue;
    const auto& policy = item.get_object();
    out.push_back({json::find_string(policy, "audience").value_or(""), json::find_strings(policy, "scope")});
  }
  return out;
}

RefreshTokenSettings refresh_token_from(const json::object& o) {
  RefreshTokenSettings out;
  out.rotating = json::find_string(o, "rotation_type") == "rotating";
  out.expiring = json::find_string(o, "expiration_type") == "expiring";
  out.leeway = json::find_integer(o, "leeway").value_or(0);
  out.token_lifetime = json::find_integer(o, "token_lifetime").value_or(out.token_lifetime);
  out.infinite_token_lifetime = json::find_bool(o, "infinite_token_lifetime").value_or(!out.expiring);
  out.idle_token_lifetime = json::find_integer(o, "idle_token_lifetime").value_or(out.idle_token_lifetime);
  out.infinite_idle_token_lifetime = json::find_bool(o, "infinite_idle_token_lifetime").value_or(!out.expiring);
  out.policies = policies_from(o);
  return out;
}

BackchannelLogout backchannel_logout_from(const json::object& o) {
  BackchannelLogout out;
  if (auto urls = json::find_strings(o, "backchannel_logout_urls"); !urls.empty()) out.url = std::move(urls.front());
  if (const auto* const initiators = json::find_object(o, "backchannel_logout_initiators")) {
    out.every_initiator = json::find_string(*initiators, "mode") == "all";
    out.selected_initiators = json::find_strings(*initiators, "selected_initiators");
  }
  if (const auto* const metadata = json::find_object(o, "backchannel_logout_session_metadata"))
    out.includes_session_metadata = json::find_bool(*metadata, "include").value_or(false);
  return out;
}

}  // namespace

bool BackchannelLogout::is_told_of(std::string_view initiator) const {
  if (url.empty()) return false;
  return every_initiator || initiator == "rp-logout" || initiator == "idp-logout" ||
         base::contains(selected_initiators, initiator);
}

std::string_view to_text(DeviceBinding binding) {
  switch (binding) {
    case DeviceBinding::ip: return "ip";
    case DeviceBinding::asn: return "asn";
    case DeviceBinding::none: return "none";
  }
  return "ip";
}

std::optional<DeviceBinding> device_binding_from(std::string_view text) {
  for (const auto binding : {DeviceBinding::ip, DeviceBinding::asn, DeviceBinding::none}) {
    if (to_text(binding) == text) return binding;
  }
  return std::nullopt;
}

bool Client::allows_grant(std::string_view grant_type) const {
  // Token exchange is switched on by its own setting: what provisions clients sends no more than that (contract §1.14).
  if (grant_type == "urn:ietf:params:oauth:grant-type:token-exchange" && allows_custom_token_exchange) return true;
  return base::contains(grant_types, grant_type);
}

const json::object* Client::addon(std::string_view protocol) const {
  const auto* const addons = json::find_object(document, "addons");
  return addons != nullptr ? json::find_object(*addons, protocol) : nullptr;
}

std::vector<std::string> Client::consumer_urls() const {
  auto out = callbacks;
  std::erase_if(out, [](const std::string& uri) { return !is_web_page(uri) || uri.find_first_of("*{") != std::string::npos; });
  return out;
}

bool is_web_page(std::string_view uri) { return uri.starts_with("https://") || uri.starts_with("http://"); }

Client client_from_document(std::string client_id, json::object document) {
  Client out;
  out.client_id = std::move(client_id);
  out.name = json::find_string(document, "name").value_or("");
  out.app_type = app_type_from(json::find_string(document, "app_type").value_or(""));
  out.token_endpoint_auth_method = auth_method_from(document);
  out.is_first_party = json::find_bool(document, "is_first_party").value_or(true);
  out.is_global = json::find_bool(document, "global").value_or(false);
  out.is_token_endpoint_ip_header_trusted = json::find_bool(document, "is_token_endpoint_ip_header_trusted").value_or(false);
  out.require_proof_of_possession = json::find_bool(document, "require_proof_of_possession").value_or(false);
  out.callbacks = json::find_strings(document, "callbacks");
  out.allowed_logout_urls = json::find_strings(document, "allowed_logout_urls");
  out.allowed_origins = json::find_strings(document, "allowed_origins");
  out.web_origins = json::find_strings(document, "web_origins");
  out.grant_types = json::find_strings(document, "grant_types");
  out.initiate_login_uri = json::find_string(document, "initiate_login_uri").value_or("");
  out.strict_mode = json::find_string(document, "third_party_security_mode") == "strict";
  out.open_redirect_protection = json::find_string(document, "redirection_policy") == "open_redirect_protection";
  out.organization_usage = json::find_string(document, "organization_usage").value_or("");
  out.requires_pushed_authorization_requests = json::find_bool(document, "require_pushed_authorization_requests").value_or(false);
  out.par_request_expiry = json::find_integer(document, "par_request_expiry").value_or(out.par_request_expiry);
  if (const auto* jwt = json::find_object(document, "jwt_configuration")) {
    out.id_token_lifetime = json::find_integer(*jwt, "lifetime_in_seconds").value_or(36000);
    out.id_token_signed_response_alg = json::find_string(*jwt, "alg").value_or("");
  }
  if (const auto* methods = json::find_object(document, "client_authentication_methods"))
    out.private_key_jwt_credentials = credential_ids(json::find_object(*methods, "private_key_jwt"));
  if (const auto* object = json::find_object(document, "signed_request_object")) {
    out.signed_request_credentials = credential_ids(object);
    out.requires_signed_request = json::find_bool(*object, "required").value_or(false);
  }
  if (const auto* exchange = json::find_object(document, "token_exchange")) {
    out.allows_custom_token_exchange =
        base::contains(json::find_strings(*exchange, "allow_any_profile_of_type"), "custom_authentication");
  }
  if (const auto* transfer = json::find_object(document, "session_transfer"))
    out.session_transfer = session_transfer_from(*transfer);
  if (const auto* refresh = json::find_object(document, "refresh_token")) out.refresh_token = refresh_token_from(*refresh);
  if (const auto* logout = json::find_object(document, "oidc_logout")) out.backchannel_logout = backchannel_logout_from(*logout);
  out.document = std::move(document);
  return out;
}

bool revocation_cascades(const Client* client) {
  return client == nullptr || !client->session_transfer || client->session_transfer->enforce_cascade_revocation;
}

}  // namespace segue::model
