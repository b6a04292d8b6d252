#include "jose/jwt.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "crypto/certificates.h"

namespace segue::jose {
namespace {

constexpr std::size_t kMaxTokenSize = 16 * 1024;
constexpr std::size_t kMinHmacKeySize = 32;  // RFC 7518 §3.2: at least as long as the hash

// One description for every bad signature and shape: a forger learns nothing from it. The detail is for our log.
base::Error invalid_token(std::string detail, base::Origin origin = base::Origin::here()) {
  return {.kind = base::ErrorKind::unauthenticated,
          .code = "invalid_token",
          .description = "The token is malformed or its signature is not valid.",
          .detail = std::move(detail),
          .origin = origin};
}

// Exactly N parts between dots.
template <std::size_t N>
std::optional<std::array<std::string_view, N>> split_compact(std::string_view token) {
  std::array<std::string_view, N> parts;
  for (std::size_t i = 0; i + 1 < N; ++i) {
    const auto dot = token.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    parts[i] = token.substr(0, dot);
    token.remove_prefix(dot + 1);
  }
  if (token.find('.') != std::string_view::npos) return std::nullopt;
  parts[N - 1] = token;
  return parts;
}

std::optional<json::object> decode_object(std::string_view part) {
  const auto text = base::from_base64url(part);
  if (!text) return std::nullopt;
  auto document = json::parse(*text);
  if (!document.ok() || !document->is_object()) return std::nullopt;
  return std::move(document->get_object());
}

std::string signing_input(std::string_view alg, std::string_view typ, std::string_view kid, const json::object& claims) {
  json::object header;
  header["alg"] = alg;
  header["typ"] = typ;
  if (!kid.empty()) header["kid"] = kid;
  auto input = base::base64url(json::write(header));
  input += '.';
  input += base::base64url(json::write(claims));
  return input;
}

// A string member that may be absent but not of another type.
bool read_optional(const json::object& o, std::string_view name, std::string& out) {
  const auto* const member = json::find(o, name);
  if (member == nullptr) return true;
  if (!member->is_string()) return false;
  out = json::to_view(member->get_string());
  return true;
}

base::Result<Header> read_header(std::string_view part, EmbeddedKey jwk) {
  auto object = decode_object(part);
  if (!object) return invalid_token("the header is no JSON object");
  // RFC 7515 §4.1.11: an extension that we do not understand must be refused, and we understand none. The others name a key
  // of the sender's choice.
  for (const std::string_view refused : {"crit", "jku", "x5u", "jwk"}) {
    if (refused == "jwk" && jwk == EmbeddedKey::for_the_key_finder) continue;
    if (json::find(*object, refused) != nullptr) return invalid_token("the header has a member " + std::string(refused));
  }
  Header header;
  if (!read_optional(*object, "alg", header.alg) || !read_optional(*object, "kid", header.kid) ||
      !read_optional(*object, "typ", header.typ)) {
    return invalid_token("a member of the header has the wrong type");
  }
  header.members = std::move(*object);
  return header;
}

constexpr std::string_view kJweHeader = R"({"alg":"dir","enc":"A256GCM"})";

const std::string& jwe_header_part() {
  static const std::string part = base::base64url(kJweHeader);
  return part;
}

}  // namespace

std::string sign_jwt(const crypto::SigningKey& key, std::string_view kid, std::string_view typ, const json::object& claims) {
  auto token = signing_input(crypto::to_text(key.algorithm()), typ, kid, claims);
  const auto signature = key.sign(token);
  token += '.';
  token += base::base64url(signature);
  return token;
}

std::string sign_jwt_hs256(std::string_view secret, std::string_view typ, const json::object& claims) {
  if (secret.size() < kMinHmacKeySize) throw base::Bug("an HS256 secret has at least 32 bytes");
  auto token = signing_input("HS256", typ, "", claims);
  const auto mac = crypto::HmacKey(base::as_bytes(secret)).mac(token);
  token += '.';
  token += base::base64url(mac);
  return token;
}

base::Result<VerifiedJwt> verify_jwt(std::string_view token, const KeyFinder& find_key, const Acceptance& accepted) {
  if (token.size() > kMaxTokenSize) return invalid_token("the token is above 16 KiB");
  const auto parts = split_compact<3>(token);
  if (!parts) return invalid_token("the token has not three parts");
  auto header = TRY(read_header((*parts)[0], accepted.jwk));

  // The algorithm is never chosen by the token: it must be one that the caller takes and that of the key (RFC 8725 §3.1).
  const auto algorithm = crypto::signature_algorithm_from(header.alg);
  if (!algorithm || std::find(accepted.algorithms.begin(), accepted.algorithms.end(), *algorithm) == accepted.algorithms.end()) {
    return invalid_token("the algorithm is not one that is accepted here");
  }
  const auto* const key = find_key(header);
  if (key == nullptr) return invalid_token("no key of ours fits the header");
  if (key->algorithm() != *algorithm) return invalid_token("the algorithm is not that of the key");

  const auto signature = base::from_base64url((*parts)[2]);
  const auto signed_text = token.substr(0, token.size() - (*parts)[2].size() - 1);
  if (!signature || !key->verify(signed_text, *signature)) return invalid_token("the signature is wrong");

  auto claims = decode_object((*parts)[1]);
  if (!claims) return invalid_token("the claims are no JSON object");
  return VerifiedJwt{std::move(header), std::move(*claims)};
}

base::Result<VerifiedJwt> verify_jwt_hs256(std::string_view token, std::string_view secret) {
  if (token.size() > kMaxTokenSize) return invalid_token("the token is above 16 KiB");
  if (secret.size() < kMinHmacKeySize) return invalid_token("an HS256 secret has at least 32 bytes");
  const auto parts = split_compact<3>(token);
  if (!parts) return invalid_token("the token has not three parts");
  auto header = TRY(read_header((*parts)[0], EmbeddedKey::refused));
  if (header.alg != "HS256") return invalid_token("the algorithm is not that of the key");

  const auto signature = base::from_base64url((*parts)[2]);
  const auto mac = crypto::HmacKey(base::as_bytes(secret)).mac(token.substr(0, token.size() - (*parts)[2].size() - 1));
  if (!signature || !crypto::equal_in_constant_time(base::as_bytes(*signature), mac))
    return invalid_token("the signature is wrong");

  auto claims = decode_object((*parts)[1]);
  if (!claims) return invalid_token("the claims are no JSON object");
  return VerifiedJwt{std::move(header), std::move(*claims)};
}

std::optional<json::object> unverified_claims(std::string_view token) {
  if (token.size() > kMaxTokenSize) return std::nullopt;
  const auto parts = split_compact<3>(token);
  return parts ? decode_object((*parts)[1]) : std::nullopt;
}

std::string encrypt_direct(const crypto::AeadKey& key, base::Random& random, const json::object& claims) {
  // RFC 7516 §5.1 step 14: the associated data is the encoded header. With `dir` the encrypted key is empty (§5.1 step 5).
  const auto sealed = key.seal_parts(random, json::write(claims), jwe_header_part());
  return jwe_header_part() + ".." + base::base64url(sealed.iv) + '.' + base::base64url(sealed.ciphertext) + '.' +
         base::base64url(sealed.tag);
}

std::optional<json::object> decrypt_direct(const crypto::AeadKey& key, std::string_view token) {
  if (token.size() > kMaxTokenSize) return std::nullopt;
  const auto parts = split_compact<5>(token);
  // Only we write these tokens, so any other header, even one that means the same, is not ours.
  if (!parts || (*parts)[0] != jwe_header_part() || !(*parts)[1].empty()) return std::nullopt;
  const auto iv = base::from_base64url((*parts)[2]);
  const auto ciphertext = base::from_base64url((*parts)[3]);
  const auto tag = base::from_base64url((*parts)[4]);
  if (!iv || !ciphertext || !tag) return std::nullopt;
  const auto plaintext = key.open_parts({*iv, *ciphertext, *tag}, jwe_header_part());
  if (!plaintext) return std::nullopt;
  auto claims = json::parse(*plaintext);
  if (!claims.ok() || !claims->is_object()) return std::nullopt;
  return std::move(claims->get_object());
}

json::object public_jwk(const crypto::SigningKey& key, std::string_view kid, std::string_view certificate_pem) {
  const auto numbers = key.public_numbers();
  json::object jwk;
  if (key.algorithm() == crypto::SignatureAlgorithm::RS256) {
    jwk["kty"] = "RSA";
    jwk["use"] = "sig";
    jwk["n"] = base::base64url(numbers.n);
    jwk["e"] = base::base64url(numbers.e);
  } else {
    jwk["kty"] = "EC";
    jwk["use"] = "sig";
    jwk["crv"] = "P-256";
    jwk["x"] = base::base64url(numbers.x);
    jwk["y"] = base::base64url(numbers.y);
  }
  jwk["kid"] = kid;
  jwk["alg"] = crypto::to_text(key.algorithm());
  if (certificate_pem.empty()) return jwk;
  const auto der = crypto::certificate_der(certificate_pem);
  if (!der) throw base::Bug("the certificate of a signing key cannot be read");
  jwk["x5t"] = base::base64url(crypto::sha1(*der));
  jwk["x5c"] = json::array{base::base64(*der)};  // RFC 7517 §4.7: base64, not base64url
  return jwk;
}

std::string half_hash(std::string_view token) {
  const auto digest = crypto::sha256(token);
  return base::base64url(base::ByteView(digest).first(digest.size() / 2));
}

}  // namespace segue::jose
