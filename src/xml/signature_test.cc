#include "xml/signature.h"

#include <gmock/gmock.h>

#include <thread>

#include "base/bytes.h"
#include "crypto/certificates.h"
#include "crypto/signing_key.h"
#include "support/foreign_key.h"
#include "xml/encryption.h"
#include "xml/writer.h"

namespace segue::xml {
namespace {

using testing::HasSubstr;

constexpr auto kFrom = base::from_seconds(1'700'000'000), kUntil = base::from_seconds(1'900'000'000);

struct Keys {
  test::ForeignKey own = test::ForeignKey::rsa(), other = test::ForeignKey::rsa();
  PrivateKey own_private{crypto::Secret(own.private_pem()), own.certificate(kFrom, kUntil)};
  PrivateKey other_private{crypto::Secret(other.private_pem()), other.certificate(kFrom, kUntil)};
  PublicKey own_public = *PublicKey::from_pem(own.certificate(kFrom, kUntil));
};
const Keys& keys() {
  static const Keys made;
  return made;
}

constexpr std::string_view kOpen = "<q:Request xmlns:q=\"urn:q\" ID=\"_genuine\">";
constexpr std::string_view kIssuer = "<q:Issuer>sp</q:Issuer>";
constexpr std::string_view kRest = "<q:Who>ada</q:Who></q:Request>";

std::string signed_request(const SignatureForm& form = {}, const PrivateKey& key = keys().own_private) {
  return sign(std::string(kOpen) + std::string(kIssuer) + std::string(kRest), kOpen.size() + kIssuer.size(), "_genuine", key,
              form);
}

// The signature in it, and what is left without it.
std::string signature_in(const std::string& xml) {
  const std::string end = "</ds:Signature>";
  const auto from = xml.find("<ds:Signature "), until = xml.find(end) + end.size();
  return xml.substr(from, until - from);
}
std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  if (at == std::string::npos) throw base::Bug("the test replaces nothing: " + what);
  return text.replace(at, what.size(), with);
}

base::Result<Document> verify(const std::string& xml, const Accepted& accepted = {}) {
  const auto document = TRY(Document::parse(xml));
  return verified(document.root(), keys().own_public, accepted);
}

TEST(Signature, what_was_signed_is_what_is_read) {
  const auto xml = signed_request();
  const auto read = verify(xml);
  ASSERT_TRUE(read.ok()) << read.error().description << "\n" << xml;
  EXPECT_EQ(read->root().only_child("urn:q", "Who")->text(), "ada");
  EXPECT_EQ(read->root().attribute("ID"), "_genuine");
  EXPECT_FALSE(has_signature(read->root()));  // the digest leaves it out, and so does what is read
  EXPECT_EQ(xml.find('\n'), std::string::npos);
  EXPECT_THAT(xml, HasSubstr("<q:Issuer>sp</q:Issuer><ds:Signature "));
}

TEST(Signature, has_the_certificate_and_the_algorithms_that_were_asked_for) {
  EXPECT_THAT(signed_request(), HasSubstr("<ds:X509Certificate>" + keys().own_private.certificate() + "</ds:X509Certificate>"));
  const auto old = signed_request({.signature = SignatureAlgorithm::rsa_sha1, .digest = DigestAlgorithm::sha1});
  EXPECT_THAT(old, HasSubstr("xmldsig#rsa-sha1"));
  EXPECT_TRUE(verify(old, {.sha1 = true}).ok());
  const auto refused = verify(old);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().description, HasSubstr("SHA-1"));
  const auto half = verify(signed_request({.digest = DigestAlgorithm::sha1}));
  ASSERT_FALSE(half.ok());
  EXPECT_THAT(half.error().description, HasSubstr("SHA-1"));
}

TEST(Signature, survives_being_put_into_another_document) {
  const auto wrapped = Document::parse("<x:Envelope xmlns:x=\"urn:x\" xmlns:y=\"urn:y\">" + signed_request() + "</x:Envelope>");
  ASSERT_TRUE(wrapped.ok());
  EXPECT_TRUE(verified(wrapped->root().children().front(), keys().own_public).ok());
}

