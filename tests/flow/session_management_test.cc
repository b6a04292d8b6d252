// Sessions and refresh tokens in the Management API, and what falls with them (contract §6.1–6.3, §4.9).
#include <gtest/gtest.h>

#include <set>

#include "support/handoff.h"

namespace segue::test {
namespace {

using http::Method;

struct SessionManagement : ::testing::Test {
  explicit SessionManagement(Engine engine = Engine::sqlite)
      : handoff({.world = {.engine = engine},
                 .native = {
                     {"refresh_token", json::object{{"rotation_type", "non-rotating"}, {"expiration_type", "non-expiring"}}}}}) {}

  Handoff handoff;
  World& world = handoff.world;

  const std::string& user_id() const { return handoff.ada.user_id; }
  std::string users_path(const std::string& what) const {
    std::string encoded = user_id();
    encoded.replace(encoded.find('|'), 1, "%7C");
    return "users/" + encoded + "/" + what;
  }
  // A browser in which ada signed in by hand, and the refresh token that the web client got there.
  struct Signed {
    Browser browser;
    std::string sid, refresh_token;
  };
  Signed sign_in_by_hand() {
    auto browser = handoff.browser_of(handoff.ada);
    const auto page = handoff.open(browser, parameters({{"scope", "openid offline_access"}}));
    const auto tokens = handoff.exchange_code(page);
    EXPECT_NE(tokens.refresh_token(), "") << json::write(tokens.body);
    auto sid = handoff.sid_in(browser);
    return {std::move(browser), std::move(sid), tokens.refresh_token()};
  }
  bool has_session(Signed& s) { return !handoff.sid_in(s.browser).empty(); }
  bool is_alive(const Client& client, const std::string& refresh_token) {
    return world.refresh(client, refresh_token).status == 200;
  }
  json::array listed(const std::string& path, const std::string& name) {
    const auto body = world.managed(Method::get, path);
    return body.get_object().at(name).get_array();
  }
  // The id that the Management API has for the only refresh token of the client.
  std::string id_at(const Client& client) {
    const auto tokens = listed("refresh-tokens?user_id=" + user_id() + "&client_id=" + client.client_id, "refresh_tokens");
    EXPECT_EQ(tokens.size(), 1u);
    return tokens.empty() ? std::string() : std::string(tokens.front().at("id").get_string());
  }
};

TEST_F(SessionManagement, a_session_is_shown_with_its_times_devices_clients_and_methods) {
  auto hand = sign_in_by_hand();
  const auto session = world.managed(Method::get, "sessions/" + hand.sid).get_object();
  EXPECT_EQ(session.at("id"), json::value(hand.sid));
  EXPECT_EQ(session.at("user_id"), json::value(user_id()));
  for (const auto* name :
       {"created_at", "updated_at", "authenticated_at", "idle_expires_at", "expires_at", "last_interacted_at"}) {
    EXPECT_TRUE(session.at(name).is_string()) << name;
  }
  EXPECT_EQ(session.at("device").at("initial_ip"), json::value("192.0.2.7"));
  ASSERT_EQ(session.at("clients").get_array().size(), 1u);
  EXPECT_EQ(session.at("clients").get_array()[0].at("client_id"), json::value(handoff.web.client_id));
  EXPECT_EQ(session.at("authentication").at("methods").get_array()[0].at("name"), json::value("pwd"));
  EXPECT_EQ(session.at("cookie").at("mode"), json::value("persistent"));
  EXPECT_TRUE(session.at("session_metadata").is_null());
}

TEST_F(SessionManagement, a_deleted_session_ends_in_the_browser_and_leaves_its_refresh_tokens) {
  auto hand = sign_in_by_hand();
  EXPECT_EQ(world.manage(Method::delete_, "sessions/" + hand.sid).status, 202);
  EXPECT_FALSE(has_session(hand));
  EXPECT_TRUE(is_alive(handoff.web, hand.refresh_token));
  EXPECT_EQ(world.manage(Method::get, "sessions/" + hand.sid).status, 404);
  EXPECT_EQ(world.manage(Method::delete_, "sessions/" + hand.sid).status, 202);
}

TEST_F(SessionManagement, a_revoked_session_takes_the_refresh_tokens_issued_in_it_and_no_others) {
  auto hand = sign_in_by_hand(), other = sign_in_by_hand();
  const auto native = handoff.sign_in();
  EXPECT_EQ(world.manage(Method::post, "sessions/" + hand.sid + "/revoke", json::object{}).status, 202);
  EXPECT_FALSE(has_session(hand));
  EXPECT_FALSE(is_alive(handoff.web, hand.refresh_token));
  EXPECT_TRUE(has_session(other));
  EXPECT_TRUE(is_alive(handoff.web, other.refresh_token));
  EXPECT_TRUE(is_alive(handoff.native, native));
  EXPECT_EQ(world.manage(Method::post, "sessions/" + hand.sid + "/revoke", json::object{}).status, 404);
}

TEST_F(SessionManagement, a_code_in_flight_dies_with_its_session) {
  for (const bool revoked : {false, true}) {
    auto hand = sign_in_by_hand();
    const auto page = handoff.open(hand.browser);
    const auto path = "sessions/" + hand.sid;
    if (revoked) {
      world.managed(Method::post, path + "/revoke", json::object{});
    } else {
      world.manage(Method::delete_, path);
    }
    EXPECT_EQ(handoff.exchange_code(page).error(), "invalid_grant");
  }
}

TEST_F(SessionManagement, the_end_of_a_transferred_session_takes_the_refresh_tokens_bound_to_it) {
  auto browser = handoff.browser();
  handoff.set_web({{"allow_refresh_token", true}, {"enforce_online_refresh_tokens", true}});
  const auto native = handoff.sign_in();
  const auto page = handoff.redeem(browser, handoff.transfer_of(native), parameters({{"scope", "openid offline_access"}}));
  const auto tokens = handoff.exchange_code(page);
  ASSERT_NE(tokens.refresh_token(), "") << json::write(tokens.body);
  EXPECT_TRUE(is_alive(handoff.web, tokens.refresh_token()));
  world.manage(Method::delete_, "sessions/" + handoff.sid_in(browser));
  EXPECT_FALSE(is_alive(handoff.web, tokens.refresh_token()));
  EXPECT_TRUE(is_alive(handoff.native, native));  // revocation flows downwards only
}

TEST_F(SessionManagement, a_refresh_token_that_is_deleted_takes_its_handoffs_where_the_client_cascades) {
  for (const bool cascades : {true, false}) {
    handoff.set_native({{"can_create_session_transfer_token", true}, {"enforce_cascade_revocation", cascades}});
    const auto native = handoff.sign_in();
    auto browser = handoff.browser();
    handoff.redeem(browser, handoff.transfer_of(native));
    ASSERT_NE(handoff.sid_in(browser), "");
    const auto unredeemed = handoff.transfer_of(native);
    EXPECT_EQ(world.manage(Method::delete_, "refresh-tokens/" + id_at(handoff.native)).status, 202);
    EXPECT_FALSE(is_alive(handoff.native, native));
    EXPECT_EQ(handoff.sid_in(browser).empty(), cascades);
    EXPECT_FALSE(handoff.is_unspent(unredeemed));
    EXPECT_EQ(listed(users_path("sessions"), "sessions").size(), cascades ? 0u : 1u);
    world.manage(Method::delete_, users_path("sessions"));
  }
}

TEST_F(SessionManagement, metadata_is_replaced_cleared_and_kept_within_its_limits) {
  auto hand = sign_in_by_hand();
  const auto session = "sessions/" + hand.sid;
  const auto token = "refresh-tokens/" + id_at(handoff.web);
  for (const auto& [path, field] : {std::pair(session, "session_metadata"), std::pair(token, "refresh_token_metadata")}) {
    const auto kept = json::object{{"desk", "7"}, {"Grüße", "世界"}};
    EXPECT_EQ(world.managed(Method::patch, path, json::object{{field, kept}}).get_object().at(field), json::value(kept));
    EXPECT_EQ(world.managed(Method::get, path).get_object().at(field), json::value(kept));
    json::object many;
    for (int i = 0; i < 26; ++i) many["k" + std::to_string(i)] = "v";
    for (const auto& bad : {json::object{{"n", 1}}, json::object{{"long", std::string(256, 'x')}}, many}) {
      EXPECT_EQ(world.manage(Method::patch, path, json::object{{field, bad}}).status, 400);
    }
    EXPECT_EQ(world.manage(Method::patch, path, json::object{{"other", kept}}).status, 400);
    EXPECT_EQ(world.managed(Method::get, path).get_object().at(field), json::value(kept));
    EXPECT_TRUE(world.managed(Method::patch, path, json::object{{field, nullptr}}).get_object().at(field).is_null());
    world.managed(Method::patch, path, json::object{{field, kept}});
    EXPECT_TRUE(world.managed(Method::patch, path, json::object{{field, json::object{}}}).get_object().at(field).is_null());
  }
}

TEST_F(SessionManagement, lists_go_on_from_where_a_page_ended_and_show_nobody_elses) {
  std::set<std::string> sids;
  for (int i = 0; i < 5; ++i) sids.insert(sign_in_by_hand().sid);
  const auto bob = world.create_user("bob@example.com");
  handoff.browser_of(bob);
  handoff.sign_in(bob);
  for (const auto& [what, name] : {std::pair("sessions", "sessions"), std::pair("refresh-tokens", "tokens")}) {
    std::set<std::string> seen;
    std::string from;
    int pages = 0;
    do {
      const auto page = world.managed(Method::get, users_path(what) + "?take=2" + (from.empty() ? "" : "&from=" + from));
      for (const auto& item : page.get_object().at(name).get_array()) {
        EXPECT_EQ(item.at("user_id"), json::value(user_id()));
        EXPECT_TRUE(seen.insert(std::string(item.at("id").get_string())).second);
      }
      from = json::find_string(page.get_object(), "next").value_or("");
    } while (!from.empty() && ++pages < 9);
    EXPECT_EQ(seen.size(), 5u) << what;
    if (std::string_view(what) == "sessions") {
      EXPECT_EQ(seen, sids);
    }
  }
}

TEST_F(SessionManagement, a_refresh_token_is_shown_under_one_id_however_often_it_rotates) {
  auto hand = sign_in_by_hand();
  const auto id = id_at(handoff.web);
  const auto shown = world.managed(Method::get, "refresh-tokens/" + id).get_object();
  EXPECT_EQ(shown.at("client_id"), json::value(handoff.web.client_id));
  EXPECT_EQ(shown.at("session_id"), json::value(hand.sid));
  EXPECT_TRUE(shown.at("rotating").is_bool());
  EXPECT_TRUE(shown.at("device").is_object());
  EXPECT_TRUE(is_alive(handoff.web, hand.refresh_token));
  EXPECT_EQ(id_at(handoff.web), id);
  EXPECT_EQ(world.manage(Method::get, "refresh-tokens/" + id + "x").status, 404);
  const auto some = world.managed(Method::get, "refresh-tokens?user_id=" + user_id() + "&fields=id,client_id");
  EXPECT_EQ(some.get_object().at("refresh_tokens").get_array()[0].get_object().size(), 2u);
}

TEST_F(SessionManagement, refresh_tokens_are_revoked_by_ids_by_user_by_client_and_by_audience) {
  auto hand = sign_in_by_hand();
  const auto native = handoff.sign_in();
  const auto revoke = [&](json::object body) { return world.manage(Method::post, "refresh-tokens/revoke", body).status; };
  for (const auto& bad :
       {json::object{}, json::object{{"client_id", handoff.web.client_id}},
        json::object{{"user_id", user_id()}, {"audience", "x"}}, json::object{{"user_id", user_id()}, {"ids", json::array{"x"}}},
        json::object{{"ids", json::array{}}}}) {
    EXPECT_EQ(revoke(bad), 400) << json::write(bad);
  }
  EXPECT_EQ(revoke({{"user_id", user_id()}, {"client_id", handoff.web.client_id}, {"audience", "https://other.example/"}}), 202);
  EXPECT_TRUE(is_alive(handoff.web, hand.refresh_token));
  EXPECT_EQ(revoke({{"ids", json::array{id_at(handoff.web), "unknown"}}}), 202);
  EXPECT_FALSE(is_alive(handoff.web, hand.refresh_token));
  EXPECT_TRUE(is_alive(handoff.native, native));
  const auto second = handoff.sign_in();
  EXPECT_EQ(revoke({{"user_id", user_id()}, {"client_id", handoff.web.client_id}}), 202);
  EXPECT_TRUE(is_alive(handoff.native, second));
  EXPECT_EQ(revoke({{"user_id", user_id()}}), 202);
  EXPECT_FALSE(is_alive(handoff.native, native));
  EXPECT_FALSE(is_alive(handoff.native, second));
  EXPECT_TRUE(has_session(hand));
  EXPECT_TRUE(listed(users_path("refresh-tokens"), "tokens").empty());
}

TEST_F(SessionManagement, all_of_a_user_ends_at_once_and_an_unknown_user_is_told) {
  auto one = sign_in_by_hand(), two = sign_in_by_hand();
  EXPECT_EQ(world.manage(Method::delete_, users_path("sessions")).status, 202);
  EXPECT_FALSE(has_session(one));
  EXPECT_FALSE(has_session(two));
  EXPECT_TRUE(is_alive(handoff.web, one.refresh_token));
  EXPECT_EQ(world.manage(Method::delete_, users_path("refresh-tokens")).status, 202);
  EXPECT_FALSE(is_alive(handoff.web, one.refresh_token));
  for (const auto* path : {"users/auth0%7Cnobody/sessions", "users/auth0%7Cnobody/refresh-tokens"}) {
    EXPECT_EQ(world.manage(Method::get, path).status, 404) << path;
    EXPECT_EQ(world.manage(Method::delete_, path).status, 404) << path;
  }
  EXPECT_EQ(world.manage(Method::get, "refresh-tokens").status, 400);
  EXPECT_EQ(world.manage(Method::get, "refresh-tokens?user_id=auth0%7Cnobody").status, 404);
}

struct SessionManagementOnPostgres : SessionManagement {
  SessionManagementOnPostgres() : SessionManagement(Engine::postgres) {}
};

TEST_F(SessionManagementOnPostgres, shows_changes_and_ends_the_same) {
  auto hand = sign_in_by_hand(), other = sign_in_by_hand();
  world.managed(Method::patch, "sessions/" + hand.sid, json::object{{"session_metadata", json::object{{"desk", "7"}}}});
  EXPECT_EQ(listed(users_path("sessions"), "sessions").size(), 2u);
  const auto tokens = listed(users_path("refresh-tokens"), "tokens");
  ASSERT_EQ(tokens.size(), 2u);
  const auto token = "refresh-tokens/" + std::string(tokens[0].at("id").get_string());
  world.managed(Method::patch, token, json::object{{"refresh_token_metadata", json::object{{"desk", "7"}}}});
  EXPECT_EQ(world.managed(Method::get, token).at("refresh_token_metadata").at("desk"), json::value("7"));
  EXPECT_EQ(world.manage(Method::post, "sessions/" + hand.sid + "/revoke", json::object{}).status, 202);
  EXPECT_FALSE(has_session(hand));
  EXPECT_FALSE(is_alive(handoff.web, hand.refresh_token));
  EXPECT_TRUE(is_alive(handoff.web, other.refresh_token));
  EXPECT_EQ(world.manage(Method::delete_, "refresh-tokens/" + id_at(handoff.web)).status, 202);
  EXPECT_FALSE(is_alive(handoff.web, other.refresh_token));
  EXPECT_EQ(world.manage(Method::delete_, users_path("sessions")).status, 202);
  EXPECT_FALSE(has_session(other));
  EXPECT_EQ(world.manage(Method::delete_, users_path("refresh-tokens")).status, 202);
}

TEST_F(SessionManagement, expired_and_blocked_sessions_are_not_shown) {
  auto hand = sign_in_by_hand();
  world.managed(Method::patch, "users/" + user_id(), json::object{{"blocked", true}});
  EXPECT_EQ(world.manage(Method::get, "sessions/" + hand.sid).status, 404);
  EXPECT_TRUE(listed(users_path("sessions"), "sessions").empty());
  world.managed(Method::patch, "users/" + user_id(), json::object{{"blocked", false}});

  auto later = sign_in_by_hand();
  world.clock.advance(std::chrono::hours(24 * 30));
  EXPECT_EQ(world.manage(Method::get, "sessions/" + later.sid).status, 404);
  EXPECT_TRUE(listed(users_path("sessions"), "sessions").empty());
}

}  // namespace
}  // namespace segue::test
