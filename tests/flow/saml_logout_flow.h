// Service providers of single logout, a browser that is signed in at them, and the messages of both sides (SAML profiles §4.4).
#pragma once
#include <set>

#include "saml_flow.h"
#include "saml_messages/logout.h"
#include "sessions/logout_walk.h"

namespace segue::test {

inline constexpr const char* kAfterLogout = "https://app.example/bye";

// Of somebody else.
inline const ServiceProviderKey& other_key() {
  static const ServiceProviderKey made;
  return made;
}

// What a service provider knows of a person who signed in there.
struct Party {
  Client client;
  std::string callback;  // of logouts
  std::string name_id, session_index;
};

struct LogoutText {
  std::string id = "_l1";
  std::string name_id = {};      // empty: the one that the party was told
  std::string index = {};        // empty: the one that the party was told; "-": none
  std::string destination = {};  // empty: the right one; "-": none
  std::optional<base::Instant> issued = {}, not_on_or_after = {};
};

struct LogoutAnswerText {
  std::string in_response_to;  // empty: what was asked; "-": none
  std::string status = std::string(saml_messages::status::kSuccess);
  std::string relay_state = {};  // empty: as it came
  const xml::PrivateKey* key = &service_provider_key().key;
  std::string destination = {};  // empty: the right one
  std::optional<base::Instant> issued = {};
};

inline json::object logout_addon(const std::string& callback, json::object more = {}) {
  json::object out{{"signingCert", service_provider_key().certificate},
                   {"logout", {{"callback", callback}, {"slo_enabled", true}}}};
  for (const auto& member : more) out[member.key()] = member.value();
  return out;
}

inline std::string logout_party_url(const Party& at, const std::string& what = {}) {
  return std::string("https://") + kDomain + "/samlp/" + at.client.client_id + what;
}

inline bool is_at(const Page& page, const Party& party) { return page.left && page.url.starts_with(party.callback + "?"); }

// A LogoutRequest as it reached a party.
struct SentLogout {
  saml_messages::LogoutRequest request;
  std::string relay_state;
};
inline SentLogout read_logout_request_of(const Page& page, const xml::PublicKey& idp_key) {
  const auto arrived = saml_messages::from_redirect(page.url.substr(page.url.find('?') + 1));
  if (!arrived.ok()) throw std::runtime_error(page.url + " " + page.response.body + arrived.error().description);
  const auto document = saml_messages::open(*arrived, {.key = &idp_key});
  if (!document.ok()) throw std::runtime_error(document.error().description);
  auto request = saml_messages::read_logout_request(*document);
  if (!request.ok()) throw std::runtime_error(request.error().description);
  return {std::move(*request), arrived->relay_state.value_or("")};
}

// The address at which the party's answer arrives by redirect.
inline std::string logout_answer_link(const Party& from, const SentLogout& sent, const LogoutAnswerText& t, base::Instant now) {
  const auto& id = sent.request.header.id;
  const auto xml = saml_messages::write_logout_response(
      {.header = {.id = "_a" + id,
                  .issuer = "sp",
                  .issue_instant = t.issued.value_or(now),
                  .destination = t.destination.empty() ? logout_party_url(from, "/logout") : t.destination},
       .in_response_to = t.in_response_to == "-"    ? ""
                         : t.in_response_to.empty() ? id
                                                    : t.in_response_to,
       .status = {.code = t.status}});
  const auto signature = t.key != nullptr ? std::optional(saml_messages::RedirectSignature{*t.key}) : std::nullopt;
  return saml_messages::redirect_to(logout_party_url(from, "/logout"), saml_messages::MessageKind::response, xml.xml,
                                    t.relay_state.empty() ? sent.relay_state : t.relay_state, signature);
}

struct SamlLogout {
  SamlFlow f;
  Handoff& h = f.h;
  World& world = f.h.world;
  xml::PublicKey idp_key = f.idp_key();

  explicit SamlLogout(HandoffOptions options = {}) : f({}, std::move(options)) {
    world.managed(http::Method::patch, "clients/" + h.web.client_id,
                  json::object{{"allowed_logout_urls", json::array{kAfterLogout}}});
  }

