// Back-channel logout (contract §5.3, OIDC Back-Channel Logout 1.0): who is told of a session's end, of which ends, and what.
#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "base/text.h"
#include "jose/jwt.h"
#include "store/descendants.h"
#include "store/refresh_tokens.h"
#include "store/session_clients.h"
#include "store/sessions.h"
#include "support/called_server.h"
#include "support/handoff.h"
#include "tenancy/handles.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

constexpr const char* kReceiver = "receiver.example.com";

std::string header_of_request(const http::Request& request, std::string_view name) {
  return std::string(request.headers.find(name).value_or(""));
}

// The relying party's server: answers as told, and keeps what it was sent.
struct Receiver {
  std::atomic<int> status{200};
  CalledServer server{[this](const http::Request&) { return http::empty_response(status); }, {kReceiver}};
  std::string url(const std::string& path = "/backchannel-logout") const { return server.url(path, kReceiver); }
  std::vector<std::string> tokens() const {
    std::vector<std::string> out;
    for (const auto& request : server.requests())
      out.push_back(http::Parameters::parse(request.body)->find("logout_token").value_or(""));
    return out;
  }
  json::object only_claims() const {
    const auto all = tokens();
    if (all.size() != 1) throw std::runtime_error(std::to_string(all.size()) + " logout tokens were sent");
    return claims_of(all.front());
  }
};

HandoffOptions calling(const Receiver& receiver) {
  HandoffOptions out;
  out.world.product.outbound = {.allow_private = true, .ca_file = receiver.server.ca_file()};
  out.world.product.outbound.time_limit = 500ms;
  out.world.product.outbound.names = {std::string(kReceiver) + ":" + std::to_string(receiver.server.port()) + ":127.0.0.1"};
  return out;
}

struct BackchannelLogout : testing::Test {
  Receiver receiver;
  Handoff stage{calling(receiver)};
  World& world = stage.world;

  void listen(const Client& client, json::object more = {}) {
    json::object setting{{"backchannel_logout_urls", json::array{receiver.url()}}};
    for (auto& member : more) setting[member.key()] = member.value();
    world.managed(http::Method::patch, "clients/" + client.client_id, json::object{{"oidc_logout", std::move(setting)}});
  }
  void listen_to_all(const Client& client) { listen(client, {{"backchannel_logout_initiators", json::object{{"mode", "all"}}}}); }
  static json::object selecting(const char* initiator) {
    return {{"backchannel_logout_initiators", json::object{{"mode", "custom"}, {"selected_initiators", json::array{initiator}}}}};
  }
  int told() {
    world.tell_relying_parties();
    return static_cast<int>(receiver.tokens().size());
  }
  std::string initiator() { return detail_of(stage.only_row("oidc_backchannel_logout_succeeded"), "initiator"); }
  // A session that a transfer opened, in which the web client signed in.
  std::string sid_of_transfer(Browser& browser, const std::string& refresh_token) {
    return sid_of(browser, stage.transfer_of(refresh_token));
  }
  std::string sid_of(Browser& browser, const std::string& session_transfer_token) {
    const auto tokens = stage.exchange_code(stage.redeem(browser, session_transfer_token));
    return text_of(claims_of(tokens.text("id_token")), "sid");
  }
  std::string path_of_ada(const std::string& rest = {}) const {
    return "users/" + base::percent_encode(stage.ada.user_id) + rest;
  }
  std::int64_t waiting() { return world.node().product().outbox_backlog().messages; }
};

