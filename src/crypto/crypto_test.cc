#include <gtest/gtest.h>

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/aead.h"
#include "crypto/certificates.h"
#include "crypto/digest.h"
#include "crypto/password.h"
#include "crypto/secret.h"
#include "crypto/signing_key.h"
#include "crypto/system_random.h"

namespace segue::crypto {
namespace {

using base::as_bytes;

std::string from_hex(std::string_view text) { return base::from_hex(text).value(); }

// Gives the bytes it was made with, for test vectors.
class FixedRandom final : public base::Random {
 public:
  explicit FixedRandom(std::string bytes) : bytes_(std::move(bytes)) {}
  void fill(std::span<std::byte> out) override {
    ASSERT_EQ(out.size(), bytes_.size());
    std::copy(as_bytes(bytes_).begin(), as_bytes(bytes_).end(), out.begin());
  }

 private:
  std::string bytes_;
};

template <class Work>
void on_many_threads(const Work& work) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&work, i] { work(i); });
}

bool flips_are_all_refused(const std::string& original, const std::function<bool(const std::string&)>& accepts) {
  for (std::size_t i = 0; i < original.size(); ++i) {
    auto changed = original;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    if (accepts(changed)) return false;
  }
  return true;
}

TEST(Digest, gives_the_published_hashes_of_abc_again_and_again) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(base::hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(
        base::hex(as_bytes(sha512("abc"))),
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94f"
        "a54ca49f");
    EXPECT_EQ(base::hex(as_bytes(sha1("abc"))), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(md5_hex("abc"), "900150983cd24fb0d6963f7d28e17f72");
  }
  EXPECT_EQ(base::hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Digest, compares_in_constant_time_only_what_has_one_length) {
  EXPECT_TRUE(equal_in_constant_time({}, {}));
  EXPECT_TRUE(equal_in_constant_time(as_bytes("same"), as_bytes("same")));
  EXPECT_FALSE(equal_in_constant_time(as_bytes("same"), as_bytes("sama")));
  EXPECT_FALSE(equal_in_constant_time(as_bytes("same"), as_bytes("sam")));
}

TEST(Hmac, gives_the_vectors_of_rfc_4231_from_one_key_used_repeatedly) {
  const HmacKey first(as_bytes(std::string(20, '\x0b')));
  const HmacKey second(as_bytes("Jefe"));
  const HmacKey longer_than_a_block(as_bytes(std::string(131, '\xaa')));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(base::hex(first.mac("Hi There")), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(base::hex(second.mac("what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(base::hex(longer_than_a_block.mac("Test Using Larger Than Block-Size Key - Hash Key First")),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  }
}

TEST(Hmac, takes_an_empty_key_and_an_empty_message) {
  EXPECT_EQ(base::hex(HmacKey(base::ByteView()).mac("")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Hmac, keeps_its_own_key_after_another_key_was_destroyed_and_after_a_move) {
  const auto expected = HmacKey(as_bytes("a")).mac("x");
  for (int i = 0; i < 8; ++i) {
    HmacKey other(as_bytes("b"));
    EXPECT_NE(other.mac("x"), expected);
    other = HmacKey(as_bytes("a"));
    HmacKey moved(std::move(other));
    EXPECT_EQ(moved.mac("x"), expected);
  }
}

TEST(Hmac, is_shared_by_threads) {
  const HmacKey key(as_bytes("key"));
  const auto expected = key.mac("message");
  on_many_threads([&](int) {
    for (int i = 0; i < 500; ++i) EXPECT_EQ(key.mac("message"), expected);
  });
}

TEST(Aead, gives_the_published_aes_256_gcm_vector) {
  const AeadKey key(as_bytes(from_hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")));
  FixedRandom nonce(from_hex("cafebabefacedbaddecaf888"));
  const auto context = from_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const auto plaintext = from_hex(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
  const auto parts = key.seal_parts(nonce, plaintext, context);
  EXPECT_EQ(
      base::hex(as_bytes(parts.ciphertext)),
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662");
  EXPECT_EQ(base::hex(as_bytes(parts.tag)), "76fc6ece0f4e1768cddf8853bb2d551b");
  EXPECT_EQ(key.open_parts(parts, context), plaintext);
  EXPECT_EQ(key.seal(nonce, plaintext, context), parts.iv + parts.ciphertext + parts.tag);
}

TEST(Aead, opens_what_it_sealed_under_the_same_context_only) {
  SystemRandom random;
  const AeadKey key(random.bytes<32>());
  const AeadKey other(random.bytes<32>());
  for (const auto& plaintext : {std::string(), std::string("x"), std::string(10'000, 'y')}) {
    const auto sealed = key.seal(random, plaintext, "client_secret");
    EXPECT_EQ(sealed.size(), plaintext.size() + 28);
    EXPECT_EQ(key.open(sealed, "client_secret"), plaintext);
    EXPECT_FALSE(key.open(sealed, "signing_key"));
    EXPECT_FALSE(key.open(sealed, ""));
    EXPECT_FALSE(other.open(sealed, "client_secret"));
    EXPECT_EQ(key.open(sealed, "client_secret"), plaintext) << "a refusal must not spoil the key";
  }
  EXPECT_EQ(key.open(key.seal(random, "no context", ""), ""), "no context");
}

TEST(Aead, refuses_every_flipped_bit_and_every_cut) {
  SystemRandom random;
  const AeadKey key(random.bytes<32>());
  const auto sealed = key.seal(random, "plaintext", "context");
  EXPECT_TRUE(flips_are_all_refused(sealed, [&](const std::string& s) { return key.open(s, "context").has_value(); }));
  for (std::size_t length = 0; length < sealed.size(); ++length) EXPECT_FALSE(key.open(sealed.substr(0, length), "context"));
}

TEST(Aead, refuses_parts_with_a_short_tag_or_another_nonce_size) {
  SystemRandom random;
  const AeadKey key(random.bytes<32>());
  const auto parts = key.seal_parts(random, "plaintext", "");
  EXPECT_FALSE(key.open_parts({parts.iv, parts.ciphertext, parts.tag.substr(0, 4)}, ""));
  EXPECT_FALSE(key.open_parts({parts.iv, parts.ciphertext, ""}, ""));
  EXPECT_FALSE(key.open_parts({parts.iv + "x", parts.ciphertext, parts.tag}, ""));
}

TEST(Aead, never_repeats_a_nonce_by_itself) {
  SystemRandom random;
  const AeadKey key(random.bytes<32>());
  EXPECT_NE(key.seal(random, "same", ""), key.seal(random, "same", ""));
}

TEST(Aead, wants_a_key_of_32_bytes) { EXPECT_THROW(AeadKey(as_bytes("short")), base::Bug); }

TEST(Aead, is_shared_by_threads) {
  SystemRandom random;
  const AeadKey key(random.bytes<32>());
  on_many_threads([&](int thread) {
    for (int i = 0; i < 200; ++i) {
      const auto text = std::to_string(thread * 1000 + i);
      EXPECT_EQ(key.open(key.seal(random, text, "c"), "c"), text);
      EXPECT_FALSE(key.open("0123456789012345678901234567890", "c"));
    }
  });
}

TEST(BlockCipher, gives_the_vector_of_fips_197) {
  const BlockCipher cipher(as_bytes(from_hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")));
  BlockCipher::Block plain;
  for (std::size_t i = 0; i < plain.size(); ++i) plain[i] = static_cast<std::byte>(i * 0x11);
  for (int i = 0; i < 3; ++i) {
    const auto encrypted = cipher.encrypt(plain);
    EXPECT_EQ(base::hex(encrypted), "8ea2b7ca516745bfeafc49904b496089");
    EXPECT_EQ(cipher.decrypt(encrypted), plain);
  }
}

TEST(Secret, is_empty_after_a_move_and_keeps_its_text_across_copies) {
  for (const auto& text : {std::string("short"), std::string(100, 'x')}) {
    Secret first{text};
    Secret copy = first;
    Secret moved = std::move(first);
    EXPECT_TRUE(first.empty());  // NOLINT: the moved-from state is the subject
    EXPECT_EQ(moved.reveal(), text);
    EXPECT_EQ(copy.reveal(), text);
    first = copy;
    const auto& alias = copy;
    copy = alias;
    EXPECT_EQ(first.reveal(), text);
    EXPECT_EQ(copy.reveal(), text);
    moved = Secret{std::string("other")};
    EXPECT_EQ(moved.reveal(), "other");
  }
}

TEST(Secret, compares_with_text) {
  const Secret secret{std::string("abc")};
  EXPECT_TRUE(secret.equals_in_constant_time("abc"));
  EXPECT_FALSE(secret.equals_in_constant_time("abd"));
  EXPECT_FALSE(secret.equals_in_constant_time("abcd"));
  EXPECT_TRUE(Secret().equals_in_constant_time(""));
}

TEST(SystemRandom, gives_other_bytes_each_time_and_nothing_for_nothing) {
  SystemRandom random;
  EXPECT_NE(random.bytes<32>(), random.bytes<32>());
  random.fill({});
}

TEST(SystemRandom, repeats_nothing_across_refills_sizes_and_threads) {
  SystemRandom random;
  std::mutex mutex;
  std::set<std::string> seen;
  std::size_t drawn = 0;
  const auto draw = [&] {
    for (std::size_t round = 0; round < 300; ++round) {
      std::string text(16 + round, '\0');
      random.fill(std::as_writable_bytes(std::span(text)));
      const std::scoped_lock lock(mutex);
      // The ends of what was drawn: a stock that is handed out twice would show in either.
      seen.insert(text.substr(0, 8));
      seen.insert(text.substr(text.size() - 8));
      drawn += 2;
    }
  };
  std::vector<std::thread> threads;
  for (int k = 0; k < 3; ++k) threads.emplace_back(draw);
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(seen.size(), drawn);
}

constexpr PasswordCost kCheap{.operations = 1, .memory_bytes = 64 * 1024};

TEST(Password, matches_its_own_hash_and_no_other_password) {
  const Secret password{std::string("correct horse battery staple")};
  const auto hash = hash_password(password, kCheap);
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
  EXPECT_TRUE(is_supported_password_hash(hash));
  EXPECT_EQ(verify_password(password, hash, kCheap), PasswordMatch::yes);
  EXPECT_EQ(verify_password(Secret{std::string("Correct horse")}, hash, kCheap), PasswordMatch::no);
  EXPECT_EQ(verify_password(Secret(), hash, kCheap), PasswordMatch::no);
  EXPECT_NE(hash_password(password, kCheap), hash);
}

TEST(Password, asks_for_a_new_hash_when_the_cost_changed) {
  const Secret password{std::string("pw")};
  const auto hash = hash_password(password, kCheap);
  EXPECT_EQ(verify_password(password, hash, {.operations = 2, .memory_bytes = 64 * 1024}), PasswordMatch::yes_but_rehash);
  EXPECT_EQ(verify_password(password, hash, {.operations = 1, .memory_bytes = 128 * 1024}), PasswordMatch::yes_but_rehash);
}

TEST(Password, reads_argon2id_of_several_lanes_as_other_systems_write_it) {
  // From the command line tool of the reference implementation: password "password", salt "somesalt".
  EXPECT_EQ(verify_password(Secret{std::string("password")},
                            "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", kCheap),
            PasswordMatch::yes_but_rehash);
}

TEST(Password, reads_bcrypt_of_the_three_prefixes) {
  // The vector of Openwall's crypt_blowfish for the password U*U.
  const std::string tail = "05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
  for (const std::string prefix : {"$2a$", "$2b$", "$2y$"}) {
    EXPECT_TRUE(is_supported_password_hash(prefix + tail));
    EXPECT_EQ(verify_password(Secret{std::string("U*U")}, prefix + tail, kCheap), PasswordMatch::yes_but_rehash);
    EXPECT_EQ(verify_password(Secret{std::string("U*U*")}, prefix + tail, kCheap), PasswordMatch::no);
    // crypt() alone would stop at the NUL and accept.
    EXPECT_EQ(verify_password(Secret{std::string("U*U\0x", 5)}, prefix + tail, kCheap), PasswordMatch::no);
  }
}

TEST(Password, cuts_a_bcrypt_password_after_72_bytes_as_every_bcrypt_does) {
  const std::string hash = "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui";
  const std::string used = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  EXPECT_EQ(verify_password(Secret{used}, hash, kCheap), PasswordMatch::yes_but_rehash);
  EXPECT_EQ(verify_password(Secret{used + std::string(600, 'z')}, hash, kCheap), PasswordMatch::yes_but_rehash);
}

TEST(Password, matches_nothing_against_a_hash_of_another_kind_or_of_absurd_cost) {
  const Secret password{std::string("password")};
  for (const std::string hash : {"", "password", "*0", "*1", "$1$salt$hash",
                                 "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
                                 "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
                                 "$2a$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
                                 "$2a$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
                                 "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyO",
                                 "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
                                 "$argon2id$v=19$m=65536,t=999999,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
                                 "$argon2id$v=19$m=,t=2,p=1$c29tZXNhbHQ$iekCn0Y3"}) {
    EXPECT_FALSE(is_supported_password_hash(hash)) << hash;
    EXPECT_EQ(verify_password(password, hash, kCheap), PasswordMatch::no) << hash;
  }
  EXPECT_EQ(verify_password(password, "$argon2id$v=19$m=256,t=2,p=1$!!$!!", kCheap), PasswordMatch::no);
}

class SigningKeys : public testing::TestWithParam<SignatureAlgorithm> {};
INSTANTIATE_TEST_SUITE_P(Both, SigningKeys, testing::Values(SignatureAlgorithm::RS256, SignatureAlgorithm::ES256),
                         [](const auto& parameter) { return std::string(to_text(parameter.param)); });

TEST_P(SigningKeys, sign_what_their_public_half_verifies) {
  const auto key = SigningKey::generate(GetParam());
  const auto verifier = key.verification_key();
  for (int i = 0; i < 20; ++i) {
    const auto data = "data " + std::to_string(i);
    const auto signature = key.sign(data);
    EXPECT_EQ(signature.size(), GetParam() == SignatureAlgorithm::ES256 ? 64U : 256U);
    EXPECT_TRUE(verifier.verify(data, signature));
    EXPECT_FALSE(verifier.verify("other", signature));
  }
  EXPECT_TRUE(verifier.verify("", key.sign("")));
}

TEST_P(SigningKeys, refuse_every_changed_or_cut_signature_and_recover) {
  const auto key = SigningKey::generate(GetParam());
  const auto verifier = key.verification_key();
  const auto signature = key.sign("data");
  EXPECT_TRUE(flips_are_all_refused(signature, [&](const std::string& s) { return verifier.verify("data", s); }));
  EXPECT_FALSE(verifier.verify("data", ""));
  EXPECT_FALSE(verifier.verify("data", signature.substr(1)));
  EXPECT_FALSE(verifier.verify("data", signature + "x"));
  EXPECT_FALSE(verifier.verify("data", std::string(signature.size(), '\0')));
  EXPECT_FALSE(verifier.verify("data", std::string(signature.size(), '\xff')));
  EXPECT_FALSE(SigningKey::generate(GetParam()).verification_key().verify("data", signature));
  EXPECT_TRUE(verifier.verify("data", signature));
}

TEST_P(SigningKeys, survive_their_pem) {
  const auto key = SigningKey::generate(GetParam());
  const auto pem = key.to_pem();
  EXPECT_TRUE(pem.reveal().starts_with("-----BEGIN PRIVATE KEY-----"));
  const auto again = SigningKey::from_pem(GetParam(), pem);
  EXPECT_TRUE(key.verification_key().verify("data", again.sign("data")));
  const auto other = GetParam() == SignatureAlgorithm::RS256 ? SignatureAlgorithm::ES256 : SignatureAlgorithm::RS256;
  EXPECT_THROW(SigningKey::from_pem(other, pem), base::Bug);
}

TEST_P(SigningKeys, are_shared_by_threads_and_outlived_by_nothing) {
  auto key = std::make_unique<SigningKey>(SigningKey::generate(GetParam()));
  const auto verifier = key->verification_key();
  on_many_threads([&](int) {
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(verifier.verify("data", key->sign("data")));
  });
  key.reset();
  // A new key may stand at the old address: nothing cached for the old one may sign for it.
  key = std::make_unique<SigningKey>(SigningKey::generate(GetParam()));
  EXPECT_FALSE(verifier.verify("data", key->sign("data")));
}

TEST_P(SigningKeys, certify_themselves_for_the_given_time) {
  const auto key = SigningKey::generate(GetParam());
  const auto from = base::from_seconds(1'790'000'000), until = base::from_seconds(2'100'000'000);
  const auto pem = key.self_signed_certificate("tenant.example.com", from, until);
  const auto facts = read_certificate(pem);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->not_before, from);
  EXPECT_EQ(facts->not_after, until);
  EXPECT_FALSE(key.self_signed_certificate(std::string(63, 'a') + "\xc3\xa4\xc3\xa4", from, until).empty());
  EXPECT_FALSE(key.self_signed_certificate("", from, until).empty());
}

TEST(SigningKey, throws_when_the_pem_is_none_or_encrypted) {
  EXPECT_THROW(SigningKey::from_pem(SignatureAlgorithm::RS256, Secret{std::string("nonsense")}), base::Bug);
  EXPECT_THROW(SigningKey::from_pem(SignatureAlgorithm::ES256, Secret()), base::Bug);
}

TEST(VerificationKey, refuses_numbers_that_are_no_key) {
  const auto rsa = SigningKey::generate(SignatureAlgorithm::RS256).public_numbers();
  const auto ec = SigningKey::generate(SignatureAlgorithm::ES256).public_numbers();
  const auto rsa_of = [](std::string n, std::string e) {
    return VerificationKey::from_numbers(SignatureAlgorithm::RS256, {.n = std::move(n), .e = std::move(e)}).has_value();
  };
  const auto ec_of = [](std::string x, std::string y) {
    return VerificationKey::from_numbers(SignatureAlgorithm::ES256, {.x = std::move(x), .y = std::move(y)}).has_value();
  };
  EXPECT_TRUE(rsa_of(rsa.n, rsa.e));
  EXPECT_FALSE(rsa_of("", ""));
  EXPECT_FALSE(rsa_of(rsa.n, ""));
  EXPECT_FALSE(rsa_of(rsa.n, "\x01"));
  EXPECT_FALSE(rsa_of(rsa.n, std::string("\x01\x00\x00", 3)));
  EXPECT_FALSE(rsa_of(rsa.n.substr(0, 255), rsa.e)) << "2,040 bits";
  EXPECT_FALSE(rsa_of(std::string(100'000, '\xff'), rsa.e));

  EXPECT_TRUE(ec_of(ec.x, ec.y));
  EXPECT_FALSE(ec_of(ec.y, ec.x)) << "off the curve";
  EXPECT_FALSE(ec_of(ec.x.substr(1), ec.y));
  EXPECT_FALSE(ec_of(std::string(32, '\0'), std::string(32, '\0')));
  EXPECT_FALSE(ec_of(std::string(32, '\xff'), std::string(32, '\xff')));
  EXPECT_FALSE(ec_of("", ""));
}

TEST(SignatureAlgorithmText, knows_two_names_exactly) {
  EXPECT_EQ(signature_algorithm_from("RS256"), SignatureAlgorithm::RS256);
  EXPECT_EQ(signature_algorithm_from("ES256"), SignatureAlgorithm::ES256);
  for (const auto* const text : {"none", "None", "HS256", "rs256", "RS512", "", "RS256 "})
    EXPECT_FALSE(signature_algorithm_from(text));
}

constexpr auto kNow = base::from_seconds(1'790'000'000);

TEST(Certificates, name_the_hosts_they_were_made_for) {
  const auto authority = make_certificate_authority("Segue local authority", kNow);
  const auto server =
      make_server_certificate(authority, {"localhost", "id.example.com", "10.0.0.7", "[fd00::1]", "127.0.0.1"}, kNow);
  const auto facts = read_certificate(server.certificate_pem);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->hosts, (std::vector<std::string>{"localhost", "127.0.0.1", "::1", "id.example.com", "10.0.0.7", "fd00::1"}));
  EXPECT_EQ(facts->not_after, kNow + std::chrono::days(397));
  EXPECT_LT(facts->not_before, kNow);
  EXPECT_LT(facts->not_after - facts->not_before, std::chrono::days(398));
  EXPECT_TRUE(server.key_pem.reveal().starts_with("-----BEGIN PRIVATE KEY-----"));
  EXPECT_EQ(read_certificate(authority.certificate_pem)->not_after, kNow + std::chrono::days(3650));
}

TEST(Certificates, may_name_a_host_too_long_for_a_common_name) {
  const auto authority = make_certificate_authority("Segue local authority", kNow);
  const auto host = std::string(60, 'a') + ".example.com";
  EXPECT_EQ(read_certificate(make_server_certificate(authority, {host}, kNow).certificate_pem)->hosts, std::vector{host});
}

TEST(Certificates, are_read_from_the_first_of_a_chain_and_refused_when_broken) {
  const auto authority = make_certificate_authority("A", kNow);
  const auto server = make_server_certificate(authority, {"a.example"}, kNow);
  EXPECT_EQ(read_certificate(server.certificate_pem + authority.certificate_pem)->hosts, std::vector<std::string>{"a.example"});
  EXPECT_EQ(certificate_der(server.certificate_pem)->front(), '\x30');
  for (const auto* const pem : {"", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    EXPECT_FALSE(read_certificate(pem));
    EXPECT_FALSE(certificate_der(pem));
  }
}

}  // namespace
}  // namespace segue::crypto
