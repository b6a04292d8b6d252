// A relying party of WS-Federation beside the story of a session transfer: what it sends, and how it reads what it gets.
#pragma once
#include <optional>
#include <stdexcept>
#include <string>

#include "metadata_certificates.h"
#include "saml_messages/names.h"
#include "support/handoff.h"
#include "xml/document.h"
#include "xml/signature.h"

namespace segue::test {

inline constexpr const char* kReply = "https://rp.example/signin-wsfed";
inline constexpr const char* kRealm = "urn:rp";

// What a page posts to the relying party.
struct WsfedAnswer {
  static constexpr const char* kTrust = "http://schemas.xmlsoap.org/ws/2005/02/trust";
  static constexpr const char* kSoap = "http://www.w3.org/2003/05/soap-envelope";

  std::string action, wa, wresult;
  std::optional<std::string> wctx;
  xml::Document document;

  std::optional<xml::Element> assertion() const {
    const auto token = document.root().only_child(kTrust, "RequestedSecurityToken");
    return token && token->children().size() == 1 ? std::optional(token->children()[0]) : std::nullopt;
  }
  bool is_saml_1_1() const { return need(assertion()).is(saml_messages::kAssertion11, "Assertion"); }
  std::string name_id() const { return of_assertion({"Subject", "NameID"}); }
  std::string audience() const { return of_assertion({"Conditions", "AudienceRestriction", "Audience"}); }
  std::string issuer() const { return of_assertion({"Issuer"}); }
  // "" where it is no fault, else the code of WS-Trust.
  std::string fault() const {
    if (!document.root().is(kSoap, "Fault")) return "";
    return text_at(document.root(), kSoap, {"Code", "Subcode", "Value"});
  }
  std::string why() const { return text_at(document.root(), kSoap, {"Reason", "Text"}); }

 private:
  static xml::Element need(const std::optional<xml::Element>& element) {
    if (!element) throw std::runtime_error("the answer lacks an element");
    return *element;
  }
  static std::string text_at(xml::Element element, std::string_view space, const std::vector<std::string_view>& path) {
    for (const auto& name : path) element = need(element.only_child(space, name));
    return element.text().value_or("");
  }
  std::string of_assertion(const std::vector<std::string_view>& path) const {
    return text_at(need(assertion()), saml_messages::kAssertion, path);
  }
};

struct WsfedFlow {
  Handoff h;

  explicit WsfedFlow(json::object addon = {}, HandoffOptions options = {}) : h(std::move(options)) {
    patch({{"callbacks", json::array{kReply, kWebCallback}}, {"client_aliases", json::array{kRealm}}});
    set_addon(std::move(addon));
  }
  void patch(json::object fields) { h.world.managed(http::Method::patch, "clients/" + h.web.client_id, std::move(fields)); }
  void set_addon(json::object addon) { patch({{"addons", {{"wsfed", std::move(addon)}}}}); }

  std::string path() const { return "/wsfed/" + h.web.client_id; }
  std::string url() const { return std::string("https://") + kDomain + path(); }
  // As a relying party asks; an empty value leaves the parameter out.
  std::string ask(const http::Parameters& more = {}) const {
    http::Parameters all;
    for (const auto& [name, value] : {std::pair{"wa", "wsignin1.0"}, {"wtrealm", kRealm}, {"wctx", "state 1"}}) {
      if (!more.has(name)) all.add(name, value);
    }
    for (const auto& [name, value] : more.pairs()) {
      if (!value.empty()) all.add(name, value);
    }
    return http::append_query(url(), all);
  }

  static WsfedAnswer read(const Page& page) {
    auto wresult = page.field("wresult");
    if (wresult.empty()) throw std::runtime_error("no answer: " + page.url + " " + page.response.body.substr(0, 2000));
    auto document = xml::Document::parse(wresult);
    if (!document.ok()) throw std::runtime_error("the answer is no XML: " + document.error().description);
    const bool has_context = page.response.body.find("name=\"wctx\"") != std::string::npos;
    return {.action = page.form_action(),
            .wa = page.field("wa"),
            .wresult = std::move(wresult),
            .wctx = has_context ? std::optional(page.field("wctx")) : std::nullopt,
            .document = std::move(*document)};
  }
  // A sign-in by hand.
  WsfedAnswer sign_in(Browser& browser, const http::Parameters& more = {}) {
    const auto login = browser.open(ask(more));
    if (!login.is_login_page()) throw std::runtime_error("no login page: " + login.url + login.response.body.substr(0, 2000));
    return read(browser.submit_login(login, h.ada));
  }
  WsfedAnswer sign_in(const http::Parameters& more = {}) {
    auto browser = h.browser();
    return sign_in(browser, more);
  }

  http::Response metadata(const std::string& of) {
    return h.world.send(request_for(http::Method::get, of + "/FederationMetadata/2007-06/FederationMetadata.xml"));
  }
  // The key that the client's metadata names first.
  xml::PublicKey idp_key() {
    const auto answer = metadata(path());
    const std::string_view tag = "<ds:X509Certificate>";
    const auto from = answer.body.find(tag) + tag.size();
    const auto text = answer.body.substr(from, answer.body.find('<', from) - from);
    return *xml::PublicKey::from_pem("-----BEGIN CERTIFICATE-----\n" + text + "\n-----END CERTIFICATE-----\n");
  }
};

}  // namespace segue::test
