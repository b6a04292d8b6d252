#include "tenancy/key_file.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/text.h"

namespace segue::tenancy {
namespace {
constexpr std::string_view kMark = "segue-key-1:";
}

KeyFile::KeyFile(std::string raw) : raw_(std::move(raw)), key_(std::make_shared<crypto::AeadKey>(base::as_bytes(raw_))) {}

KeyFile KeyFile::generate(base::Random& random) {
  const auto bytes = random.bytes<32>();
  return KeyFile(std::string(base::as_text(bytes)));
}

base::Result<KeyFile> KeyFile::parse(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  const auto raw = text.starts_with(kMark) ? base::from_base64url(text.substr(kMark.size())) : std::nullopt;
  if (!raw || raw->size() != 32) {
    return base::Error{
        .kind = base::ErrorKind::invalid_input,
        .code = "invalid_key_file",
        .description =
            "The key file is not one that `segue init` wrote. Restore DIR/segue.key from your backup; without it the "
            "keys in the database cannot be opened."};
  }
  return KeyFile(*raw);
}

crypto::Secret KeyFile::text() const { return crypto::Secret(std::string(kMark) + base::base64url(raw_) + "\n"); }

std::string KeyFile::seal(base::Random& random, std::string_view plaintext, std::string_view context) const {
  return key_->seal(random, plaintext, context);
}

base::Result<crypto::Secret> KeyFile::open(std::string_view sealed, std::string_view context) const {
  auto opened = key_->open(sealed, context);
  if (!opened) {
    return base::Error{.kind = base::ErrorKind::invalid_input,
                       .code = "wrong_key_file",
                       .description =
                           "The key file does not open what the database holds. It belongs to another database: restore the "
                           "DIR/segue.key that was made with this one.",
                       .detail = std::string(context)};
  }
  return crypto::Secret(std::move(*opened));
}

std::string seal_context(base::TenantId tenant, std::string_view purpose, std::string_view id) {
  return fmt::format("tenant/{}/{}/{}", base::to_integer(tenant), purpose, id);
}

}  // namespace segue::tenancy
