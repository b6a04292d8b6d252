#include "crypto/aead.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "crypto/openssl.h"

namespace segue::crypto {
namespace {

constexpr std::size_t kNonceSize = 12, kTagSize = 16, kKeySize = 32;

}  // namespace

enum class Direction { decrypt = 0, encrypt = 1 };

// A key's own bytes, wiped at the end, with keyed contexts for both directions.
struct KeyedCipher {
  std::array<unsigned char, kKeySize> key;
  const EVP_CIPHER* cipher;
  ContextPool<EVP_CIPHER_CTX> encrypting, decrypting;

  KeyedCipher(base::ByteView bytes, const EVP_CIPHER* which) : cipher(which) {
    require(cipher != nullptr, "EVP_CIPHER_fetch");
    if (bytes.size() != kKeySize) throw base::Bug("an AES-256 key has 32 bytes");
    std::copy_n(octets(bytes), kKeySize, key.begin());
  }
  KeyedCipher(const KeyedCipher&) = delete;
  KeyedCipher& operator=(const KeyedCipher&) = delete;
  ~KeyedCipher() { OPENSSL_cleanse(key.data(), key.size()); }

  ContextPool<EVP_CIPHER_CTX>& pool(Direction direction) { return direction == Direction::encrypt ? encrypting : decrypting; }

  Owned<EVP_CIPHER_CTX> take(Direction direction) {
    return pool(direction).take([&] {
      auto context = require_owned(EVP_CIPHER_CTX_new(), "EVP_CIPHER_CTX_new");
      require(EVP_CipherInit_ex2(context.get(), cipher, key.data(), nullptr, static_cast<int>(direction), nullptr) == 1,
              "AES key");
      require(EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1, "padding");
      return context;
    });
  }
};

namespace {

// The key schedule and the GCM table stay in the context; only the nonce is new.
void start_message(EVP_CIPHER_CTX* context, const unsigned char* nonce, std::string_view associated, Direction direction) {
  require(EVP_CipherInit_ex2(context, nullptr, nullptr, nonce, static_cast<int>(direction), nullptr) == 1, "GCM nonce");
  int length = 0;
  if (!associated.empty()) {
    require(EVP_CipherUpdate(context, nullptr, &length, octets(associated), int_size(associated)) == 1, "GCM associated data");
  }
}

void gcm_seal(KeyedCipher& key, const unsigned char* nonce, std::string_view plaintext, std::string_view associated,
              unsigned char* ciphertext, unsigned char* tag) {
  auto context = key.take(Direction::encrypt);
  start_message(context.get(), nonce, associated, Direction::encrypt);
  int length = 0;
  unsigned char nothing[kTagSize];
  if (!plaintext.empty()) {
    require(EVP_CipherUpdate(context.get(), ciphertext, &length, octets(plaintext), int_size(plaintext)) == 1, "GCM encrypt");
  }
  require(EVP_CipherFinal_ex(context.get(), nothing, &length) == 1 &&
              EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize, tag) == 1,
          "GCM tag");
  key.pool(Direction::encrypt).give_back(std::move(context));
}

std::optional<std::string> gcm_open(KeyedCipher& key, const unsigned char* nonce, std::string_view ciphertext,
                                    std::string_view associated, std::string_view tag) {
  auto context = key.take(Direction::decrypt);
  start_message(context.get(), nonce, associated, Direction::decrypt);
  int length = 0;
  unsigned char nothing[kTagSize];
  std::string plaintext(ciphertext.size(), '\0');
  if (!ciphertext.empty()) {
    require(EVP_CipherUpdate(context.get(), octets(plaintext), &length, octets(ciphertext), int_size(ciphertext)) == 1,
            "GCM decrypt");
  }
  std::array<unsigned char, kTagSize> expected;
  std::copy_n(octets(tag), kTagSize, expected.begin());
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, expected.data()) == 1, "GCM tag");
  const bool genuine = EVP_CipherFinal_ex(context.get(), nothing, &length) == 1;
  key.pool(Direction::decrypt).give_back(std::move(context));
  if (genuine) return plaintext;
  ERR_clear_error();
  OPENSSL_cleanse(plaintext.data(), plaintext.size());
  return std::nullopt;
}

