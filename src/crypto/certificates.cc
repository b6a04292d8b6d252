#include "crypto/certificates.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>

#include <algorithm>
#include <ctime>

#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/openssl.h"
#include "crypto/signing_key.h"

namespace segue::crypto {
namespace {

using std::chrono::days;
using std::chrono::hours;

constexpr auto kAuthorityLifetime = days(3650);
constexpr auto kServerLifetime = days(397);  // browsers refuse 398 days and more
constexpr auto kClockSkew = hours(1);        // a peer whose clock is behind accepts a certificate made just now
constexpr std::size_t kMaxCommonName = 64;   // RFC 5280 appendix A.1, ub-common-name

Owned<EVP_PKEY> read_key(const Secret& pem) {
  const auto bio = require_owned(BIO_new_mem_buf(pem.reveal().data(), int_size(pem.reveal())), "BIO_new_mem_buf");
  return require_owned(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, const_cast<char*>("")), "PEM_read_bio_PrivateKey");
}

Owned<X509> read_first(std::string_view pem) {
  if (pem.empty()) return nullptr;  // BIO_new_mem_buf takes no null
  const auto bio = require_owned(BIO_new_mem_buf(pem.data(), int_size(pem)), "BIO_new_mem_buf");
  Owned<X509> certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, const_cast<char*>("")));
  if (!certificate) ERR_clear_error();
  return certificate;
}

std::string write_pem(X509* certificate) {
  const auto bio = require_owned(BIO_new(BIO_s_mem()), "BIO_new");
  require(PEM_write_bio_X509(bio.get(), certificate) == 1, "PEM_write_bio_X509");
  return read_all(bio.get());
}

std::string public_key_der(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  require(size > 0, "i2d_PUBKEY");
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

Owned<ASN1_TIME> asn1_time(base::Instant t) {
  return require_owned(ASN1_TIME_set(nullptr, base::to_seconds(t)), "ASN1_TIME_set");
}

// Version 3, serial number, validity, subject and key.
Owned<X509> draft(EVP_PKEY* key, std::string_view common_name, base::Instant from, base::Instant until) {
  auto certificate = require_owned(X509_new(), "X509_new");
  // Unique without state: a hash over the key and the time of its use, positive and within 20 octets (RFC 5280 §4.1.2.2).
  auto serial = sha256(public_key_der(key) + std::to_string(base::to_micros(from)));
  serial[0] = (serial[0] & std::byte{0x3F}) | std::byte{0x40};
  const auto number = require_owned(BN_bin2bn(octets(base::ByteView(serial)), 16, nullptr), "BN_bin2bn");
  require(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get())) != nullptr, "serial number");
  require(X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
              X509_set1_notBefore(certificate.get(), asn1_time(from).get()) == 1 &&
              X509_set1_notAfter(certificate.get(), asn1_time(until).get()) == 1 && X509_set_pubkey(certificate.get(), key) == 1,
          "certificate fields");
  if (!common_name.empty()) {
    require(X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, MBSTRING_UTF8,
                                       octets(common_name), int_size(common_name), -1, 0) == 1,
            "common name");
  }
  return certificate;
}

// `text` is in OpenSSL's configuration syntax, so it is always a literal here, never a name from outside.
void add_extension(X509* certificate, X509* issuer, int nid, const char* text) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const auto extension = require_owned(X509V3_EXT_conf_nid(nullptr, &context, nid, text), text);
  require(X509_add_ext(certificate, extension.get(), -1) == 1, text);
}

std::optional<std::string> address_octets(const std::string& host) {
  unsigned char out[16];
  if (inet_pton(AF_INET, host.c_str(), out) == 1) return std::string(reinterpret_cast<char*>(out), 4);
  if (inet_pton(AF_INET6, host.c_str(), out) == 1) return std::string(reinterpret_cast<char*>(out), 16);
  return std::nullopt;
}

void add_alternative_names(X509* certificate, const std::vector<std::string>& hosts, bool critical) {
  const auto names = require_owned(GENERAL_NAMES_new(), "GENERAL_NAMES_new");
  for (const auto& host : hosts) {
    const auto address = address_octets(host);
    const auto& text = address ? *address : host;
    auto value = require_owned(ASN1_STRING_type_new(address ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING), "ASN1_STRING_type_new");
    require(ASN1_STRING_set(value.get(), text.data(), int_size(text)) == 1, "ASN1_STRING_set");
    auto name = require_owned(GENERAL_NAME_new(), "GENERAL_NAME_new");
    GENERAL_NAME_set0_value(name.get(), address ? GEN_IPADD : GEN_DNS, value.release());
    require(sk_GENERAL_NAME_push(names.get(), name.get()) > 0, "GENERAL_NAMES");
    name.release();
  }
  require(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), critical ? 1 : 0, X509V3_ADD_DEFAULT) == 1, "SAN");
}

void sign_certificate(X509* certificate, X509* issuer, EVP_PKEY* issuer_key) {
  require(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1, "issuer");
  require(X509_sign(certificate, issuer_key, fetched_sha256()) > 0, "X509_sign");
}

// "localhost" is reached under three names; a duplicate is kept once.
std::vector<std::string> with_loopback(const std::vector<std::string>& hosts) {
  std::vector<std::string> out;
  const auto add = [&](std::string host) {
    if (!base::contains(out, host)) out.push_back(std::move(host));
  };
  for (const auto& host : hosts) {
    const bool bracketed = host.starts_with('[') && host.ends_with(']');  // an IPv6 address as it stands in a URL
    add(bracketed ? host.substr(1, host.size() - 2) : host);
    if (host != "localhost") continue;
    add("127.0.0.1");
    add("::1");
  }
  return out;
}

