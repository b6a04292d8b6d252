#include "assertions/key_ring.h"

#include <algorithm>

#include "base/bytes.h"
#include "crypto/certificates.h"

namespace segue::assertions {
namespace {

using crypto::SignatureAlgorithm;

bool is_rsa(const tenancy::TenantSigningKey& key) { return key.key.algorithm() == SignatureAlgorithm::RS256; }

base::Result<const tenancy::TenantSigningKey*> current_of(const tenancy::Snapshot& tenant, base::Instant now) {
  const auto& keys = tenant.keys().signing;
  const bool has_current = std::any_of(keys.begin(), keys.end(),
                                       [](const auto& key) { return is_rsa(key) && key.state == tenancy::KeyState::current; });
  if (has_current) return &tenant.keys().current(SignatureAlgorithm::RS256, now);
  return base::Error{.kind = base::ErrorKind::unavailable,
                     .code = "server_error",
                     .description =
                         "SAML signs with RSA, and the tenant has no RSA signing key. Make one with POST "
                         "/api/v2/keys/signing/rotate."};
}

}  // namespace

base::Result<std::shared_ptr<const xml::PrivateKey>> KeyRing::signing_key(const tenancy::Snapshot& tenant, base::Instant now) {
  const auto* const current = TRY(current_of(tenant, now));
  const std::pair name{tenant.tenant().id, current->kid};
  const std::lock_guard lock(mutex_);
  if (const auto known = keys_.find(name); known != keys_.end()) return known->second;
  std::erase_if(keys_, [&](const auto& entry) {
    return entry.first.first == tenant.tenant().id && tenant.keys().find(entry.first.second) == nullptr;
  });
  auto made = std::make_shared<const xml::PrivateKey>(current->key.to_pem(), current->certificate);
  keys_.emplace(name, made);
  return made;
}

base::Result<std::vector<std::string>> KeyRing::certificates(const tenancy::Snapshot& tenant, base::Instant now) {
  const auto* const current = TRY(current_of(tenant, now));
  std::vector<std::string> out;
  const auto add = [&](const tenancy::TenantSigningKey& key) {
    const auto der = crypto::certificate_der(key.certificate);
    if (!der) throw base::Bug("the certificate of a signing key is not readable");
    out.push_back(base::base64(*der));
  };
  add(*current);
  for (const auto& key : tenant.keys().signing) {
    if (is_rsa(key) && &key != current && key.state != tenancy::KeyState::previous) add(key);
  }
  return out;
}

}  // namespace segue::assertions
