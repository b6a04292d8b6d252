// The key file DIR/segue.key: one random key that wraps what the database stores sealed (design §4, §5).
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/aead.h"
#include "crypto/secret.h"

namespace segue::tenancy {

class KeyFile {
 public:
  // Makes a new key; write text() to a file of mode 0600.
  static KeyFile generate(base::Random& random);
  // Refuses a file that is not one of ours, with a text that says what to mend.
  static base::Result<KeyFile> parse(std::string_view text);
  crypto::Secret text() const;

  // `context` says what is sealed and for which tenant, so that a sealed value cannot be moved: see seal_context().
  std::string seal(base::Random& random, std::string_view plaintext, std::string_view context) const;
  base::Result<crypto::Secret> open(std::string_view sealed, std::string_view context) const;

 private:
  explicit KeyFile(std::string raw);
  std::string raw_;
  std::shared_ptr<crypto::AeadKey> key_;
};

// "tenant/7/client_secret/CLIENT_ID"
std::string seal_context(base::TenantId tenant, std::string_view purpose, std::string_view id);

}  // namespace segue::tenancy
