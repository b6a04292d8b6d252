// The names that SAML 2.0, SAML 1.1 and WS-Federation give to things.
#pragma once
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace segue::saml_messages {

inline constexpr std::string_view kProtocol = "urn:oasis:names:tc:SAML:2.0:protocol";
inline constexpr std::string_view kAssertion = "urn:oasis:names:tc:SAML:2.0:assertion";
inline constexpr std::string_view kMetadata = "urn:oasis:names:tc:SAML:2.0:metadata";
inline constexpr std::string_view kAssertion11 = "urn:oasis:names:tc:SAML:1.0:assertion";  // of SAML 1.1 too
inline constexpr std::string_view kXmlSignature = "http://www.w3.org/2000/09/xmldsig#";
inline constexpr std::string_view kAddressing = "http://www.w3.org/2005/08/addressing";
inline constexpr std::string_view kXmlSchema = "http://www.w3.org/2001/XMLSchema";
inline constexpr std::string_view kXmlSchemaInstance = "http://www.w3.org/2001/XMLSchema-instance";

// SAML bindings §3.4.1, §3.5.1
inline constexpr std::string_view kRedirectBinding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
inline constexpr std::string_view kPostBinding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

// SAML core §8.3
inline constexpr std::string_view kUnspecifiedNameId = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
inline constexpr std::string_view kEmailNameId = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
inline constexpr std::string_view kEntityNameId = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";

// SAML core §3.2.2.2: the four top codes, and the second ones that Segue has a use for.
namespace status {
inline constexpr std::string_view kSuccess = "urn:oasis:names:tc:SAML:2.0:status:Success";
inline constexpr std::string_view kRequester = "urn:oasis:names:tc:SAML:2.0:status:Requester";
inline constexpr std::string_view kResponder = "urn:oasis:names:tc:SAML:2.0:status:Responder";
inline constexpr std::string_view kVersionMismatch = "urn:oasis:names:tc:SAML:2.0:status:VersionMismatch";
inline constexpr std::string_view kAuthnFailed = "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed";
inline constexpr std::string_view kNoAuthnContext = "urn:oasis:names:tc:SAML:2.0:status:NoAuthnContext";
inline constexpr std::string_view kNoPassive = "urn:oasis:names:tc:SAML:2.0:status:NoPassive";
inline constexpr std::string_view kRequestDenied = "urn:oasis:names:tc:SAML:2.0:status:RequestDenied";
inline constexpr std::string_view kRequestUnsupported = "urn:oasis:names:tc:SAML:2.0:status:RequestUnsupported";
inline constexpr std::string_view kPartialLogout = "urn:oasis:names:tc:SAML:2.0:status:PartialLogout";
inline constexpr std::string_view kUnknownPrincipal = "urn:oasis:names:tc:SAML:2.0:status:UnknownPrincipal";
}  // namespace status

// Whether signing in by a password is what the class names, in the words of SAML 1.1, SAML 2.0 or WS-Federation; "however you
// like" is so, too.
bool is_met_by_password(std::string_view authn_context_class);

// How a request or its answer is refused: the one code that the pages and the logs know.
base::Error refused(std::string why, base::Origin origin = base::Origin::here());
// SAML core §1.3.3: UTC, with "Z". Milliseconds.
std::string time_text(base::Instant time);
base::Result<base::Instant> read_time(std::string_view text, std::string_view what);

}  // namespace segue::saml_messages
