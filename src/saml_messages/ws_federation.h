// WS-Federation's answer, the `wresult` of its passive profile: a RequestSecurityTokenResponse (WS-Trust, February 2005) around
// one signed assertion of SAML 2.0 or SAML 1.1, or a fault.
#pragma once
#include <string>
#include <string_view>

#include "saml_messages/response.h"

namespace segue::saml_messages {

enum class TokenType { saml_2_0, saml_1_1 };

// The assertion's audience is the `wtrealm`. SAML 1.1 splits the name of an attribute at its last slash.
std::string write_wresult(const Assertion& assertion, TokenType type, const xml::PrivateKey& key,
                          const xml::SignatureForm& form = {});
// SAML 1.1 (core §2.3), whose signature is the last child.
std::string write_assertion_1_1(const Assertion& assertion, const xml::PrivateKey& key, const xml::SignatureForm& form);

// A wresult that says why there is no token (WS-Federation §13.2.2): a SOAP 1.2 fault with a code of WS-Trust (§11).
enum class Fault { invalid_request, failed_authentication, request_failed };
std::string write_fault(Fault fault, std::string_view why);

}  // namespace segue::saml_messages