TEST_F(BackchannelLogout, a_logout_in_the_browser_sends_the_token_that_the_contract_describes) {
  listen(stage.web);
  auto browser = stage.browser();
  const auto sid = sid_of_transfer(browser, stage.sign_in());
  browser.open("/v2/logout");
  EXPECT_EQ(told(), 1);

  const auto request = receiver.server.requests().at(0);
  EXPECT_EQ(request.method, http::Method::post);
  EXPECT_EQ(request.path, "/backchannel-logout");
  EXPECT_EQ(header_of_request(request, "content-type"), "application/x-www-form-urlencoded");
  const auto token = receiver.tokens().at(0);
  const auto tenant = world.node().product().tenants().snapshot(world.tenant());
  const auto verified = jose::verify_jwt(token, [&](const jose::Header& header) {
    const auto* const key = tenant->keys().find(header.kid);
    return key != nullptr ? &key->verification_key : nullptr;
  });
  ASSERT_TRUE(verified.ok());
  EXPECT_EQ(verified->header.alg, "RS256");
  EXPECT_EQ(verified->header.typ, "JWT");
  const auto& claims = verified->claims;
  EXPECT_EQ(text_of(claims, "iss"), "https://tenant.example/");
  EXPECT_EQ(text_of(claims, "sub"), stage.ada.user_id);
  EXPECT_EQ(text_of(claims, "aud"), stage.web.client_id);
  EXPECT_EQ(text_of(claims, "sid"), sid);
  EXPECT_EQ(json::find_integer(claims, "iat"), base::to_seconds(world.clock.now()));
  EXPECT_EQ(json::find_integer(claims, "exp"), base::to_seconds(world.clock.now()) + 120);
  EXPECT_EQ(json::write(*json::find(claims, "events")), R"({"http://schemas.openid.net/event/backchannel-logout":{}})");
  EXPECT_NE(text_of(claims, "jti"), "");
  EXPECT_NE(text_of(claims, "trace_id"), "");
  EXPECT_FALSE(claims.contains("nonce"));
  EXPECT_FALSE(claims.contains("session_metadata"));

  const auto row = stage.only_row("oidc_backchannel_logout_succeeded");
  EXPECT_EQ(text_of(row, "client_id"), stage.web.client_id);
  EXPECT_EQ(text_of(row, "user_id"), stage.ada.user_id);
  EXPECT_EQ(detail_of(row, "initiator"), "rp-logout");
  EXPECT_EQ(detail_of(row, "request"), R"({"backchannel_logout_uri":")" + receiver.url() + R"(","method":"POST"})");
  EXPECT_EQ(detail_of(row, "response"), R"({"statusCode":200})");
  EXPECT_EQ(waiting(), 0);
  EXPECT_EQ(told(), 1);  // and only once
}

TEST_F(BackchannelLogout, the_log_row_names_the_handoff) {
  listen(stage.web);
  auto browser = stage.browser();
  sid_of_transfer(browser, stage.sign_in());
  const auto transfer_id = stage.stored_session(browser).ancestry.transfer_id;
  browser.open("/v2/logout");
  EXPECT_EQ(told(), 1);
  ASSERT_NE(transfer_id, "");
  EXPECT_EQ(text_of(stage.only_row("oidc_backchannel_logout_succeeded"), "transfer_id"), transfer_id);
}

TEST_F(BackchannelLogout, revoking_the_parent_tells_the_relying_parties_of_every_session_that_grew_from_it) {
  listen(stage.web, selecting("session-revoked"));
  const auto parent = stage.sign_in();
  auto one = stage.browser(), two = stage.browser(), by_hand = stage.browser_of(stage.ada);
  stage.open(by_hand);
  const auto first = world.exchange(stage.native, parent);
  const auto second = world.exchange(stage.native, first.refresh_token());
  std::set<std::string> sids = {sid_of(one, first.access_token()), sid_of(two, second.access_token())};
  world.send(form_request("/oauth/revoke", parameters({{"client_id", stage.native.client_id}, {"token", parent}})));
  EXPECT_EQ(told(), 2);
  std::set<std::string> told_sids;
  for (const auto& token : receiver.tokens()) told_sids.insert(text_of(claims_of(token), "sid"));
  EXPECT_EQ(told_sids, sids);
  EXPECT_NE(stage.sid_in(by_hand), "");
  EXPECT_TRUE(stage.stored_session(one).revoked_at);  // marked, and not only dead by its ancestor
}

TEST_F(BackchannelLogout, a_cascade_over_several_pages_reaches_everybody_through_two_nodes) {
  listen(stage.web, selecting("session-revoked"));
  const auto parent = stage.sign_in();
  auto browser = stage.browser();
  sid_of_transfer(browser, parent);
  const auto first = stage.stored_session(browser);
  auto& store = world.node().product().store();
  store.write(world.tenant(), [&](const store::Writer& w) {
    for (int i = 1; i < 250; ++i) {
      auto session = first;
      session.session_id = w.ids.next();
      session.sid = "sid-" + std::to_string(i);
      store::sessions::insert(w, session, {});
      store::session_clients::record(w, session.session_id, stage.web.client_id, session.ancestry.transfer_id, {},
                                     world.clock.now());
    }
    return true;
  });
  stage.revoke(parent, true);
  world.tell_relying_parties(&world.add_node());
  world.tell_relying_parties();
  std::set<std::string> sids;
  for (const auto& token : receiver.tokens()) sids.insert(text_of(claims_of(token), "sid"));
  EXPECT_EQ(sids.size(), 250u);
  EXPECT_EQ(receiver.tokens().size(), 250u);
  EXPECT_EQ(waiting(), 0);
  EXPECT_TRUE(store
                  .read(world.tenant(),
                        [&](const store::Reader& r) {
                          return store::descendants::list_sessions_of_family(r, first.ancestry.parent_family_id, {}, 10);
                        })
                  .empty());
}

TEST_F(BackchannelLogout, children_that_survive_a_revocation_are_not_logged_out) {
  listen_to_all(stage.web);
  stage.set_native({{"enforce_cascade_revocation", false}});
  const auto parent = stage.sign_in();
  auto browser = stage.browser();
  sid_of_transfer(browser, parent);
  world.send(form_request("/oauth/revoke", parameters({{"client_id", stage.native.client_id}, {"token", parent}})));
  EXPECT_EQ(told(), 0);
  EXPECT_NE(stage.sid_in(browser), "");
}

TEST_F(BackchannelLogout, reuse_of_a_rotated_token_logs_out_what_grew_from_it) {
  listen_to_all(stage.web);
  world.managed(http::Method::patch, "clients/" + stage.native.client_id,
                json::object{{"refresh_token", json::object{{"rotation_type", "rotating"}, {"expiration_type", "expiring"}}}});
  const auto parent = stage.sign_in();
  auto browser = stage.browser();
  const auto exchanged = world.exchange(stage.native, parent);
  stage.redeem(browser, exchanged.access_token());
  EXPECT_EQ(world.refresh(stage.native, parent).error(), "invalid_grant");
  EXPECT_EQ(told(), 1);
  EXPECT_EQ(initiator(), "session-revoked");
}

TEST_F(BackchannelLogout, each_ending_is_told_with_its_initiator) {
  listen_to_all(stage.web);
  struct Ending {
    const char* initiator;
    std::function<void()> end;
  };
  const auto patch_user = [&](json::object fields) { world.managed(http::Method::patch, path_of_ada(), std::move(fields)); };
  std::string sid;
  const Ending endings[] = {
      {"session-revoked", [&] { world.managed(http::Method::delete_, "sessions/" + sid); }},
      {"session-revoked", [&] { world.managed(http::Method::post, "sessions/" + sid + "/revoke", json::object{}); }},
      {"session-revoked", [&] { world.managed(http::Method::delete_, path_of_ada("/sessions")); }},
      {"password-changed",
       [&] {
         patch_user({{"password", "Another-long-secret-7"}});
       }},
      {"email-identifier-changed",
       [&] {
         patch_user({{"email", "lovelace@example.com"}});
       }},
      {"account-deactivated",
       [&] {
         patch_user({{"blocked", true}});
       }},
      {"account-deleted",
       [&] {
         patch_user({{"blocked", false}});
       }},
  };
  int seen = 0;
  for (const auto& ending : endings) {
    auto browser = stage.browser();
    auto page = stage.open(browser);
    page = browser.submit_login(page, stage.ada);
    ASSERT_NE(page.parameter("code"), "") << ending.initiator;
    sid = text_of(claims_of(stage.exchange_code(page).text("id_token")), "sid");
    ending.end();
    if (std::string_view(ending.initiator) == "password-changed") stage.ada.password = "Another-long-secret-7";
    if (std::string_view(ending.initiator) == "email-identifier-changed") stage.ada.email = "lovelace@example.com";
    if (std::string_view(ending.initiator) == "account-deactivated") patch_user({{"blocked", false}});
    if (std::string_view(ending.initiator) == "account-deleted") world.managed(http::Method::delete_, path_of_ada());
    world.clock.advance(1s);
    ASSERT_EQ(told(), ++seen) << ending.initiator;
    const auto rows = world.logs("type:oidc_backchannel_logout_succeeded");
    EXPECT_EQ(detail_of(rows.front(), "initiator"), ending.initiator);
    EXPECT_EQ(text_of(claims_of(receiver.tokens().back()), "sid"), sid);
  }
}

TEST_F(BackchannelLogout, deleting_the_connection_logs_its_users_out) {
  listen_to_all(stage.web);
  auto browser = stage.browser_of(stage.ada);
  const auto connections = world.managed(http::Method::get, "connections");
  const auto id = json::find_string(connections.get_array().at(0).get_object(), "id").value();
  world.managed(http::Method::delete_, "connections/" + id);
  EXPECT_EQ(told(), 1);
  EXPECT_EQ(initiator(), "account-deleted");
}

TEST_F(BackchannelLogout, a_client_hears_only_of_what_it_selected) {
  listen(stage.web, selecting("password-changed"));
  auto browser = stage.browser_of(stage.ada);
  world.managed(http::Method::delete_, path_of_ada("/sessions"));
  EXPECT_EQ(told(), 0);
  auto again = stage.browser_of(stage.ada);
  again.open("/v2/logout");
  EXPECT_EQ(told(), 1);  // rp-logout cannot be deselected
}

TEST_F(BackchannelLogout, a_client_without_a_url_and_one_that_the_session_never_met_hear_nothing) {
  const auto stranger = world.web_client("https://stranger.example");
  listen_to_all(stranger);
  auto browser = stage.browser_of(stage.ada);
  browser.open("/v2/logout");
  EXPECT_EQ(told(), 0);
  EXPECT_EQ(waiting(), 0);
}

TEST_F(BackchannelLogout, an_expired_session_is_found_and_told_to_who_asked_for_it) {
  listen(stage.web, selecting("session-expired"));
  auto browser = stage.browser_of(stage.ada);
  EXPECT_EQ(told(), 0);
  world.clock.advance(71h);
  EXPECT_NE(stage.sid_in(browser), "");  // used: it lives on
  world.clock.advance(2h);
  EXPECT_EQ(told(), 0);
  EXPECT_NE(stage.sid_in(browser), "");
  world.clock.advance(73h);
  EXPECT_EQ(told(), 1);
  EXPECT_EQ(initiator(), "session-expired");
  world.clock.advance(1h);
  EXPECT_EQ(told(), 1);
  EXPECT_EQ(stage.sid_in(browser), "");
}

TEST_F(BackchannelLogout, session_metadata_is_sent_when_it_is_asked_for) {
  listen(stage.web, {{"backchannel_logout_session_metadata", json::object{{"include", true}}}});
  auto browser = stage.browser();
  const auto sid = sid_of_transfer(browser, stage.sign_in());
  world.managed(http::Method::patch, "sessions/" + sid, json::object{{"session_metadata", json::object{{"device", "kiosk 7"}}}});
  browser.open("/v2/logout");
  EXPECT_EQ(told(), 1);
  EXPECT_EQ(json::write(*json::find(receiver.only_claims(), "session_metadata")), R"({"device":"kiosk 7"})");
  EXPECT_EQ(detail_of(stage.only_row("oidc_backchannel_logout_succeeded"), "session_metadata"), R"({"device":"kiosk 7"})");
}

// The message names the user too, and clients take that to mean every session of theirs: it must not end the sign-in under way.
TEST_F(BackchannelLogout, a_session_that_the_next_sign_in_replaces_is_told_when_its_successor_ends) {
  listen_to_all(stage.web);
  auto browser = stage.browser();
  const auto first = sid_of_transfer(browser, stage.sign_in());
  const auto second = sid_of_transfer(browser, stage.sign_in());  // of another refresh token: replaced, not joined
  ASSERT_NE(first, second);
  EXPECT_EQ(told(), 0);
  browser.open("/v2/logout");
  EXPECT_EQ(told(), 2);
  std::set<std::string> sids;
  for (const auto& token : receiver.tokens()) sids.insert(text_of(claims_of(token), "sid"));
  EXPECT_EQ(sids, (std::set<std::string>{first, second}));
}

TEST_F(BackchannelLogout, a_replaced_session_is_told_when_the_token_that_it_grew_from_is_revoked) {
  listen_to_all(stage.web);
  auto browser = stage.browser();
  const auto parent = stage.sign_in();
  const auto first = sid_of_transfer(browser, parent);
  sid_of_transfer(browser, stage.sign_in());
  stage.revoke(parent, true);
  EXPECT_EQ(told(), 1);
  EXPECT_EQ(text_of(receiver.only_claims(), "sid"), first);
  EXPECT_NE(stage.sid_in(browser), "");
}

TEST_F(BackchannelLogout, refresh_tokens_that_end_with_the_session_are_marked_as_well) {
  stage.set_web({{"allow_refresh_token", true}});
  auto browser = stage.browser();
  const auto page = stage.redeem(browser, stage.transfer(), parameters({{"scope", "openid offline_access"}}));
  const auto tokens = stage.exchange_code(page);
  ASSERT_NE(tokens.refresh_token(), "");
  browser.open("/v2/logout");
  EXPECT_EQ(told(), 0);
  auto& product = world.node().product();
  const auto tenant = product.tenants().snapshot(world.tenant());
  const auto handle = tenancy::parse_handle(tenant->keys(), model::HandleKind::refresh_token, tokens.refresh_token());
  const auto family = product.store().read(world.tenant(), [&](const store::Reader& r) {
    return store::refresh_tokens::find_family(r, store::refresh_tokens::find(r, handle->id)->token.family_id);
  });
  EXPECT_TRUE(family->revoked_at);
}

TEST_F(BackchannelLogout, the_issuer_is_the_domain_that_the_relying_party_uses) {
  listen(stage.web);
  world.add_domain("login.example.com");
  Browser browser(world.node(), "login.example.com");
  const auto page = browser.submit_login(stage.open(browser), stage.ada);
  ASSERT_NE(page.parameter("code"), "");
  browser.open("/v2/logout");
  EXPECT_EQ(told(), 1);
  EXPECT_EQ(text_of(receiver.only_claims(), "iss"), "https://login.example.com/");
}

TEST_F(BackchannelLogout, a_receiver_that_fails_is_tried_again_with_growing_pauses_and_the_same_jti) {
  listen(stage.web);
  receiver.status = 503;
  auto browser = stage.browser_of(stage.ada);
  browser.open("/v2/logout");
  EXPECT_EQ(told(), 1);
  EXPECT_EQ(told(), 1);
  world.clock.advance(1s);
  EXPECT_EQ(told(), 2);
  world.clock.advance(4s);
  EXPECT_EQ(told(), 2);
  world.clock.advance(1s);
  EXPECT_EQ(told(), 3);
  EXPECT_TRUE(world.logs("type:oidc_backchannel_logout_failed").empty());
  receiver.status = 204;
  world.clock.advance(30s);
  EXPECT_EQ(told(), 4);
  EXPECT_EQ(detail_of(stage.only_row("oidc_backchannel_logout_succeeded"), "attempts"), "4");
  EXPECT_EQ(waiting(), 0);
  std::set<std::string> jtis;
  for (const auto& token : receiver.tokens()) jtis.insert(text_of(claims_of(token), "jti"));
  EXPECT_EQ(jtis.size(), 1u);
  // Signed when it is sent: a receiver that was away for long gets a token that has not expired.
  EXPECT_EQ(json::find_integer(claims_of(receiver.tokens().back()), "iat"), base::to_seconds(world.clock.now()));
}

TEST_F(BackchannelLogout, what_cannot_be_delivered_in_a_day_is_given_up_and_logged) {
  listen(stage.web);
  receiver.status = 400;
  auto browser = stage.browser_of(stage.ada);
  browser.open("/v2/logout");
  for (int hour = 0; hour < 30; ++hour) {
    told();
    world.clock.advance(1h);
  }
  const auto row = stage.only_row("oidc_backchannel_logout_failed");
  EXPECT_EQ(detail_of(row, "initiator"), "rp-logout");
  EXPECT_EQ(detail_of(row, "response"), R"({"statusCode":400})");
  EXPECT_EQ(detail_of(row, "errors"), R"(["The receiver answered 400; 200 or 204 is needed."])");
  EXPECT_EQ(waiting(), 0);
}

TEST_F(BackchannelLogout, a_dead_receiver_does_not_hold_the_others_up) {
  const auto other = world.web_client("https://other.example");
  listen(stage.web);
  world.managed(http::Method::patch, "clients/" + other.client_id,
                json::object{{"oidc_logout", json::object{{"backchannel_logout_urls", json::array{"https://127.0.0.1:1/"}}}}});
  for (int i = 0; i < 20; ++i) {
    auto browser = stage.browser_of(stage.ada);
    browser.open(authorize_url(other, "https://other.example/callback"));
    browser.open("/v2/logout");
  }
  EXPECT_EQ(told(), 20);
  EXPECT_EQ(waiting(), 20);
  const auto failing = world.logs("type:oidc_backchannel_logout_failed");
  EXPECT_TRUE(failing.empty());
}

TEST_F(BackchannelLogout, a_client_that_takes_its_url_back_is_not_told_any_more) {
  listen(stage.web);
  auto browser = stage.browser_of(stage.ada);
  receiver.status = 500;
  browser.open("/v2/logout");
  EXPECT_EQ(told(), 1);
  world.managed(http::Method::patch, "clients/" + stage.web.client_id,
                json::object{{"oidc_logout", json::object{{"backchannel_logout_urls", json::array{}}}}});
  world.clock.advance(1h);
  EXPECT_EQ(told(), 1);
  EXPECT_EQ(waiting(), 0);
}

TEST_F(BackchannelLogout, discovery_says_what_is_served) {
  const auto document = object_of(world.send(request_for(http::Method::get, "/.well-known/openid-configuration")));
  EXPECT_EQ(json::find_bool(document, "backchannel_logout_supported"), true);
  EXPECT_EQ(json::find_bool(document, "backchannel_logout_session_supported"), true);
}

// Without outbound.allow_private the address is refused when it is called, whatever was stored before.
TEST(BackchannelLogoutAddresses, a_receiver_whose_name_leads_to_a_private_address_is_never_called) {
  Receiver receiver;
  auto options = calling(receiver);
  options.world.product.outbound.allow_private = false;
  Handoff stage(options);
  stage.world.managed(http::Method::patch, "clients/" + stage.web.client_id,
                      json::object{{"oidc_logout", json::object{{"backchannel_logout_urls", json::array{receiver.url()}}}}});
  auto browser = stage.browser_of(stage.ada);
  browser.open("/v2/logout");
  stage.world.tell_relying_parties();
  EXPECT_EQ(receiver.server.connections(), 0u);
  EXPECT_EQ(stage.world.node().product().outbox_backlog().messages, 1);
}

}  // namespace
}  // namespace segue::test