  Party add(const std::string& name, json::object more = {}) {
    const auto site = "https://" + name + ".example";
    const auto callback = site + "/slo";
    return {world.web_client(site, {{"addons", {{"samlp", logout_addon(callback, std::move(more))}}}}), callback, {}, {}};
  }
  std::string url_of(const Party& at, const std::string& what = {}) const { return logout_party_url(at, what); }
  // The party learns who signed in.
  void sign_in(Browser& browser, Party& at, const User& user) {
    static int count = 0;
    const auto id = "_r" + std::to_string(++count);
    const auto consumer = at.callback.substr(0, at.callback.rfind('/')) + "/callback";
    const auto request = f.authn_request({.id = id, .issuer = "sp", .consumer = consumer, .destination = url_of(at)});
    auto page = browser.open(saml_messages::redirect_to(url_of(at), saml_messages::MessageKind::request, request, std::nullopt,
                                                        saml_messages::RedirectSignature{service_provider_key().key}));
    if (page.is_login_page()) page = browser.submit_login(page, user);
    const auto answer = SamlFlow::read(page);
    at.name_id = answer.name_id();
    at.session_index = answer.session_index();
  }
  void sign_in(Browser& browser, Party& at) { sign_in(browser, at, h.ada); }

  saml_messages::Unsigned logout_request(const Party& from, const LogoutText& t) const {
    saml_messages::LogoutRequest out{
        .header = {.id = t.id, .issuer = "sp", .issue_instant = t.issued.value_or(world.clock.now())},
        .name_id = {.value = t.name_id.empty() ? from.name_id : t.name_id},
        .not_on_or_after = t.not_on_or_after};
    if (t.destination != "-") out.header.destination = t.destination.empty() ? url_of(from, "/logout") : t.destination;
    if (t.index != "-") out.session_indexes.push_back(t.index.empty() ? from.session_index : t.index);
    return saml_messages::write_logout_request(out);
  }
  // The address at which the party's logout arrives by redirect. Without a key: not signed.
  std::string logout_link(const Party& from, const LogoutText& t = {}, const xml::PrivateKey* key = &service_provider_key().key,
                          const std::string& relay_state = "their state") const {
    const auto signature = key != nullptr ? std::optional(saml_messages::RedirectSignature{*key}) : std::nullopt;
    return saml_messages::redirect_to(url_of(from, "/logout"), saml_messages::MessageKind::request, logout_request(from, t).xml,
                                      relay_state, signature);
  }

  using Sent = SentLogout;
  bool is_at(const Page& page, const Party& party) const { return test::is_at(page, party); }
  Sent read_request(const Page& page) const { return read_logout_request_of(page, idp_key); }
  // The answer that ends a logout at the party that began it.
  saml_messages::LogoutResponse read_response(const Page& page, std::string* relay_state = nullptr) const {
    const auto arrived = page.left ? saml_messages::from_redirect(page.url.substr(page.url.find('?') + 1))
                                   : saml_messages::from_post(saml_messages::MessageKind::response, page.field("SAMLResponse"),
                                                              page.field("RelayState"));
    if (!arrived.ok()) throw std::runtime_error(page.url + " " + page.response.body + arrived.error().description);
    if (relay_state != nullptr) *relay_state = arrived->relay_state.value_or("(none)");
    const auto document = saml_messages::open(*arrived, {.key = &idp_key});
    if (!document.ok()) throw std::runtime_error(document.error().description);
    auto response = saml_messages::read_logout_response(*document);
    if (!response.ok()) throw std::runtime_error(response.error().description);
    return std::move(*response);
  }

  std::string answer_link(const Party& from, const Page& asked, const LogoutAnswerText& t = {}) const {
    return logout_answer_link(from, read_request(asked), t, world.clock.now());
  }
  Page answer(Browser& browser, const Party& from, const Page& asked, const LogoutAnswerText& t = {}) const {
    return browser.open(answer_link(from, asked, t));
  }

  std::string v2_logout() const {
    return std::string("/v2/logout?client_id=") + h.web.client_id + "&returnTo=" + base::percent_encode(kAfterLogout);
  }
  bool is_live(const Browser& browser) { return !h.stored_session(browser).revoked_at; }
};

}  // namespace segue::test
