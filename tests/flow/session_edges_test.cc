// Edges of the session graph: a clock that steps back, ids of another tenant, right ids with wrong secrets, ten thousand
// sessions, and where sessions come from (contract §6.2; design §4, §5, §8).
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

#include "base/text.h"
#include "crypto/digest.h"
#include "store/sessions.h"
#include "support/geo_file.h"
#include "support/handoff.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

using http::Method;

const json::object kFixedTokens{{"rotation_type", "non-rotating"}, {"expiration_type", "non-expiring"}};

struct SessionEdges : ::testing::Test {
  explicit SessionEdges(WorldOptions options = {})
      : h({.world = options, .web_transfer = {{"allow_refresh_token", true}}, .native = {{"refresh_token", kFixedTokens}}}) {}
  Handoff h;
  World& world = h.world;

  std::string refresh_token_in(Browser& browser) {
    return h.exchange_code(h.open(browser, parameters({{"scope", "openid offline_access"}}))).refresh_token();
  }
  http::Response revoke(const Client& client, const std::string& token) {
    auto form = parameters({{"client_id", client.client_id}, {"token", token}});
    if (!client.client_secret.empty()) form.add("client_secret", client.client_secret);
    return world.send(form_request("/oauth/revoke", form));
  }
};

// --- A clock that steps back ---

TEST_F(SessionEdges, a_clock_that_steps_back_revives_nothing_that_was_ended_or_spent) {
  auto deleted = h.browser_of(h.ada), logged_out = h.browser_of(h.ada), joined = h.browser_of(h.ada);
  const auto bound = refresh_token_in(deleted);
  const auto parent = h.sign_in(), given_back = h.sign_in(), spent = h.transfer_of(parent), orphan = h.transfer_of(given_back);
  auto child = h.browser();
  h.redeem(child, h.transfer_of(given_back));
  const auto in_child = refresh_token_in(child), old_cookie = logged_out.cookies().at("auth0");
  const auto code = h.open(joined);
  ASSERT_EQ(h.exchange_code(code).status, 200);
  auto opened = h.browser();
  h.redeem(opened, spent);
  world.clock.advance(1s);
  world.managed(Method::delete_, "sessions/" + h.stored_session(deleted).sid);
  logged_out.open("/v2/logout");
  logged_out.plant("auth0", old_cookie);
  ASSERT_EQ(revoke(h.native, given_back).status, 200);

  world.clock.advance(-1h);
  for (auto* browser : {&deleted, &logged_out, &child}) EXPECT_EQ(h.sid_in(*browser), "");
  EXPECT_NE(world.refresh(h.native, given_back).status, 200);
  EXPECT_NE(world.refresh(h.web, in_child).status, 200);
  EXPECT_FALSE(h.is_unspent(spent));
  EXPECT_FALSE(h.is_unspent(orphan));
  EXPECT_NE(h.exchange_code(code).status, 200);
  // What was not ended goes on.
  EXPECT_EQ(world.refresh(h.web, bound).status, 200);
  EXPECT_EQ(world.refresh(h.native, parent).status, 200);
}

TEST_F(SessionEdges, a_password_changed_while_the_clock_is_behind_still_ends_what_came_before) {
  const auto before = h.sign_in();
  auto browser = h.browser_of(h.ada);
  world.clock.advance(-1h);
  world.managed(Method::patch, "users/" + h.ada.user_id, json::object{{"password", "Another-horse-8-battery"}});
  EXPECT_EQ(h.sid_in(browser), "");
  EXPECT_NE(world.exchange(h.native, before).status, 200);
  auto changed = h.ada;
  changed.password = "Another-horse-8-battery";
  EXPECT_TRUE(h.is_unspent(h.transfer_of(h.sign_in(changed))));
}

// --- Another tenant ---

