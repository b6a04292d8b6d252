// A service provider of SAML 2.0 beside the story of a session transfer: what it sends, and how it reads what it gets.
#pragma once
#include <optional>
#include <stdexcept>
#include <string>

#include "base/bytes.h"
#include "base/text.h"
#include "metadata_certificates.h"
#include "saml_messages/bindings.h"
#include "saml_messages/names.h"
#include "saml_messages/response.h"
#include "support/foreign_key.h"
#include "support/handoff.h"
#include "xml/document.h"
#include "xml/signature.h"

namespace segue::test {

inline constexpr const char* kConsumer = "https://sp.example/consumer";
inline constexpr const char* kServiceProvider = "https://sp.example/metadata";

struct AuthnRequestText {
  std::string id = "_r1";
  std::string issuer = kServiceProvider;
  std::string consumer = kConsumer;  // empty: not named
  std::string destination = {};      // empty: the right one; "-": none
  std::string attributes = {};       // further ones of the root
  std::string inside = {};           // behind Issuer
  std::optional<base::Instant> issued = {};
};

// A key of the service provider's, made once.
struct ServiceProviderKey {
  ForeignKey pem = ForeignKey::rsa();
  std::string certificate = pem.certificate(base::from_seconds(1'700'000'000), base::from_seconds(2'000'000'000));
  xml::PrivateKey key{crypto::Secret(pem.private_pem()), certificate};
};
inline const ServiceProviderKey& service_provider_key() {
  static const ServiceProviderKey made;
  return made;
}

// What a page posts to the service provider.
struct SamlAnswer {
  std::string action, xml;
  std::optional<std::string> relay_state;
  xml::Document document;

  std::string status() const { return code().attribute("Value").value_or(""); }
  std::string sub_status() const {
    const auto sub = code().only_child(saml_messages::kProtocol, "StatusCode");
    return sub ? sub->attribute("Value").value_or("") : "";
  }
  std::optional<xml::Element> assertion() const { return document.root().only_child(saml_messages::kAssertion, "Assertion"); }
  std::string name_id() const {
    return need(need(assertion(), "Subject").only_child(saml_messages::kAssertion, "NameID")).text().value_or("");
  }
  std::string audience() const {
    const auto conditions = need(assertion(), "Conditions");
    const auto restriction = need(conditions.only_child(saml_messages::kAssertion, "AudienceRestriction"));
    return need(restriction.only_child(saml_messages::kAssertion, "Audience")).text().value_or("");
  }
  std::string session_index() const { return need(assertion(), "AuthnStatement").attribute("SessionIndex").value_or(""); }
  // The values of an attribute, joined by commas; "-": there is none of that name.
  std::string attribute(std::string_view name) const {
    for (const auto& each : need(assertion(), "AttributeStatement").children()) {
      if (each.attribute("Name") != name) continue;
      std::vector<std::string> values;
      for (const auto& value : each.children()) values.push_back(value.text().value_or(""));
      return base::join(values, ",");
    }
    return "-";
  }

 private:
  static xml::Element need(const std::optional<xml::Element>& element) {
    if (!element) throw std::runtime_error("the answer lacks an element");
    return *element;
  }
  static xml::Element need(const std::optional<xml::Element>& parent, std::string_view name) {
    return need(need(parent).only_child(saml_messages::kAssertion, name));
  }
  xml::Element code() const {
    return need(
        need(document.root().only_child(saml_messages::kProtocol, "Status")).only_child(saml_messages::kProtocol, "StatusCode"));
  }
};

struct SamlFlow {
  Handoff h;

  explicit SamlFlow(json::object addon = {}, HandoffOptions options = {}) : h(std::move(options)) {
    h.world.managed(http::Method::patch, "clients/" + h.web.client_id,
                    json::object{{"callbacks", json::array{kConsumer, kWebCallback}}});
    set_addon(std::move(addon));
  }
  void set_addon(json::object addon) {
    h.world.managed(http::Method::patch, "clients/" + h.web.client_id, json::object{{"addons", {{"samlp", std::move(addon)}}}});
  }

