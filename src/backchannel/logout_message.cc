#include "backchannel/logout_message.h"

#include "jose/jwt.h"

namespace segue::backchannel {
namespace {

constexpr std::int64_t kLifetime = 120;  // seconds, contract §5.3
constexpr std::string_view kEvent = "http://schemas.openid.net/event/backchannel-logout";

}  // namespace

std::string to_text(const LogoutMessage& message) {
  json::object out{{"sid", message.sid},
                   {"user_id", message.user_id},
                   {"initiator", message.initiator},
                   {"jti", message.jti},
                   {"trace_id", message.trace_id}};
  if (!message.domain.empty()) out["domain"] = message.domain;
  if (!message.session_metadata.empty()) out["session_metadata"] = message.session_metadata;
  return json::write(out);
}

LogoutMessage logout_message_from(std::string_view text) {
  LogoutMessage out;
  const auto parsed = json::parse(text);
  if (!parsed.ok() || !parsed->is_object()) throw base::Bug("an outbox row is no JSON object");
  const auto& o = parsed->get_object();
  const auto member = [&](std::string_view name) { return json::find_string(o, name).value_or(""); };
  out.sid = member("sid");
  out.user_id = member("user_id");
  out.initiator = member("initiator");
  out.domain = member("domain");
  out.jti = member("jti");
  out.trace_id = member("trace_id");
  if (const auto* const metadata = json::find_object(o, "session_metadata")) out.session_metadata = *metadata;
  return out;
}

std::string mint_logout_token(const tenancy::Snapshot& tenant, const model::Client& client, const LogoutMessage& message,
                              base::Instant now) {
  const auto iat = base::to_seconds(now);
  // The issuer is the one that the relying party discovered, while that domain is the tenant's.
  const bool known = !message.domain.empty() && tenant.has_domain(message.domain);
  json::object claims{{"iss", tenant.issuer(known ? message.domain : tenant.tenant().canonical_domain())},
                      {"sub", message.user_id},
                      {"aud", client.client_id},
                      {"iat", iat},
                      {"exp", iat + kLifetime},
                      {"jti", message.jti},
                      {"sid", message.sid},
                      {"events", json::object{{kEvent, json::object{}}}},
                      {"trace_id", message.trace_id}};
  if (client.backchannel_logout.includes_session_metadata && !message.session_metadata.empty())
    claims["session_metadata"] = message.session_metadata;
  const auto& key = tenant.keys().current(crypto::SignatureAlgorithm::RS256, now);
  return jose::sign_jwt(key.key, key.kid, "JWT", claims);
}

}  // namespace segue::backchannel
