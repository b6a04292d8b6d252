// A public key of a client (contract §9.6, "Credentials sub-resource").
#pragma once
#include <optional>
#include <string>

#include "base/clock.h"

namespace segue::model {

struct ClientCredential {
  std::string credential_id;  // "cred_…"
  std::string client_id;
  std::string name;
  std::string kid;
  std::string alg;  // RS256, RS384 or PS256: the only one that it verifies
  std::string pem;  // a public key or a certificate
  base::Instant created_at{}, updated_at{};
  std::optional<base::Instant> expires_at;

  bool is_live(base::Instant now) const { return !expires_at || now < *expires_at; }
};

}  // namespace segue::model