  // That metadata names, in its order.
  std::vector<std::string> certificates() {
    return certificates_in(h.world.send(request_for(http::Method::get, "/samlp/metadata/" + h.web.client_id)).body);
  }

  std::string sign_on_url() const { return std::string("https://") + kDomain + "/samlp/" + h.web.client_id; }

  std::string authn_request(AuthnRequestText t = {}) {
    if (t.destination.empty()) t.destination = sign_on_url();
    if (!t.issued) t.issued = h.world.clock.now();
    return text_of(t);
  }
  // With its destination and its time.
  static std::string text_of(const AuthnRequestText& t) {
    std::string out =
        R"(<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Version="2.0" ID=")";
    out += t.id + "\" IssueInstant=\"" + saml_messages::time_text(t.issued.value()) + "\"";
    if (t.destination != "-") out += " Destination=\"" + t.destination + "\"";
    if (!t.consumer.empty()) out += " AssertionConsumerServiceURL=\"" + t.consumer + "\"";
    return out + t.attributes + "><saml:Issuer>" + t.issuer + "</saml:Issuer>" + t.inside + "</samlp:AuthnRequest>";
  }
  // The address of the browser's redirect.
  std::string redirect(const AuthnRequestText& request = {}, const std::string& more = {},
                       const std::optional<std::string>& relay_state = "state 1", const xml::PrivateKey* key = nullptr) {
    const auto signature = key != nullptr ? std::optional(saml_messages::RedirectSignature{.key = *key}) : std::nullopt;
    return saml_messages::redirect_to(sign_on_url(), saml_messages::MessageKind::request, authn_request(request), relay_state,
                                      signature) +
           more;
  }
  http::Parameters form(const std::string& xml, const http::Parameters& more = {}) {
    auto out = more;
    out.add("SAMLRequest", saml_messages::post_value(xml));
    out.add("RelayState", "state 1");
    return out;
  }
  // Signed as the POST binding has it.
  std::string signed_request(const AuthnRequestText& request, const xml::PrivateKey& key) {
    const auto xml = authn_request(request);
    const std::string_view end = "</saml:Issuer>";
    return xml::sign(xml, xml.find(end) + end.size(), request.id, key);
  }
  // A form of the service provider's page, and where it leads when a page of ours has sent it again.
  Page post(Browser& browser, const http::Parameters& form, const std::string& query = {}) {
    const auto again = browser.post_from_elsewhere(sign_on_url() + query, form, "https://sp.example");
    if (again.status != 200 || again.field("SAMLRequest").empty()) return again;
    http::Parameters same;
    for (const auto& [name, value] : form.pairs()) same.add(name, again.field(name));
    return browser.submit(again, same);
  }

  static SamlAnswer read(const Page& page) {
    auto xml = base::from_base64(page.field("SAMLResponse"));
    if (!xml || xml->empty()) throw std::runtime_error("no SAML answer: " + page.url + " " + page.response.body.substr(0, 2000));
    auto document = xml::Document::parse(*xml);
    if (!document.ok()) throw std::runtime_error("the answer is no XML: " + document.error().description);
    const bool has_state = page.response.body.find("name=\"RelayState\"") != std::string::npos;
    return {.action = page.form_action(),
            .xml = *xml,
            .relay_state = has_state ? std::optional(page.field("RelayState")) : std::nullopt,
            .document = std::move(*document)};
  }
  // The key that metadata names first.
  xml::PublicKey idp_key() {
    return idp_key_in(h.world.send(request_for(http::Method::get, "/samlp/metadata/" + h.web.client_id)));
  }
  static xml::PublicKey idp_key_in(const http::Response& answer) {
    const std::string_view tag = "<ds:X509Certificate>";
    const auto from = answer.body.find(tag) + tag.size();
    const auto text = answer.body.substr(from, answer.body.find('<', from) - from);
    return *xml::PublicKey::from_pem("-----BEGIN CERTIFICATE-----\n" + text + "\n-----END CERTIFICATE-----\n");
  }
};

}  // namespace segue::test
