#include "oauth/client_jwt.h"

#include <algorithm>

#include "base/text.h"
#include "oauth/errors.h"

namespace segue::oauth {
namespace {

using crypto::SignatureAlgorithm;

bool is_number_or_absent(const json::object& claims, std::string_view name) {
  if (json::find(claims, name) == nullptr) return true;
  const auto seconds = json::find_integer(claims, name);
  return seconds && *seconds >= 0 && *seconds <= kLastSecond;
}

}  // namespace

base::Result<jose::VerifiedJwt> verify_client_jwt(const tenancy::Snapshot& tenant, const model::Client& client,
                                                  const std::vector<std::string>& credential_ids, std::string_view token,
                                                  std::span<const std::string_view> types, base::Instant now) {
  const jose::Acceptance accepted{{SignatureAlgorithm::RS256, SignatureAlgorithm::RS384, SignatureAlgorithm::PS256}};
  auto error = invalid_request(std::string(kUnverified));
  const auto keys = tenant.client_keys(client.client_id);  // held: the snapshot may remember another thread's
  for (const auto& key : *keys) {
    if (!base::contains(credential_ids, key.credential_id) || (key.expires_at && *key.expires_at <= now)) continue;
    // Without a kid every key is tried: the client has a handful.
    const auto fits = [&](const jose::Header& header) {
      return header.kid.empty() || header.kid == key.kid ? &key.key : nullptr;
    };
    auto verified = jose::verify_jwt(token, fits, accepted);
    if (!verified.ok()) {
      error.detail = verified.error().detail;
      continue;
    }
    // RFC 8725 §3.11: a token of another kind is not taken for this one.
    const auto& typ = verified->header.typ;
    if (typ.empty() || std::any_of(types.begin(), types.end(), [&](auto type) { return base::iequals(typ, type); }))
      return verified;
    return invalid_request("the header typ is none of: " + base::join({types.begin(), types.end()}, ", "));
  }
  return error;
}

Refusal check_audience(const json::object& claims, const std::vector<std::string>& accepted) {
  const auto* aud = json::find(claims, "aud");
  if (aud != nullptr && aud->is_array() && aud->get_array().size() == 1) aud = &aud->get_array().front();
  if (aud != nullptr && aud->is_string() && base::contains(accepted, json::to_view(aud->get_string()))) return std::nullopt;
  return "aud must be one value, the issuer with its slash: " + accepted.front();
}

Refusal check_times(const json::object& claims, base::Instant now) {
  for (const auto* const name : {"exp", "nbf", "iat"}) {
    if (!is_number_or_absent(claims, name)) return std::string(name) + " must be a whole number of seconds";
  }
  const auto seconds = base::to_seconds(now);
  if (const auto exp = json::find_integer(claims, "exp"); exp && *exp <= seconds) return "it has expired (exp)";
  for (const auto* const name : {"nbf", "iat"}) {
    if (const auto at = json::find_integer(claims, name); at && *at > seconds + kClockSkew)
      return std::string(name) + " lies in the future: check the clock of the client";
  }
  return std::nullopt;
}

Refusal check_jti(const json::object& claims) {
  if (json::find(claims, "jti") == nullptr) return std::nullopt;
  const auto jti = json::find_string(claims, "jti");
  if (!jti || jti->empty() || jti->size() > kLongestJti) return "jti must be a text of 1 to 64 bytes";
  return std::nullopt;
}

std::vector<std::string> issuers_of(const tenancy::Snapshot& tenant) {
  std::vector<std::string> out;
  for (const auto& domain : tenant.tenant().domains) out.push_back(tenant.issuer(domain));
  return out;
}

}  // namespace segue::oauth
