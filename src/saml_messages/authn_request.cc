#include "saml_messages/authn_request.h"

#include "base/text.h"
#include "saml_messages/names.h"

namespace segue::saml_messages {
namespace {

base::Result<bool> read_flag(const xml::Element& element, const char* name) {
  const auto value = element.attribute(name);
  if (!value || *value == "false" || *value == "0") return false;
  if (*value == "true" || *value == "1") return true;
  return refused(std::string(name) + " is neither true nor false.");
}

base::Outcome read_consumer(const xml::Element& root, AuthnRequest& out) {
  out.consumer_url = root.attribute("AssertionConsumerServiceURL");
  out.protocol_binding = root.attribute("ProtocolBinding");
  const auto index = root.attribute("AssertionConsumerServiceIndex");
  if (!index) return base::Unit{};
  const auto number = base::parse_integer(*index);
  if (!number || *number > 65535) return refused("AssertionConsumerServiceIndex is no number from 0 to 65535.");
  // §3.4.1: the index and the two others exclude each other.
  if (out.consumer_url || out.protocol_binding)
    return refused("The request has both AssertionConsumerServiceIndex and AssertionConsumerServiceURL or ProtocolBinding.");
  out.consumer_index = static_cast<int>(*number);
  return base::Unit{};
}

base::Outcome read_context(const xml::Element& root, AuthnRequest& out) {
  const auto context = TRY(at_most_one(root, kProtocol, "RequestedAuthnContext"));
  if (!context) return base::Unit{};
  out.wants_better_context = context->attribute("Comparison") == "better";
  for (const auto& reference : context->children(kAssertion, "AuthnContextClassRef")) {
    if (auto text = trimmed_text(reference)) out.context_classes.push_back(std::move(*text));
  }
  // A declaration of the service provider's own (AuthnContextDeclRef) is one that nobody knows here.
  for (const auto& reference : context->children(kAssertion, "AuthnContextDeclRef")) {
    if (auto text = trimmed_text(reference)) out.context_classes.push_back(std::move(*text));
  }
  return base::Unit{};
}

base::Outcome read_conditions(const xml::Element& root, AuthnRequest& out) {
  const auto conditions = TRY(at_most_one(root, kAssertion, "Conditions"));
  if (!conditions) return base::Unit{};
  if (const auto end = conditions->attribute("NotOnOrAfter")) out.not_on_or_after = TRY(read_time(*end, "NotOnOrAfter"));
  return base::Unit{};
}

base::Outcome read_subject(const xml::Element& root, AuthnRequest& out) {
  const auto subject = TRY(at_most_one(root, kAssertion, "Subject"));
  if (!subject) return base::Unit{};
  const auto name_id = TRY(at_most_one(*subject, kAssertion, "NameID"));
  if (!name_id) return refused("The request's Subject has no NameID. An encrypted one is not understood.");
  out.subject = TRY(read_name_id(*name_id));
  return base::Unit{};
}

}  // namespace

base::Result<AuthnRequest> read_authn_request(const xml::Document& document) {
  const auto root = document.root();
  AuthnRequest out{.header = TRY(read_header(root, "AuthnRequest"))};
  out.force_authn = TRY(read_flag(root, "ForceAuthn"));
  out.is_passive = TRY(read_flag(root, "IsPassive"));
  TRY(read_consumer(root, out));
  TRY(read_context(root, out));
  TRY(read_conditions(root, out));
  TRY(read_subject(root, out));
  return out;
}

}  // namespace segue::saml_messages