TEST(Signature, of_a_document_that_is_not_ours_is_a_bug) {
  EXPECT_THROW(sign("<a ID='x'><b/></a>", 10, "y", keys().own_private), base::Bug);
  EXPECT_THROW(sign("<a ID='x'><b></b></a>", 13, "x", keys().own_private), base::Bug);  // inside b
  EXPECT_THROW(sign("<a ID='x'", 4, "x", keys().own_private), base::Bug);
}

TEST(Signature, many_threads_sign_and_verify_with_the_same_keys) {
  keys();
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 10; ++n) good += verify(signed_request()).ok() ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 40);
}

struct Attack {
  const char* name;
  std::string (*make)();
  const char* why;
};

std::string evil(const std::string& inside, const std::string& id = "_evil") {
  return "<q:Request xmlns:q=\"urn:q\" ID=\"" + id + "\"><q:Issuer>sp</q:Issuer>" + inside + "<q:Who>mallory</q:Who></q:Request>";
}
std::string without_signature() { return std::string(kOpen) + std::string(kIssuer) + std::string(kRest); }
std::string with_object(const std::string& content) {
  return replaced(signature_in(signed_request()), "</ds:Signature>", "<ds:Object>" + content + "</ds:Object></ds:Signature>");
}

// XSW1 to XSW8 as "On Breaking SAML" (USENIX Security 2012) names them, for a message that is signed whole.
const Attack kAttacks[] = {
    {"xsw1_original_inside_the_signature_of_a_new_root",
     [] { return evil(replaced(signature_in(signed_request()), "</ds:Signature>", without_signature() + "</ds:Signature>")); },
     "one reference"},
    {"xsw2_detached_signature_beside_the_original", [] { return evil(signature_in(signed_request()) + without_signature()); },
     "does not refer to"},
    {"xsw3_new_root_around_the_original", [] { return evil(signed_request()); }, "not signed"},
    {"xsw4_original_around_a_new_one_that_is_read", [] { return replaced(signed_request(), "<q:Who>ada</q:Who>", evil("")); },
     "does not verify"},
    {"xsw5_signature_kept_id_changed_original_at_the_end",
     [] { return replaced(evil(signature_in(signed_request())), "</q:Request>", without_signature() + "</q:Request>"); },
     "does not refer to"},
    {"xsw6_original_inside_the_signature_before_its_parts",
     [] {
       const auto signature = signature_in(signed_request());
       const auto at = signature.find("<ds:SignedInfo>");
       return evil(signature.substr(0, at) + without_signature() + signature.substr(at));
     },
     "one reference"},
    {"xsw7_original_in_an_extension",
     [] { return evil(signature_in(signed_request()) + "<q:Extensions>" + without_signature() + "</q:Extensions>"); },
     "does not refer to"},
    {"xsw8_original_in_an_object_of_the_signature", [] { return evil(with_object(without_signature())); }, "one reference"},
    {"the_same_id_twice", [] { return evil(signature_in(signed_request()) + without_signature(), "_genuine"); }, "same ID"},
    {"the_genuine_id_on_another_element", [] { return evil(signature_in(signed_request()), "_genuine"); }, "does not verify"},
    {"two_signatures", [] { return replaced(signed_request(), "<q:Who>", signature_in(signed_request()) + "<q:Who>"); },
     "more than one signature"},
    {"no_signature", [] { return without_signature(); }, "not signed"},
    {"a_signature_deeper_down",
     [] { return evil("<q:Extensions>" + signature_in(signed_request()) + "</q:Extensions>", "_genuine"); }, "not signed"},
    {"a_changed_word", [] { return replaced(signed_request(), "ada", "eve"); }, "does not verify"},
    {"an_added_element", [] { return replaced(signed_request(), "<q:Who>", "<q:Role>admin</q:Role><q:Who>"); },
     "does not verify"},
    {"an_added_attribute", [] { return replaced(signed_request(), "<q:Who>", "<q:Who is=\"admin\">"); }, "does not verify"},
    {"another_namespace", [] { return replaced(signed_request(), "\"urn:q\"", "\"urn:z\""); }, "does not verify"},
    {"an_empty_uri", [] { return replaced(signed_request(), "URI=\"#_genuine\"", "URI=\"\""); }, "does not refer to"},
    {"no_uri", [] { return replaced(signed_request(), " URI=\"#_genuine\"", ""); }, "does not refer to"},
    {"a_file", [] { return replaced(signed_request(), "URI=\"#_genuine\"", "URI=\"file:///etc/passwd\""); }, "does not refer to"},
    {"an_xpointer", [] { return replaced(signed_request(), "#_genuine", "#xpointer(id('_genuine'))"); }, "does not refer to"},
    {"two_references",
     [] {
       const auto xml = signed_request();
       const auto from = xml.find("<ds:Reference"), until = xml.find("</ds:SignedInfo>");
       return replaced(xml, "</ds:SignedInfo>", xml.substr(from, until - from) + "</ds:SignedInfo>");
     },
     "one reference"},
    {"an_object", [] { return replaced(signed_request(), signature_in(signed_request()), with_object("x")); }, "one reference"},
    {"a_third_transform",
     [] {
       return replaced(signed_request(), "</ds:Transforms>",
                       "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/></ds:Transforms>");
     },
     "transforms"},
    {"an_xslt_transform",
     [] {
       return replaced(signed_request(), "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
                       "http://www.w3.org/TR/1999/REC-xslt-19991116");
     },
     "transforms"},
    {"an_xpath_filter",
     [] {
       return replaced(signed_request(), "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
                       "http://www.w3.org/2002/06/xmldsig-filter2");
     },
     "transforms"},
    {"algorithm_none", [] { return replaced(signed_request(), "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "none"); },
     "not accepted"},
    {"algorithm_missing",
     [] { return replaced(signed_request(), " Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"", ""); },
     "not accepted"},
    {"hmac_with_the_public_key",
     [] {
       return replaced(signed_request(), "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
                       "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256");
     },
     "not accepted"},
    {"rsa_md5",
     [] {
       return replaced(signed_request(), "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
                       "http://www.w3.org/2001/04/xmldsig-more#rsa-md5");
     },
     "not accepted"},
    {"md5_digest",
     [] {
       return replaced(signed_request(), "http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmldsig-more#md5");
     },
     "not accepted"},
    {"a_downgrade_to_sha1",
     [] {
       return replaced(signed_request(), "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
                       "http://www.w3.org/2000/09/xmldsig#rsa-sha1");
     },
     "SHA-1"},
    {"a_canonical_form_with_comments",
     [] { return replaced(signed_request(), "xml-exc-c14n#\"", "xml-exc-c14n#WithComments\""); }, "canonical"},
    {"an_output_length_in_the_method",
     [] { return replaced(signed_request(), "rsa-sha256\">", "rsa-sha256\"><ds:HMACOutputLength>1</ds:HMACOutputLength>"); },
     "not accepted"},
    {"another_key_with_its_own_certificate", [] { return signed_request({}, keys().other_private); }, "does not verify"},
    {"another_key_with_the_genuine_certificate",
     [] {
       return replaced(signed_request({}, keys().other_private), keys().other_private.certificate(),
                       keys().own_private.certificate());
     },
     "does not verify"},
    {"an_empty_signature_value",
     [] {
       const auto xml = signed_request();
       const auto from = xml.find("<ds:SignatureValue>") + 19, until = xml.find("</ds:SignatureValue>");
       return xml.substr(0, from) + xml.substr(until);
     },
     "does not verify"},
    {"an_id_that_is_no_name",
     [] { return replaced(replaced(signed_request(), "ID=\"_genuine\"", "ID=\"x')or('\""), "#_genuine", "#x')or('"); },
     "no XML name"},
};

class Attacked : public testing::TestWithParam<Attack> {};

TEST_P(Attacked, message_is_refused) {
  const auto read = verify(GetParam().make());
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(read.error().description, HasSubstr(GetParam().why));
}

INSTANTIATE_TEST_SUITE_P(Signature, Attacked, testing::ValuesIn(kAttacks), [](const auto& c) { return c.param.name; });

TEST(Signature, an_unknown_key_info_changes_nothing) {
  const auto xml = signed_request();
  const auto from = xml.find("<ds:KeyInfo>"), until = xml.find("</ds:KeyInfo>") + 13;
  EXPECT_TRUE(verify(xml.substr(0, from) + xml.substr(until)).ok());
  EXPECT_TRUE(verify(xml.substr(0, from) + "<ds:KeyInfo><ds:RetrievalMethod URI=\"http://attacker.example/key\"/></ds:KeyInfo>" +
                     xml.substr(until))
                  .ok());
}

TEST(Signature, prints_nothing_of_what_others_sent) {
  // libxml2 would write to stderr that canonical form knows no relative namespace.
  const auto xml = replaced(signed_request(), "\"urn:q\"", "\"q\"");
  std::thread([&] {
    testing::internal::CaptureStderr();
    EXPECT_FALSE(verify(xml).ok());
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  }).join();
}

TEST(Keys, are_rsa_of_2048_bits_or_more_and_public) {
  EXPECT_TRUE(PublicKey::from_pem(keys().own.public_pem()).has_value());
  EXPECT_TRUE(PublicKey::from_pem(keys().own.pkcs1_pem()).has_value());
  EXPECT_FALSE(PublicKey::from_pem(keys().own.private_pem()).has_value());
  EXPECT_FALSE(PublicKey::from_pem(test::ForeignKey::rsa(1024).public_pem()).has_value());
  EXPECT_FALSE(PublicKey::from_pem(test::ForeignKey::elliptic().public_pem()).has_value());
  EXPECT_FALSE(PublicKey::from_pem("").has_value());
  EXPECT_THROW(PrivateKey(crypto::Secret(keys().own.private_pem()), "no certificate"), base::Bug);
}

TEST(Keys, sign_and_verify_beside_the_data) {
  for (const auto algorithm : {SignatureAlgorithm::rsa_sha256, SignatureAlgorithm::rsa_sha1}) {
    const auto signature = keys().own_private.sign(algorithm, "data");
    EXPECT_TRUE(keys().own_public.verify(algorithm, "data", signature));
    EXPECT_FALSE(keys().own_public.verify(algorithm, "date", signature));
    EXPECT_FALSE(keys().own_public.verify(algorithm, "data", ""));
    EXPECT_FALSE(keys().own_public.verify(algorithm, "data", keys().other_private.sign(algorithm, "data")));
  }
  EXPECT_FALSE(keys().own_public.verify(SignatureAlgorithm::rsa_sha1, "data",
                                        keys().own_private.sign(SignatureAlgorithm::rsa_sha256, "data")));
}

TEST(Encryption, hides_the_element_under_a_key_of_its_own) {
  for (const auto cipher : {ContentCipher::aes256_gcm, ContentCipher::aes256_cbc}) {
    const auto once = encrypt("<a>secret</a>", keys().own_public, cipher);
    const auto again = encrypt("<a>secret</a>", keys().own_public, cipher);
    EXPECT_EQ(once.find("secret"), std::string::npos);
    EXPECT_NE(once, again);
    const auto parsed = Document::parse(once);
    ASSERT_TRUE(parsed.ok()) << once;
    constexpr std::string_view kNamespace = "http://www.w3.org/2001/04/xmlenc#";
    EXPECT_TRUE(parsed->root().is(kNamespace, "EncryptedData"));
    const auto value = parsed->root().only_child(kNamespace, "CipherData")->only_child(kNamespace, "CipherValue")->text();
    const auto bytes = base::from_base64(*value);
    ASSERT_TRUE(bytes.has_value()) << once;
    EXPECT_GT(bytes->size(), 13u + 12u);
  }
}

}  // namespace
}  // namespace segue::xml
