// The answers of the identity provider (contract §5.8, §5.9): from what was asked and who has signed in to the text that the
// browser carries. Pure: times, IDs and keys are given.
#pragma once
#include <optional>
#include <string>

#include "assertions/claims.h"
#include "base/result.h"
#include "model/saml_addon.h"
#include "saml_messages/response.h"
#include "saml_messages/ws_federation.h"
#include "xml/keys.h"
#include "xml/signature.h"

namespace segue::assertions {

// What was asked, as it is stored with the suspended sign-in.
struct Asked {
  std::string request_id;    // empty: nobody asked, the identity provider began
  std::string audience;      // the request's Issuer, or wtrealm; empty: not named
  std::string consumer_url;  // verified: the request's, else the addon's destination, else the first callback
};

struct SignedIn {
  Person person;
  base::Instant authn_instant;
  std::string session_index;  // of this session at this service provider only
  std::optional<base::Instant> session_expires_at = {};
  json::object extra_attributes = {};  // of Actions, by the very names that they have in the assertion
};

// By which algorithms messages to this service provider are signed.
xml::SignatureForm form_of(const model::SamlAddon& addon);

// Made for this one answer.
struct Occasion {
  std::string response_id, assertion_id;
  base::Instant now;
};

struct Self {
  std::string entity_id;  // where the addon names no issuer
  const xml::PrivateKey& key;
  const xml::PublicKey* encrypt_for = nullptr;
};

struct SamlResponse {
  std::string xml;                // what SAMLResponse carries
  saml_messages::NameId subject;  // how it names the person
};
// Errors: the addon's settings do not fit this person or this request; they say what to set.
base::Result<SamlResponse> saml_response(const Asked& asked, const SignedIn& signed_in, const model::SamlAddon& addon,
                                         const Self& self, const Occasion& occasion);
// What WS-Federation carries in wresult.
base::Result<std::string> wresult(const Asked& asked, const SignedIn& signed_in, const model::SamlAddon& addon, const Self& self,
                                  const Occasion& occasion, saml_messages::TokenType type);

// A sign-in that was refused, as its service provider is told (SAML core §3.2.2.2): the codes of OAuth are what the sign-in ends
// with.
saml_messages::Status status_of(const base::Error& error);
std::string saml_refusal(const Asked& asked, const base::Error& error, const model::SamlAddon& addon, const Self& self,
                         const Occasion& occasion);

}  // namespace segue::assertions
