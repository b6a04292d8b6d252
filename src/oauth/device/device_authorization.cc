#include "oauth/device/device_authorization.h"

#include "base/bytes.h"
#include "oauth/client_authentication.h"
#include "oauth/device/device_client.h"
#include "oauth/device/user_code.h"
#include "oauth/errors.h"
#include "oauth/origin.h"
#include "oauth/resource.h"
#include "oauth/token_request.h"
#include "store/device_codes.h"
#include "tenancy/handles.h"

namespace segue::oauth {
namespace {

constexpr auto kDeviceCodeLifetime = std::chrono::seconds(900);  // contract §5.4
constexpr int kUserCodeAttempts = 4;                             // a user code that is taken is drawn again

struct Wish {
  AuthenticatedClient client;
  std::string scope, audience;
};

base::Result<Wish> read_wish(const tenancy::Snapshot& tenant, http::Call& call, const http::Parameters& parameters) {
  Wish out{.client = TRY(authenticate_client(tenant, call, parameters)), .scope = {}, .audience = {}};
  TRY(check_device_client(*out.client));
  out.scope = parameters.find("scope").value_or("");
  auto audience = parameters.find("audience");
  if (!audience) audience = parameters.find("resource");  // RFC 8707
  out.audience = audience_or_default(tenant, audience.value_or(""));
  // What could never be granted is refused before anybody types a code.
  TRY(grant_resource(tenant, *out.client, call.domain, out.audience, out.scope, AudienceError::token));
  return out;
}

}  // namespace

base::Result<http::Response> authorize_device(const Services& services, http::Call& call) {
  const auto parameters = TRY(parse_token_request(call.request));
  return services.tenants.on_current(call.tenant, [&](const auto& tenant) -> base::Result<http::Response> {
    const auto wish = read_wish(*tenant, call, parameters);
    if (!wish.ok()) {
      const auto known = tenant->client(parameters.find("client_id").value_or(""));
      auto row = event_of(call, "fdeaz", known.get());
      row.description = wish.error().description;
      row.audience = parameters.find("audience").value_or("").substr(0, 600);
      row.details["body"] = json::object{{"client_id", parameters.find("client_id").value_or("").substr(0, 64)},
                                         {"scope", parameters.find("scope").value_or("").substr(0, 600)},
                                         {"audience", row.audience}};
      row.details["error"] = json::object{{"oauthError", wish.error().code}, {"message", wish.error().description}};
      services.failures.push(call.tenant, std::move(row));
      return wish.error();
    }
    const auto now = services.clock.now();
    model::DeviceCode device;
    device.client_id = wish->client->client_id;
    device.scope = wish->scope;
    device.audience = wish->audience;
    device.created_at = now;
    device.expires_at = now + kDeviceCodeLifetime;
    const auto& keys = tenant->keys();
    const auto format = user_code_format(tenant->tenant().settings);
    for (int attempt = 0; attempt < kUserCodeAttempts; ++attempt) {
      const auto handle =
          tenancy::make_handle(keys, services.random, model::HandleKind::device_code, services.tenants.store().ids().next());
      const auto user_code = make_user_code(services.random, format);
      const auto hash = user_code_hash(keys, *normalised_user_code(user_code));
      device.device_code_id = handle.id;
      const bool stored = services.tenants.write_on(
          *tenant, [&](const store::Writer& w) { return store::device_codes::insert(w, device, handle.secret_hash, hash); });
      if (!stored) continue;
      const auto uri = tenant->issuer(call.domain) + "activate";
      http::Parameters complete;
      complete.add("user_code", user_code);
      auto response =
          http::json_response(200, json::write(json::object{{"device_code", handle.text.reveal()},
                                                            {"user_code", user_code},
                                                            {"verification_uri", uri},
                                                            {"expires_in", kDeviceCodeLifetime.count()},
                                                            {"interval", device.interval_seconds},
                                                            {"verification_uri_complete", http::append_query(uri, complete)}}));
      response.headers.set("cache-control", "no-store");  // RFC 8628 §3.2
      return response;
    }
    return base::Error{.kind = base::ErrorKind::unavailable,
                       .code = "temporarily_unavailable",
                       .description = "No free user code was found: try again.",
                       .status = 503};
  });
}

}  // namespace segue::oauth
