#include "tenancy/signing_keys.h"

#include <stdexcept>

#include "base/text.h"
#include "jose/jwt.h"

namespace segue::tenancy {
namespace {

constexpr auto kCertificateLifetime = std::chrono::hours(24 * 3650);
constexpr const char* kPurpose = "signing_key";

KeyState state_from(std::string_view text) {
  for (const auto state : {KeyState::current, KeyState::next}) {
    if (to_text(state) == text) return state;
  }
  return KeyState::previous;
}

}  // namespace

std::string_view to_text(KeyState state) {
  switch (state) {
    case KeyState::current: return "current";
    case KeyState::next: return "next";
    case KeyState::previous: break;
  }
  return "previous";
}

store::signing_keys::Row make_signing_key(const KeyFile& key_file, base::Random& random, base::TenantId tenant,
                                          std::string_view domain, crypto::SignatureAlgorithm algorithm, KeyState state,
                                          base::Instant now) {
  const auto key = crypto::SigningKey::generate(algorithm);
  store::signing_keys::Row row;
  row.kid = random.text(21, base::kUrlSafe);
  row.alg = crypto::to_text(algorithm);
  row.state = to_text(state);
  row.wrapped_private_key = key_file.seal(random, key.to_pem().reveal(), seal_context(tenant, kPurpose, row.kid));
  row.certificate = key.self_signed_certificate(domain.substr(0, domain.find(':')), now, now + kCertificateLifetime);
  row.created_at = now;
  row.published_at = now;
  if (state == KeyState::current) row.current_since = now;
  return row;
}

std::optional<TenantSigningKey> open_signing_key(const KeyFile& key_file, base::TenantId tenant,
                                                 const store::signing_keys::Row& row) {
  const auto algorithm = crypto::signing_algorithm_from(row.alg);
  if (!algorithm) return std::nullopt;
  const auto pem = key_file.open(row.wrapped_private_key, seal_context(tenant, kPurpose, row.kid));
  if (!pem.ok()) throw std::runtime_error(pem.error().description);
  auto key = crypto::SigningKey::from_pem(*algorithm, *pem);
  auto verification_key = key.verification_key();
  auto public_jwk = json::write(jose::public_jwk(key, row.kid, row.certificate));
  return TenantSigningKey{.kid = row.kid,
                          .state = state_from(row.state),
                          .certificate = row.certificate,
                          .current_since = row.current_since.value_or(row.created_at),
                          .published_at = row.published_at,
                          .key = std::move(key),
                          .verification_key = std::move(verification_key),
                          .public_jwk = std::move(public_jwk)};
}

}  // namespace segue::tenancy
