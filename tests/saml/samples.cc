// saml_samples CONSUMER AUDIENCE REQUEST_ID: prints, as one JSON object, every message that Segue's identity provider sends, made
// now and signed with a key that is made now; with the certificate, and the key for which assertions are encrypted.
#include <chrono>
#include <iostream>

#include "json/value.h"
#include "saml_messages/bindings.h"
#include "saml_messages/logout.h"
#include "saml_messages/metadata.h"
#include "saml_messages/names.h"
#include "saml_messages/response.h"
#include "saml_messages/ws_federation.h"
#include "support/foreign_key.h"

using namespace segue;
using namespace segue::saml_messages;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

const auto kNow = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());

struct Keys {
  test::ForeignKey own = test::ForeignKey::rsa(), reader = test::ForeignKey::rsa();
  std::string certificate = own.certificate(kNow - hours(1), kNow + hours(24));
  xml::PrivateKey key{crypto::Secret(own.private_pem()), certificate};
  xml::PublicKey reader_key = *xml::PublicKey::from_pem(reader.public_pem());
};

Response response_to(const std::string& consumer, const std::string& request) {
  return {
      .id = "_response", .issuer = "urn:idp.example", .issue_instant = kNow, .destination = consumer, .in_response_to = request};
}

Assertion assertion_for(const std::string& consumer, const std::string& audience, const std::string& request) {
  return {.id = "_assertion",
          .issuer = "urn:idp.example",
          .issue_instant = kNow,
          .subject = {.value = "auth0|ada", .format = std::string(kUnspecifiedNameId)},
          .recipient = consumer,
          .in_response_to = request,
          .audience = audience,
          .not_before = kNow - minutes(1),
          .not_on_or_after = kNow + hours(1),
          .authn_instant = kNow,
          .session_index = "_session",
          .authn_context = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified",
          .attributes = {{.name = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
                          .values = {{.text = "ada@example.com"}},
                          .name_format = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"},
                         {.name = "name", .values = {{.text = "Ada <\"Augusta\"> & Lovelace\r\n\xF0\x9F\x98\x80"}}},
                         {.name = "http://schemas.auth0.com/email_verified", .values = {{.text = "true", .type = "boolean"}}},
                         {.name = "http://schemas.auth0.com/logins", .values = {{.text = "3", .type = "double"}}},
                         {.name = "groups", .values = {{.text = "one"}, {.text = "two"}}}}};
}

json::object responses(const Keys& keys, const Response& response, const Assertion& assertion) {
  json::object out;
  out["assertion_signed"] = write_response(response, assertion, {.key = keys.key});
  out["response_signed"] = write_response(response, assertion, {.key = keys.key, .signed_part = Signed::response});
  out["both_signed"] = write_response(response, assertion, {.key = keys.key, .signed_part = Signed::both});
  const xml::SignatureForm old{.signature = xml::SignatureAlgorithm::rsa_sha1, .digest = xml::DigestAlgorithm::sha1};
  out["sha1"] = write_response(response, assertion, {.key = keys.key, .signed_part = Signed::both, .form = old});
  for (const auto cipher : {xml::ContentCipher::aes256_gcm, xml::ContentCipher::aes256_cbc}) {
    const Protection hidden{.key = keys.key, .signed_part = Signed::both, .encrypt_for = &keys.reader_key, .cipher = cipher};
    out[cipher == xml::ContentCipher::aes256_gcm ? "encrypted_gcm" : "encrypted_cbc"] =
        write_response(response, assertion, hidden);
  }
  auto untyped = assertion;
  untyped.typed_attributes = false;
  out["untyped"] = write_response(response, untyped, {.key = keys.key, .signed_part = Signed::both});
  untyped.attributes.clear();
  out["without_attributes"] = write_response(response, untyped, {.key = keys.key, .signed_part = Signed::both});
  const Status refused{
      .code = std::string(status::kResponder), .sub_code = std::string(status::kNoPassive), .message = "No session."};
  out["refusal"] = write_error(response, refused, &keys.key);
  return out;
}

Header header(const char* id, const std::string& destination) {
  return {.id = id, .issuer = "urn:idp.example", .issue_instant = kNow, .destination = destination};
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) {
    std::cerr << "usage: saml_samples CONSUMER AUDIENCE REQUEST_ID\n";
    return 2;
  }
  const std::string consumer = arguments[1], audience = arguments[2], request = arguments[3];
  const Keys keys;
  const auto assertion = assertion_for(consumer, audience, request);
  json::object out;
  out["certificate"] = keys.certificate;
  out["reader_key"] = keys.reader.private_pem();
  out["responses"] = responses(keys, response_to(consumer, request), assertion);

  const LogoutRequest logout{.header = header("_logout", consumer),
                             .name_id = assertion.subject,
                             .session_indexes = {"_session"},
                             .not_on_or_after = kNow + minutes(5)};
  const LogoutResponse answer{
      .header = header("_answer", consumer), .in_response_to = request, .status = {.code = std::string(status::kSuccess)}};
  out["logout_request"] = signed_message(write_logout_request(logout), keys.key);
  out["logout_response"] = signed_message(write_logout_response(answer), keys.key);
  out["logout_request_url"] =
      redirect_to(consumer, MessageKind::request, write_logout_request(logout).xml, "state & more", RedirectSignature{keys.key});

  const std::vector<std::string> claims = {"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"};
  out["metadata"] = write_metadata({.entity_id = "urn:idp.example",
                                    .certificates = {keys.key.certificate()},
                                    .sign_on_url = "https://idp.example/samlp/c1",
                                    .logout_url = "https://idp.example/samlp/c1/logout",
                                    .claims = claims});
  out["federation_metadata"] = write_federation_metadata({.entity_id = "urn:idp.example",
                                                          .certificates = {keys.key.certificate()},
                                                          .sign_on_url = "https://idp.example/wsfed/c1",
                                                          .claims = claims});
  out["assertion_1_1"] = write_assertion_1_1(assertion, keys.key, {});
  out["wresult_saml_2_0"] = write_wresult(assertion, TokenType::saml_2_0, keys.key);
  out["wresult_saml_1_1"] = write_wresult(assertion, TokenType::saml_1_1, keys.key);
  std::cout << json::write(out) << '\n';
}