std::string_view clipped_common_name(std::string_view name) {
  if (name.size() <= kMaxCommonName) return name;
  std::size_t end = kMaxCommonName;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;  // not in the middle of a character
  return name.substr(0, end);
}

std::optional<base::Instant> instant_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return base::from_seconds(timegm(&parts));
}

std::string address_text(std::string_view octets_of_address) {
  char out[INET6_ADDRSTRLEN] = "";
  inet_ntop(octets_of_address.size() == 4 ? AF_INET : AF_INET6, octets_of_address.data(), out, sizeof out);
  return out;
}

std::vector<std::string> alternative_names(const X509* certificate) {
  std::vector<std::string> hosts;
  const Owned<GENERAL_NAMES> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    const auto* const value =
        static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type));
    if (type != GEN_DNS && type != GEN_IPADD) continue;
    const std::string_view text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                                static_cast<std::size_t>(ASN1_STRING_length(value)));
    if (type == GEN_DNS) hosts.emplace_back(text);
    if (type == GEN_IPADD && (text.size() == 4 || text.size() == 16)) hosts.push_back(address_text(text));
  }
  return hosts;
}

}  // namespace

IssuedCertificate make_certificate_authority(std::string_view common_name, base::Instant now) {
  auto key_pem = SigningKey::generate(SignatureAlgorithm::ES256).to_pem();
  const auto key = read_key(key_pem);
  const auto certificate = draft(key.get(), clipped_common_name(common_name), now - kClockSkew, now + kAuthorityLifetime);
  add_extension(certificate.get(), certificate.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(certificate.get(), certificate.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(certificate.get(), certificate.get(), NID_subject_key_identifier, "hash");
  add_extension(certificate.get(), certificate.get(), NID_authority_key_identifier, "keyid:always");
  sign_certificate(certificate.get(), certificate.get(), key.get());
  return {write_pem(certificate.get()), std::move(key_pem)};
}

IssuedCertificate make_server_certificate(const IssuedCertificate& authority, const std::vector<std::string>& hosts,
                                          base::Instant now) {
  if (hosts.empty()) throw base::Bug("a server certificate needs a host");
  const auto issuer = read_first(authority.certificate_pem);
  require(issuer != nullptr, "the authority's certificate");
  const auto issuer_key = read_key(authority.key_pem);
  const auto names = with_loopback(hosts);
  // Clients read the alternative names only; a host too long for a common name is left out of the subject, and then the
  // alternative names are critical (RFC 5280 §4.2.1.6).
  const std::string_view common_name = names.front().size() <= kMaxCommonName ? std::string_view(names.front()) : "";

  auto key_pem = SigningKey::generate(SignatureAlgorithm::ES256).to_pem();
  const auto key = read_key(key_pem);
  const auto certificate = draft(key.get(), common_name, now - kClockSkew, now + kServerLifetime);
  add_extension(certificate.get(), issuer.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate.get(), issuer.get(), NID_key_usage, "critical,digitalSignature");
  add_extension(certificate.get(), issuer.get(), NID_ext_key_usage, "serverAuth");
  add_extension(certificate.get(), issuer.get(), NID_subject_key_identifier, "hash");
  add_extension(certificate.get(), issuer.get(), NID_authority_key_identifier, "keyid:always");
  add_alternative_names(certificate.get(), names, common_name.empty());
  sign_certificate(certificate.get(), issuer.get(), issuer_key.get());
  return {write_pem(certificate.get()), std::move(key_pem)};
}

std::string make_self_signed_certificate(EVP_PKEY* key, std::string_view common_name, base::Instant from, base::Instant until) {
  const auto certificate = draft(key, clipped_common_name(common_name), from, until);
  add_extension(certificate.get(), certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate.get(), certificate.get(), NID_key_usage, "critical,digitalSignature");
  add_extension(certificate.get(), certificate.get(), NID_subject_key_identifier, "hash");
  sign_certificate(certificate.get(), certificate.get(), key);
  return write_pem(certificate.get());
}

std::optional<CertificateFacts> read_certificate(std::string_view pem) {
  const auto certificate = read_first(pem);
  if (!certificate) return std::nullopt;
  const auto from = instant_of(X509_get0_notBefore(certificate.get()));
  const auto until = instant_of(X509_get0_notAfter(certificate.get()));
  if (!from || !until) return std::nullopt;
  return CertificateFacts{*from, *until, alternative_names(certificate.get())};
}

std::optional<std::string> certificate_der(std::string_view pem) {
  const auto certificate = read_first(pem);
  if (!certificate) return std::nullopt;
  const int size = i2d_X509(certificate.get(), nullptr);
  require(size > 0, "i2d_X509");
  std::string der(static_cast<std::size_t>(size), '\0');
  auto* at = octets(der);
  i2d_X509(certificate.get(), &at);
  return der;
}

std::string certificate_pkcs7(std::string_view pem) {
  const auto certificate = read_first(pem);
  require(certificate != nullptr, "a certificate for PKCS #7");
  const auto message = require_owned(PKCS7_new(), "PKCS7_new");
  require(PKCS7_set_type(message.get(), NID_pkcs7_signed) == 1 && PKCS7_content_new(message.get(), NID_pkcs7_data) == 1 &&
              PKCS7_add_certificate(message.get(), certificate.get()) == 1,
          "PKCS7");
  const auto bio = require_owned(BIO_new(BIO_s_mem()), "BIO_new");
  require(PEM_write_bio_PKCS7(bio.get(), message.get()) == 1, "PEM_write_bio_PKCS7");
  return read_all(bio.get());
}

}  // namespace segue::crypto
