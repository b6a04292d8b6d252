// What the identity provider answers: a Response with one assertion (SAML core §3.3.3, profiles §4.1.4), or the reason why there
// is none. Times, IDs and keys are given.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "saml_messages/header.h"
#include "xml/encryption.h"
#include "xml/keys.h"
#include "xml/signature.h"

namespace segue::saml_messages {

struct AttributeValue {
  std::string text;
  std::string type = "string";  // of XML Schema: string, boolean, double
};

struct Attribute {
  std::string name;
  std::vector<AttributeValue> values;
  std::string name_format = {};  // empty: left out
};

// SAML core §2.3, profiled as §4.1.4.2 of the profiles asks: a bearer's, for one audience.
struct Assertion {
  std::string id;
  std::string issuer;
  base::Instant issue_instant;
  NameId subject;
  std::string recipient;       // the consumer URL
  std::string in_response_to;  // empty: nobody asked (started by the identity provider)
  std::string audience;
  base::Instant not_before, not_on_or_after;
  base::Instant authn_instant;
  std::string session_index;
  std::optional<base::Instant> session_not_on_or_after = {};
  std::string authn_context;
  std::vector<Attribute> attributes = {};
  bool typed_attributes = true;  // xsi:type on values
};

struct Response {
  std::string id;
  std::string issuer;
  base::Instant issue_instant;
  std::string destination;
  std::string in_response_to;  // empty: nobody asked
};

// Service providers differ in which they demand (real clients §8.1).
enum class Signed { assertion, response, both };

struct Protection {
  const xml::PrivateKey& key;
  Signed signed_part = Signed::assertion;
  xml::SignatureForm form = {};
  const xml::PublicKey* encrypt_for = nullptr;  // the assertion, signed before, is then readable by this key's owner only
  xml::ContentCipher cipher = xml::ContentCipher::aes256_gcm;
};

std::string write_response(const Response& response, const Assertion& assertion, const Protection& protection);
// A refusal to the service provider. Signed when there is a key.
std::string write_error(const Response& response, const Status& status, const xml::PrivateKey* key,
                        const xml::SignatureForm& form = {});

// The assertion alone, for WS-Federation. It declares its own namespaces and is signed on demand.
std::string write_assertion(const Assertion& assertion, const xml::PrivateKey* key, const xml::SignatureForm& form = {});
// Some service providers lose a carriage return between reading and verifying, and so refuse the signature of a person who has
// one in a claim: values have line feeds.
std::string with_line_feeds(const std::string& text);
std::string signed_message(const Unsigned& message, const xml::PrivateKey& key, const xml::SignatureForm& form = {});

}  // namespace segue::saml_messages
