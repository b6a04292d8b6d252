// A client (RFC 6749 §2) with the settings that the protocol code reads (contract §9.6). Defaults here are the wire's defaults.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "json/value.h"

namespace segue::model {

enum class AppType { unset, native, spa, regular_web, non_interactive, other };
enum class ClientAuthMethod { none, client_secret_post, client_secret_basic, private_key_jwt };
enum class DeviceBinding { ip, asn, none };
std::string_view to_text(DeviceBinding binding);
std::optional<DeviceBinding> device_binding_from(std::string_view text);

// contract §1.2. Absent on a client until something sets it.
struct SessionTransfer {
  bool can_create_session_transfer_token = false;
  bool enforce_cascade_revocation = true;
  std::vector<std::string> allowed_authentication_methods;  // "cookie", "query"
  std::optional<DeviceBinding> enforce_device_binding;      // absent: never set; the wire shows "ip"
  bool allow_refresh_token = false;
  bool enforce_online_refresh_tokens = true;
};

// An API that the client's refresh tokens also reach (contract §4.6).
struct RefreshTokenPolicy {
  std::string audience;
  std::vector<std::string> scopes;
};

// contract §4.3. Times in seconds.
struct RefreshTokenSettings {
  bool rotating = false;
  bool expiring = false;
  std::int64_t leeway = 0;
  std::int64_t token_lifetime = 2592000;
  bool infinite_token_lifetime = true;
  std::int64_t idle_token_lifetime = 1296000;
  bool infinite_idle_token_lifetime = true;
  std::vector<RefreshTokenPolicy> policies;
};

// contract §5.3: who is told when a session ends.
struct BackchannelLogout {
  std::string url;  // empty: nobody
  bool every_initiator = false;
  std::vector<std::string> selected_initiators;
  bool includes_session_metadata = false;
  // rp-logout and idp-logout cannot be deselected.
  bool is_told_of(std::string_view initiator) const;
};

struct Client {
  std::string client_id;
  std::string name;
  AppType app_type = AppType::unset;
  ClientAuthMethod token_endpoint_auth_method = ClientAuthMethod::client_secret_post;  // what an absent value means
  bool is_first_party = true;
  bool is_global = false;
  bool is_token_endpoint_ip_header_trusted = false;
  bool require_proof_of_possession = false;
  std::vector<std::string> callbacks, allowed_logout_urls, allowed_origins, web_origins, grant_types;
  std::string initiate_login_uri;
  bool strict_mode = false;               // third_party_security_mode
  bool open_redirect_protection = false;  // redirection_policy
  bool requires_pushed_authorization_requests = false;
  std::int64_t par_request_expiry = 30;                  // seconds
  std::string organization_usage;                        // "deny", "allow", "require" or empty
  std::int64_t id_token_lifetime = 36000;                // seconds
  std::string id_token_signed_response_alg;              // RS256, ES256 or HS256; empty: RS256
  std::vector<std::string> private_key_jwt_credentials;  // the ids of the keys that its assertions may be signed with
  std::vector<std::string> signed_request_credentials;   // and its request objects (RFC 9101)
  bool requires_signed_request = false;
  bool allows_custom_token_exchange = false;  // token_exchange.allow_any_profile_of_type has custom_authentication
  std::optional<SessionTransfer> session_transfer;
  RefreshTokenSettings refresh_token;
  BackchannelLogout backchannel_logout;
  std::string sealed_client_secret;  // under the key file, context "client_secret"
  base::Instant created_at{}, updated_at{};
  json::object document;  // the API's own fields as they were set, client_secret excluded

  bool is_public() const { return token_endpoint_auth_method == ClientAuthMethod::none; }
  bool allows_grant(std::string_view grant_type) const;
  // Its settings of another protocol, by the addon's name. Null: it does not speak it.
  const json::object* addon(std::string_view protocol) const;
  // The callbacks to which a form can be sent where nobody says to which: pages of the web, as they stand.
  std::vector<std::string> consumer_urls() const;
  bool is_strict_third_party() const { return !is_first_party && strict_mode; }
  // True for clients that live in a browser without a secret: they get refresh tokens only with rotation (contract §3.4).
  bool is_browser_client() const { return app_type == AppType::spa; }
};

// http or https: not an address that an app has claimed on a device.
bool is_web_page(std::string_view uri);

// Whether revoking what the client holds takes what grew from it (contract §1.13): also when it is gone, or never had the
// setting.
bool revocation_cascades(const Client* client);

// Reads the typed fields out of `document` (as management/ validated and stored it).
Client client_from_document(std::string client_id, json::object document);

}  // namespace segue::model
