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
  // NameIDPolicy: a wish, which node-saml always has; not honouring it is no error (real clients).
  std::string name_id_format = {};  // empty: none given
  // RequestedAuthnContext: what kind of sign-in, as a wish likewise.
  std::string context_comparison = {};
  std::vector<std::string> context_classes = {};
  // Whom to sign in. A response about anybody else would be wrong (§3.4.1.4).
  std::optional<NameId> subject = {};
};

base::Result<AuthnRequest> read_authn_request(const xml::Document& document);

}  // namespace segue::saml_messages