TEST_F(SessionEdges, nothing_of_one_tenant_is_seen_or_ended_through_another) {
  const auto management = world.add_tenant("other.example");
  const auto there = [&](http::Request request) {
    request.headers.set("host", "other.example");
    return world.send(std::move(request));
  };
  const auto token = json::find_string(
      object_of(world.send(form_request("/oauth/token",
                                        parameters({{"grant_type", "client_credentials"},
                                                    {"client_id", management.client_id},
                                                    {"client_secret", std::string(management.client_secret.reveal())},
                                                    {"audience", management.audience}}),
                                        "other.example"))),
      "access_token");
  ASSERT_TRUE(token);
  const auto manage = [&](Method method, const std::string& path, const json::value& body = nullptr) {
    auto request = json_request(method, "/api/v2/" + path, body, "other.example");
    request.headers.set("authorization", "Bearer " + *token);
    return there(std::move(request)).status;
  };
  auto browser = h.browser_of(h.ada);
  const auto refresh_token = refresh_token_in(browser), sid = h.stored_session(browser).sid;
  const auto tokens = world.managed(Method::get, "refresh-tokens?user_id=" + h.ada.user_id).at("refresh_tokens").get_array();
  const std::string id(tokens.at(0).at("id").get_string());

  EXPECT_EQ(manage(Method::get, "sessions/" + sid), 404);
  EXPECT_EQ(manage(Method::patch, "sessions/" + sid, json::object{{"session_metadata", json::object{{"a", "b"}}}}), 404);
  EXPECT_EQ(manage(Method::delete_, "sessions/" + sid), 202) << "there is none: what was asked for is so";
  EXPECT_EQ(manage(Method::post, "sessions/" + sid + "/revoke"), 404);
  EXPECT_EQ(manage(Method::get, "refresh-tokens/" + id), 404);
  EXPECT_EQ(manage(Method::delete_, "refresh-tokens/" + id), 202);
  EXPECT_EQ(manage(Method::post, "refresh-tokens/revoke", json::object{{"ids", json::array{id}}}), 202);
  EXPECT_EQ(manage(Method::delete_, "users/" + h.ada.user_id + "/sessions"), 404);
  auto logout = request_for(Method::get, "/v2/logout", "other.example");
  logout.headers.set("cookie", "auth0=" + browser.cookies().at("auth0"));
  there(std::move(logout));

  EXPECT_EQ(h.sid_in(browser), sid);
  EXPECT_EQ(world.refresh(h.web, refresh_token).status, 200);
  EXPECT_TRUE(world.managed(Method::get, "sessions/" + sid).at("session_metadata").is_null());
}

// --- A right id and a wrong secret ---

std::string with_secret_of(const std::string& handle, const std::string& other) {
  return handle.substr(0, handle.find('.')) + other.substr(other.find('.'));
}

TEST_F(SessionEdges, a_right_id_with_a_wrong_secret_answers_as_an_unknown_one_and_changes_nothing) {
  auto browser = h.browser_of(h.ada), other = h.browser_of(h.ada);
  const auto session = h.stored_session(browser);
  const auto refresh_token = h.sign_in(), second = h.sign_in();
  const auto stt = h.transfer_of(refresh_token), second_stt = h.transfer_of(second);
  // An id that no row has: the handle of another tenant's key does not open here.
  const auto unknown = [](const std::string& handle) {
    auto out = handle;
    out[out.find('_') + 3] = out[out.find('_') + 3] == 'A' ? 'B' : 'A';
    return out;
  };
  const auto said = [](const Tokens& tokens) { return std::to_string(tokens.status) + json::write(tokens.body); };

  const auto forged_token = with_secret_of(refresh_token, second);
  EXPECT_EQ(said(world.refresh(h.native, forged_token)), said(world.refresh(h.native, unknown(refresh_token))));
  EXPECT_EQ(said(world.exchange(h.native, forged_token)), said(world.exchange(h.native, unknown(refresh_token))));
  EXPECT_EQ(revoke(h.native, forged_token).status, 200);
  EXPECT_EQ(world.refresh(h.native, refresh_token).status, 200) << "not revoked";

  auto guesser = h.browser();
  EXPECT_TRUE(h.redeem(guesser, with_secret_of(stt, second_stt)).is_login_page());
  EXPECT_TRUE(h.redeem(guesser, unknown(stt)).is_login_page());
  EXPECT_TRUE(h.is_unspent(stt));

  const auto forged_session = with_secret_of(browser.cookies().at("auth0"), other.cookies().at("auth0"));
  guesser.plant("auth0", forged_session);
  guesser.forget("auth0_compat");
  const auto page = h.open(guesser, parameters({{"prompt", "none"}}));
  EXPECT_TRUE(tells(page, "login_required"));
  guesser.plant("auth0", unknown(browser.cookies().at("auth0")));
  EXPECT_EQ(h.open(guesser, parameters({{"prompt", "none"}})).url, page.url);
  guesser.plant("auth0", forged_session);
  guesser.open("/v2/logout");
  EXPECT_EQ(h.stored_session(browser).last_interacted_at, session.last_interacted_at);
  EXPECT_EQ(h.sid_in(browser), session.sid);
}

// --- Gone already ---

TEST_F(SessionEdges, what_is_gone_is_told_apart_where_the_contract_does) {
  auto browser = h.browser_of(h.ada);
  const auto path = "sessions/" + h.stored_session(browser).sid;
  EXPECT_EQ(world.manage(Method::post, path + "/revoke").status, 202);
  EXPECT_EQ(world.manage(Method::post, path + "/revoke").status, 404);
  EXPECT_EQ(world.manage(Method::delete_, path).status, 202);
  EXPECT_EQ(world.manage(Method::get, path).status, 404);
  const auto rows = world.logs("type:sapi").size();
  EXPECT_EQ(world.manage(Method::delete_, path).status, 202);
  EXPECT_EQ(world.logs("type:sapi").size(), rows) << "nothing changed, so no row says that something did";
}