const EVP_CIPHER* fetched_gcm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return cipher;
}

const EVP_CIPHER* fetched_block() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-ECB", nullptr);
  return cipher;
}

BlockCipher::Block run_block(KeyedCipher& key, const BlockCipher::Block& in, Direction direction) {
  auto context = key.take(direction);
  BlockCipher::Block out;
  int length = 0;
  require(EVP_CipherUpdate(context.get(), reinterpret_cast<unsigned char*>(out.data()), &length, octets(base::ByteView(in)),
                           static_cast<int>(in.size())) == 1 &&
              length == static_cast<int>(out.size()),
          "AES block");
  key.pool(direction).give_back(std::move(context));
  return out;
}

}  // namespace

struct AeadKey::State : KeyedCipher {
  using KeyedCipher::KeyedCipher;
};

AeadKey::AeadKey(base::ByteView key) : state_(std::make_unique<State>(key, fetched_gcm())) {}
AeadKey::~AeadKey() = default;
AeadKey::AeadKey(AeadKey&&) noexcept = default;
AeadKey& AeadKey::operator=(AeadKey&&) noexcept = default;

std::string AeadKey::seal(base::Random& random, std::string_view plaintext, std::string_view context) const {
  std::string out(kNonceSize + plaintext.size() + kTagSize, '\0');
  const auto nonce = random.bytes<kNonceSize>();
  std::copy(nonce.begin(), nonce.end(), reinterpret_cast<std::byte*>(out.data()));
  auto* const ciphertext = octets(out) + kNonceSize;
  gcm_seal(*state_, octets(out), plaintext, context, ciphertext, ciphertext + plaintext.size());
  return out;
}

std::optional<std::string> AeadKey::open(std::string_view sealed, std::string_view context) const {
  if (sealed.size() < kNonceSize + kTagSize) return std::nullopt;
  const auto ciphertext = sealed.substr(kNonceSize, sealed.size() - kNonceSize - kTagSize);
  return gcm_open(*state_, octets(sealed), ciphertext, context, sealed.substr(sealed.size() - kTagSize));
}

AeadKey::Parts AeadKey::seal_parts(base::Random& random, std::string_view plaintext, std::string_view context) const {
  const auto nonce = random.bytes<kNonceSize>();
  Parts parts{std::string(base::as_text(nonce)), std::string(plaintext.size(), '\0'), std::string(kTagSize, '\0')};
  gcm_seal(*state_, octets(parts.iv), plaintext, context, octets(parts.ciphertext), octets(parts.tag));
  return parts;
}

std::optional<std::string> AeadKey::open_parts(const Parts& parts, std::string_view context) const {
  // A shorter tag would be cheaper to guess, so the size is checked and not taken from the message.
  if (parts.iv.size() != kNonceSize || parts.tag.size() != kTagSize) return std::nullopt;
  return gcm_open(*state_, octets(std::string_view(parts.iv)), parts.ciphertext, context, parts.tag);
}

struct BlockCipher::State : KeyedCipher {
  using KeyedCipher::KeyedCipher;
};

BlockCipher::BlockCipher(base::ByteView key) : state_(std::make_unique<State>(key, fetched_block())) {}
BlockCipher::~BlockCipher() = default;
BlockCipher::BlockCipher(BlockCipher&&) noexcept = default;
BlockCipher& BlockCipher::operator=(BlockCipher&&) noexcept = default;

// ECB carries nothing from block to block, so a context needs no new start.
BlockCipher::Block BlockCipher::encrypt(const Block& plain) const { return run_block(*state_, plain, Direction::encrypt); }
BlockCipher::Block BlockCipher::decrypt(const Block& cipher) const { return run_block(*state_, cipher, Direction::decrypt); }

}  // namespace segue::crypto
