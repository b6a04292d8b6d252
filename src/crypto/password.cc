#include "crypto/password.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <sodium.h>

#include <algorithm>
#include <memory>

#include "base/result.h"
#include "base/text.h"
#include "crypto/digest.h"

namespace segue::crypto {
namespace {

constexpr std::size_t kMaxHashLength = 512;
// A hash may be imported, so the cost it names is a stranger's: these bounds keep one login from holding a lane for minutes.
constexpr std::int64_t kMaxArgonKibibytes = 1024 * 1024, kMaxArgonPasses = 32, kMaxArgonLanes = 16;
constexpr int kMinBcryptCost = 4, kMaxBcryptCost = 16;

constexpr std::size_t kBcryptLength = 60;
constexpr std::size_t kBcryptUsedBytes = 72;  // bcrypt's key schedule reads no further

bool is_bcrypt(std::string_view hash) {
  static constexpr std::string_view kAlphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  if (hash.size() != kBcryptLength || !(hash.starts_with("$2a$") || hash.starts_with("$2b$") || hash.starts_with("$2y$")))
    return false;
  const auto cost = base::parse_integer(hash.substr(4, 2));
  return cost && *cost >= kMinBcryptCost && *cost <= kMaxBcryptCost && hash[6] == '$' &&
         hash.find_first_not_of(kAlphabet, 7) == std::string_view::npos;
}

// Reads `name`digits from the front of `text`.
std::optional<std::int64_t> take_number(std::string_view& text, std::string_view name) {
  if (!text.starts_with(name)) return std::nullopt;
  text.remove_prefix(name.size());
  const auto digits = text.substr(0, std::min(text.find_first_not_of("0123456789"), text.size()));
  text.remove_prefix(digits.size());
  return base::parse_integer(digits);
}

bool is_argon2id(std::string_view hash) {
  if (hash.size() > kMaxHashLength || hash.find('\0') != std::string_view::npos) return false;
  const auto memory = take_number(hash, "$argon2id$v=19$m=");
  const auto passes = take_number(hash, ",t=");
  const auto lanes = take_number(hash, ",p=");
  return memory && passes && lanes && hash.starts_with('$') && *memory <= kMaxArgonKibibytes && *passes <= kMaxArgonPasses &&
         *lanes >= 1 && *lanes <= kMaxArgonLanes;
}

void start_sodium() {
  static const bool started = sodium_init() >= 0;
  if (!started) throw base::Bug("libsodium did not start");
}

PasswordMatch verify_bcrypt(const Secret& password, const std::string& hash) {
  // crypt_r reads a C string: what stands behind a NUL would not count.
  if (password.reveal().find('\0') != std::string_view::npos) return PasswordMatch::no;
  const Secret used{std::string(password.reveal().substr(0, kBcryptUsedBytes))};
  const auto data = std::make_unique<crypt_data>();
  // reveal() views a std::string, so a NUL follows its last character.
  const char* const answer = crypt_r(used.reveal().data(), hash.c_str(), data.get());
  const bool same = answer != nullptr && equal_in_constant_time(base::as_bytes(answer), base::as_bytes(hash));
  OPENSSL_cleanse(data.get(), sizeof *data);
  return same ? PasswordMatch::yes_but_rehash : PasswordMatch::no;
}

PasswordMatch verify_argon2id(const Secret& password, const std::string& hash, const PasswordCost& cost) {
  start_sodium();
  if (crypto_pwhash_str_verify(hash.c_str(), password.reveal().data(), password.reveal().size()) != 0) return PasswordMatch::no;
  return crypto_pwhash_str_needs_rehash(hash.c_str(), cost.operations, cost.memory_bytes) == 0 ? PasswordMatch::yes
                                                                                               : PasswordMatch::yes_but_rehash;
}

}  // namespace

std::string hash_password(const Secret& password, const PasswordCost& cost) {
  start_sodium();
  char out[crypto_pwhash_STRBYTES];
  const int done = crypto_pwhash_str_alg(out, password.reveal().data(), password.reveal().size(), cost.operations,
                                         cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13);
  if (done != 0) throw base::Bug("argon2id failed: not enough memory, or a cost outside its limits");
  return out;
}

PasswordMatch verify_password(const Secret& password, std::string_view hash, const PasswordCost& cost) {
  if (is_bcrypt(hash)) return verify_bcrypt(password, std::string(hash));
  if (is_argon2id(hash)) return verify_argon2id(password, std::string(hash), cost);
  return PasswordMatch::no;
}

bool is_supported_password_hash(std::string_view hash) { return is_bcrypt(hash) || is_argon2id(hash); }

}  // namespace segue::crypto
