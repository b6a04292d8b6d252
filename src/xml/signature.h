// Enveloped XML signatures (XML Signature §8.1.3 with exclusive canonical form), as SAML profiles them (SAML core §5.4): the
// signature is a child of the element that it signs and has one reference, to that element's ID. Wants the stack of an ordinary
// thread: not for fibers.
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"
#include "xml/document.h"
#include "xml/keys.h"

namespace segue::xml {

struct SignatureForm {
  SignatureAlgorithm signature = SignatureAlgorithm::rsa_sha256;
  DigestAlgorithm digest = DigestAlgorithm::sha256;
  const char* id_attribute = "ID";  // "AssertionID" in SAML 1.1
};

// `document`, whose root has that ID, with the signature put at `position` (Writer::here, directly inside the root). Throws
// base::Bug for a document that Writer would not make.
std::string sign(std::string_view document, std::size_t position, std::string_view id, const PrivateKey& key,
                 const SignatureForm& form = {});

struct Accepted {
  bool sha1 = false;  // as signature and as digest
};

// The element as it was signed, read again from the very bytes that were digested: whoever reads the answer cannot read anything
// that the signature does not cover. KeyInfo is not looked at.
base::Result<Document> verified(const Element& element, const PublicKey& key, const Accepted& accepted = {});
// Whether there is a signature to verify, as a child of the element.
bool has_signature(const Element& element);

}  // namespace segue::xml
