#include "tenancy/key_file.h"

#include <fmt/format.h>

#include <mutex>
#include <optional>

#include "base/bytes.h"
#include "base/text.h"
#include "crypto/aead.h"
#include "store/sealed_values.h"

namespace segue::tenancy {
namespace {

constexpr std::string_view kMark = "segue-key-1:";
constexpr std::string_view kNextMark = "segue-key-1-next:";  // opens; will seal
constexpr std::string_view kOldMark = "segue-key-1-old:";    // opens; has sealed
constexpr std::size_t kKeySize = 32;

struct Key {
  explicit Key(std::string bytes) : raw(std::move(bytes)), aead(base::as_bytes(raw)) {}
  std::string raw;
  crypto::AeadKey aead;
};
using KeyPtr = std::shared_ptr<const Key>;

KeyPtr parse_line(std::string_view line, std::string_view mark) {
  if (!line.starts_with(mark)) return nullptr;
  auto raw = base::from_base64url(line.substr(mark.size()));
  return raw && raw->size() == kKeySize ? std::make_shared<const Key>(std::move(*raw)) : nullptr;
}

std::string line_of(std::string_view mark, const Key& key) { return std::string(mark) + base::base64url(key.raw) + "\n"; }

base::Error invalid_key_file(std::string_view name, std::string_view what) {
  return {
      .kind = base::ErrorKind::invalid_input,
      .code = "invalid_key_file",
      .description = fmt::format(
          "the key file {} {}. Restore it from your backup, or copy it from another node of this database; without it the keys "
          "in the database cannot be opened",
          name, what)};
}

}  // namespace

struct KeyFile::Keys {
  KeyPtr sealing;
  KeyPtr opening;  // the second key of a rotation, or null
  Stage stage = Stage::single;
  std::string name = "segue.key";
};

struct KeyFile::Shared {
  std::mutex mutex;
  std::shared_ptr<const Keys> keys;
};

KeyFile::KeyFile(std::shared_ptr<const Keys> keys) : shared_(std::make_shared<Shared>()) { shared_->keys = std::move(keys); }

std::shared_ptr<const KeyFile::Keys> KeyFile::keys() const {
  const std::scoped_lock lock(shared_->mutex);
  return shared_->keys;
}

void KeyFile::replace(const KeyFile& newer) {
  auto keys = newer.keys();
  const std::scoped_lock lock(shared_->mutex);
  shared_->keys = std::move(keys);
}

KeyFile KeyFile::generate(base::Random& random) {
  const auto bytes = random.bytes<kKeySize>();
  Keys keys;
  keys.sealing = std::make_shared<const Key>(std::string(base::as_text(bytes)));
  return KeyFile(std::make_shared<const Keys>(std::move(keys)));
}

base::Result<KeyFile> KeyFile::parse(std::string_view text, std::string_view name) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  if (text.empty()) return invalid_key_file(name, "is empty");
  const auto end = text.find('\n');
  Keys keys;
  keys.name = name;
  keys.sealing = parse_line(text.substr(0, end), kMark);
  bool valid = keys.sealing != nullptr;
  if (valid && end != std::string_view::npos) {
    const auto second = text.substr(end + 1);
    keys.stage = second.starts_with(kNextMark) ? Stage::prepared : Stage::switched;
    keys.opening = parse_line(second, keys.stage == Stage::prepared ? kNextMark : kOldMark);
    valid = keys.opening != nullptr;
  }
  if (!valid) {
    return invalid_key_file(name,
                            text.starts_with("segue-key-1") ? "is cut short or damaged" : "is not one that `segue init` wrote");
  }
  return KeyFile(std::make_shared<const Keys>(std::move(keys)));
}

crypto::Secret KeyFile::text() const {
  const auto keys = this->keys();
  auto out = line_of(kMark, *keys->sealing);
  if (keys->opening) out += line_of(keys->stage == Stage::prepared ? kNextMark : kOldMark, *keys->opening);
  return crypto::Secret(std::move(out));
}

KeyFile::Stage KeyFile::stage() const { return keys()->stage; }

KeyFile KeyFile::advanced(base::Random& random) const {
  auto next = *keys();
  switch (next.stage) {
    case Stage::single:
      next.opening = generate(random).keys()->sealing;
      next.stage = Stage::prepared;
      break;
    case Stage::prepared:
      std::swap(next.sealing, next.opening);
      next.stage = Stage::switched;
      break;
    case Stage::switched:
      next.opening.reset();
      next.stage = Stage::single;
      break;
  }
  return KeyFile(std::make_shared<const Keys>(std::move(next)));
}

std::string KeyFile::seal(base::Random& random, std::string_view plaintext, std::string_view context) const {
  return keys()->sealing->aead.seal(random, plaintext, context);
}

base::Result<crypto::Secret> KeyFile::open(std::string_view sealed, std::string_view context) const {
  const auto keys = this->keys();
  auto opened = keys->sealing->aead.open(sealed, context);
  if (!opened && keys->opening) opened = keys->opening->aead.open(sealed, context);
  if (!opened) {
    return base::Error{.kind = base::ErrorKind::invalid_input,
                       .code = "wrong_key_file",
                       .description = fmt::format(
                           "the key file {} does not open what the database holds: it belongs to another database, or to this "
                           "one before or after "
                           "a rotation. Restore the key file of this database from your backup, or copy it from another node",
                           keys->name),
                       .detail = std::string(context)};
  }
  return crypto::Secret(std::move(*opened));
}

bool KeyFile::is_sealed_by_this(std::string_view sealed, std::string_view context) const {
  return keys()->sealing->aead.open(sealed, context).has_value();
}

std::string seal_context(base::TenantId tenant, std::string_view purpose, std::string_view id) {
  if (store::sealed_values::find_column(purpose) == nullptr)
    throw base::Bug("store/sealed_values.cc does not say where what is sealed for " + std::string(purpose) + " is stored");
  return fmt::format("tenant/{}/{}/{}", base::to_integer(tenant), purpose, id);
}

}  // namespace segue::tenancy
