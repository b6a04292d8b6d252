#include "oauth/device/device_authorization.h"

#include <optional>
#include <vector>

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
constexpr int kUserCodeAttempts = 4;                             // where one is taken, the next is tried

struct Wish {
  AuthenticatedClient client;
  std::string scope, audience;
};

base::Result<Wish> read_wish(const tenancy::Snapshot& tenant, http::Call& call, const http::Parameters& parameters) {
  Wish out{.client = TRY(authenticate_client(tenant, call, parameters)), .scope = {}, .audience = {}};
  TRY(check_device_client(*out.client));
  out.scope = without_online_access(parameters.find("scope").value_or(""));
  auto audience = parameters.find("audience");
  if (!audience) audience = parameters.find("resource");  // RFC 8707
  out.audience = audience_or_default(tenant, audience.value_or(""));
  // What could never be granted is refused before anybody types a code.
  TRY(grant_resource(tenant, *out.client, call.domain, out.audience, out.scope, AudienceError::token));
  return out;
}

void log_refusal(const Services& services, const http::Call& call, const tenancy::Snapshot& tenant,
                 const http::Parameters& parameters, const base::Error& error) {
  const auto given = [&](const char* name, std::size_t most) { return parameters.find(name).value_or("").substr(0, most); };
  const auto known = tenant.client(parameters.find("client_id").value_or(""));
  auto row = event_of(call, "fdeaz", known.get());
  row.description = error.description;
  row.audience = given("audience", 600);
  row.details["body"] =
      json::object{{"client_id", given("client_id", 64)}, {"scope", given("scope", 600)}, {"audience", given("audience", 600)}};
  row.details["error"] = json::object{{"oauthError", error.code}, {"message", error.description}};
  services.failures.push(call.tenant, std::move(row));
}

// Of the request that got the last code of the quota: who is refused afterwards writes nothing.
audit::Event limit_row(const http::Call& call, const model::Client& client, const protection::DeviceCodeLimits& limits,
                       protection::DeviceCodeQuota::Taken taken) {
  const bool of_client = taken == protection::DeviceCodeQuota::Taken::last_of_client;
  auto row = event_of(call, "api_limit", &client);
  row.description = std::string("This network address has used up its device codes ") +
                    (of_client ? "for this application" : "for all applications") + "; it gets none for a quarter of an hour.";
  row.details["limit"] = json::object{{"bucket", of_client ? "device_code_client" : "device_code_address"},
                                      {"global", false},
                                      {"size", of_client ? limits.per_client : limits.per_address}};
  row.details["request"] = json::object{{"method", "POST"}, {"path", "/oauth/device/code"}};
  return row;
}

base::Error quota_used_up() {
  return too_many_requests("Too many device codes were asked for from this network address. Try again in a quarter of an hour.");
}

// What a device may be given, drawn before the transaction.
struct Draft {
  tenancy::NewHandle handle;
  std::string user_code;
  model::Digest user_code_hash{};
};
std::vector<Draft> draw(const Services& services, const tenancy::Snapshot& tenant) {
  const auto format = user_code_format(tenant.tenant().settings);
  std::vector<Draft> out;
  for (int k = 0; k < kUserCodeAttempts; ++k) {
    auto user_code = make_user_code(services.random, format);
    const auto hash = user_code_hash(tenant.keys(), *normalised_user_code(user_code));
    out.push_back({tenancy::make_handle(tenant.keys(), services.random, model::HandleKind::device_code,
                                        services.tenants.store().ids().next()),
                   std::move(user_code), hash});
  }
  return out;
}

struct Issued {
  protection::DeviceCodeQuota::Taken taken{};
  std::optional<std::size_t> draft;  // absent: every user code was taken
};
Issued issue(const store::Writer& w, const Services& services, const http::Call& call, const Wish& wish,
             const std::vector<Draft>& drafts, base::Instant now) {
  Issued out{.taken = services.device_code_quota.take(w, wish.client->client_id, call.caller_address, now), .draft = {}};
  using Taken = protection::DeviceCodeQuota::Taken;
  if (out.taken == Taken::none) return out;
  if (out.taken != Taken::one)
    audit::append(w, limit_row(call, *wish.client, services.device_code_quota.limits(), out.taken), now);
  model::DeviceCode device;
  device.client_id = wish.client->client_id;
  device.scope = wish.scope;
  device.audience = wish.audience;
  device.created_at = now;
  device.expires_at = now + kDeviceCodeLifetime;
  for (std::size_t k = 0; k < drafts.size() && !out.draft; ++k) {
    device.device_code_id = drafts[k].handle.id;
    if (store::device_codes::insert(w, device, drafts[k].handle.secret_hash, drafts[k].user_code_hash)) out.draft = k;
  }
  return out;
}

http::Response answer(const std::string& issuer, const Draft& draft) {
  const auto uri = issuer + "activate";
  http::Parameters complete;
  complete.add("user_code", draft.user_code);
  auto response =
      http::json_response(200, json::write(json::object{{"device_code", draft.handle.text.reveal()},
                                                        {"user_code", draft.user_code},
                                                        {"verification_uri", uri},
                                                        {"expires_in", kDeviceCodeLifetime.count()},
                                                        {"interval", model::DeviceCode{}.interval_seconds},
                                                        {"verification_uri_complete", http::append_query(uri, complete)}}));
  response.headers.set("cache-control", "no-store");  // RFC 8628 §3.2
  return response;
}

}  // namespace

base::Result<http::Response> authorize_device(const Services& services, http::Call& call) {
  const auto parameters = TRY(parse_token_request(call.request));
  return services.tenants.on_current(call.tenant, [&](const auto& tenant) -> base::Result<http::Response> {
    const auto wish = read_wish(*tenant, call, parameters);
    if (!wish.ok()) {
      log_refusal(services, call, *tenant, parameters, wish.error());
      return wish.error();
    }
    const auto now = services.clock.now();
    const bool used_up = services.tenants.store().read(call.tenant, [&](const store::Reader& r) {
      return services.device_code_quota.is_used_up(r, wish->client->client_id, call.caller_address, now);
    });
    if (used_up) return quota_used_up();
    const auto drafts = draw(services, *tenant);
    const auto issued =
        services.tenants.write_on(*tenant, [&](const store::Writer& w) { return issue(w, services, call, *wish, drafts, now); });
    if (issued.taken == protection::DeviceCodeQuota::Taken::none) return quota_used_up();
    if (issued.draft) return answer(tenant->issuer(call.domain), drafts[*issued.draft]);
    return base::Error{.kind = base::ErrorKind::unavailable,
                       .code = "temporarily_unavailable",
                       .description = "No free user code was found: try again.",
                       .status = 503};
  });
}

}  // namespace segue::oauth
