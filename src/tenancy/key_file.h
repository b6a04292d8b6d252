// The key file DIR/segue.key: the random key that wraps what the database stores sealed (design §4, §5). During a rotation
// (tenancy/rewrap.h) it holds a second key that opens and does not seal.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace segue::tenancy {

// Copies stand for the same file: what one takes in by replace(), all have.
class KeyFile {
 public:
  // single: one key. prepared: a new key opens, the old one still seals. switched: the new key seals, the old one still opens.
  enum class Stage { single, prepared, switched };

  // Makes a new key; write text() to a file of mode 0600.
  static KeyFile generate(base::Random& random);
  // Refuses a file that is not one of ours, with a text that says what to mend. `name` is how the texts call the file.
  static base::Result<KeyFile> parse(std::string_view text, std::string_view name = "segue.key");
  crypto::Secret text() const;

  Stage stage() const;
  // The next stage of a rotation: single → prepared → switched → single.
  KeyFile advanced(base::Random& random) const;
  // Takes in another text of the same file, for everybody who holds a copy of this one. Safe from many threads.
  void replace(const KeyFile& newer);

  // `context` says what is sealed and for which tenant, so that a sealed value cannot be moved: see seal_context().
  std::string seal(base::Random& random, std::string_view plaintext, std::string_view context) const;
  base::Result<crypto::Secret> open(std::string_view sealed, std::string_view context) const;
  // Whether the key that seals now also opens it.
  bool is_sealed_by_this(std::string_view sealed, std::string_view context) const;

 private:
  struct Keys;
  struct Shared;
  explicit KeyFile(std::shared_ptr<const Keys> keys);
  std::shared_ptr<const Keys> keys() const;
  std::shared_ptr<Shared> shared_;
};

// "tenant/7/client_secret/CLIENT_ID". The purpose stands in store/sealed_values.cc, or a rotation would not find what it sealed;
// throws base::Bug otherwise.
std::string seal_context(base::TenantId tenant, std::string_view purpose, std::string_view id);

}  // namespace segue::tenancy
