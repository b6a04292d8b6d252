// What a service provider asks for when it wants somebody signed in (SAML core §3.4.1).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "saml_messages/header.h"

namespace segue::saml_messages {

struct AuthnRequest {
  Header header;
  bool force_authn = false;
  bool is_passive = false;
  std::optional<std::string> consumer_url = {};      // AssertionConsumerServiceURL
  std::optional<int> consumer_index = {};            // AssertionConsumerServiceIndex
  std::optional<std::string> protocol_binding = {};  // for the response
  // RequestedAuthnContext (§3.3.2.2.1): what kind of sign-in is demanded. Empty: any.
  std::vector<std::string> context_classes = {};
  // Whether a sign-in of one of these classes satisfies it: not where a better one than all of them is demanded.
  bool wants_better_context = false;
  std::optional<base::Instant> not_on_or_after = {};  // of its Conditions
  // Whom to sign in. A response about anybody else would be wrong (§3.4.1.4).
  std::optional<NameId> subject = {};
};

// NameIDPolicy is a wish, which node-saml always has; it is not read, and the addon's format holds.
base::Result<AuthnRequest> read_authn_request(const xml::Document& document);

}  // namespace segue::saml_messages