// --- Ten thousand sessions of one user ---

TEST_F(SessionEdges, ten_thousand_sessions_are_listed_page_by_page_and_end_at_once) {
  constexpr std::size_t kMany = 10000;
  auto browser = h.browser_of(h.ada);
  const auto sample = h.stored_session(browser);
  auto& store = world.node().product().store();
  store.write(world.tenant(), [&](const store::Writer& w) {
    for (std::size_t k = 1; k < kMany; ++k) {
      auto session = sample;
      session.session_id = store.ids().next();
      session.sid = "many-" + std::to_string(k);
      store::sessions::insert(w, session, crypto::sha256(session.sid));
    }
    return true;
  });
  std::size_t seen = 0;
  std::string next;
  const auto start = std::chrono::steady_clock::now();
  do {
    const auto page = world.managed(Method::get, "users/" + h.ada.user_id + "/sessions?take=100&from=" + next).get_object();
    seen += page.at("sessions").get_array().size();
    next = json::find_string(page, "next").value_or("");
  } while (!next.empty() && seen <= kMany);
  const auto listed = std::chrono::steady_clock::now();
  EXPECT_EQ(seen, kMany);
  EXPECT_EQ(world.manage(Method::delete_, "users/" + h.ada.user_id + "/sessions").status, 202);
  const auto deleted = std::chrono::steady_clock::now();
  RecordProperty("list_milliseconds", static_cast<int>((listed - start) / 1ms));
  RecordProperty("delete_milliseconds", static_cast<int>((deleted - listed) / 1ms));
  EXPECT_EQ(h.sid_in(browser), "");
  EXPECT_TRUE(world.managed(Method::get, "users/" + h.ada.user_id + "/sessions").at("sessions").get_array().empty());
}

// --- Where sessions come from ---

struct SessionOrigins : ::testing::Test {
  SessionOrigins() { write_asn_file(path, {{"192.0.2.0/24", 64500}, {"203.0.113.0/24", 64501}}); }
  ~SessionOrigins() override { std::filesystem::remove(path); }
  const std::string path = ::testing::TempDir() + "segue_session_edges_" + std::to_string(::getpid()) + ".mmdb";
};

TEST_F(SessionOrigins, a_session_shows_the_operators_of_its_first_and_of_its_last_address) {
  Handoff h({.world = {.geo_files = {.city = "", .asn = path}}});
  auto browser = h.browser_of(h.ada);
  const auto device = [&] {
    return h.world.managed(Method::get, "sessions/" + h.stored_session(browser).sid).at("device").get_object();
  };
  EXPECT_EQ(device().at("initial_asn"), json::value("64500"));
  EXPECT_EQ(device().at("last_asn"), json::value("64500"));
  browser.peer_address = "203.0.113.9";
  h.open(browser);
  EXPECT_EQ(device().at("initial_asn"), json::value("64500"));
  EXPECT_EQ(device().at("last_asn"), json::value("64501"));
  browser.peer_address = "198.51.100.9";
  h.open(browser);
  EXPECT_FALSE(device().contains("last_asn")) << "unknown is no operator";
}

TEST_F(SessionOrigins, a_refresh_token_shows_the_operators_of_its_first_and_of_its_last_address) {
  Handoff h({.world = {.geo_files = {.city = "", .asn = path}}, .native = {{"refresh_token", kFixedTokens}}});
  const auto from = [&](const std::string& address, http::Parameters form) {
    form.add("client_id", h.native.client_id);
    auto request = form_request("/oauth/token", form);
    request.peer_address = address;
    return object_of(h.world.send(std::move(request)));
  };
  const auto device = [&] {
    const auto listed = h.world.managed(Method::get, "refresh-tokens?user_id=" + h.ada.user_id).at("refresh_tokens");
    return listed.get_array().at(0).at("device").get_object();
  };
  const auto token = json::find_string(from("192.0.2.7", parameters({{"grant_type", "password"},
                                                                     {"username", h.ada.email},
                                                                     {"password", h.ada.password},
                                                                     {"scope", "openid offline_access"}})),
                                       "refresh_token");
  ASSERT_TRUE(token);
  EXPECT_EQ(device().at("initial_asn"), json::value("64500"));
  EXPECT_EQ(device().at("last_asn"), json::value("64500"));
  h.world.clock.advance(2min);
  from("203.0.113.9", parameters({{"grant_type", "refresh_token"}, {"refresh_token", *token}}));
  EXPECT_EQ(device().at("initial_asn"), json::value("64500"));
  EXPECT_EQ(device().at("last_asn"), json::value("64501"));
}

}  // namespace
}  // namespace segue::test
