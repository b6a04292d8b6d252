// What a change of the client's refresh_token settings means for refresh tokens that are out (contract §4.3).
#include "openid.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

constexpr const char* kDead = "Unknown or invalid refresh token.";

struct RefreshTokenSettings : OpenId {
  static json::object settings(const char* rotation, json::object more = {}) {
    json::object out{{"rotation_type", rotation}, {"expiration_type", "expiring"}, {"token_lifetime", 2592000}};
    for (auto& [name, value] : more) out[name] = value;
    return out;
  }
  Client native_with(json::object refresh_token) { return world.native_client({{"refresh_token", std::move(refresh_token)}}); }
  void set(const Client& client, json::object refresh_token) {
    patch_client(client, {{"refresh_token", std::move(refresh_token)}});
  }
  std::string new_token(const Client& client) { return world.password_tokens(client, ada).refresh_token(); }
  Tokens refresh(const Client& client, const std::string& token) { return world.refresh(client, token); }
  void expect_dead(const Client& client, const std::string& token) {
    expect_refused(refresh(client, token), 403, "invalid_grant", kDead);
  }
  // The person's refresh tokens as the Management API shows them, in the order of their making.
  std::vector<json::object> shown() {
    std::vector<json::object> out;
    const auto list = world.managed(http::Method::get, "users/" + base::percent_encode(ada.user_id) + "/refresh-tokens");
    for (const auto& item : list.as_object().at("tokens").as_array()) out.push_back(item.as_object());
    std::sort(out.begin(), out.end(),
              [](const auto& a, const auto& b) { return a.at("created_at").as_string() < b.at("created_at").as_string(); });
    return out;
  }
  std::string shown_time(const char* name) { return json::find_string(shown().at(0), name).value_or("null"); }
};

TEST_F(RefreshTokenSettings, a_client_that_begins_to_rotate_gets_a_rotating_token_and_loses_its_other_ones) {
  const auto native = native_with(settings("non-rotating"));
  const auto other_client = native_with(settings("non-rotating"));
  const auto first = new_token(native), second = new_token(native), foreign = new_token(other_client);
  const auto bob = world.create_user("bob@example.com");
  const auto of_bob = world.password_tokens(native, bob).refresh_token();
  set(native, settings("rotating", {{"leeway", 30}}));
  const auto rotated = refresh(native, first);
  ASSERT_EQ(rotated.status, 200) << json::write(rotated.body);
  ASSERT_NE(rotated.refresh_token(), "");
  EXPECT_NE(rotated.refresh_token(), first);
  expect_dead(native, second);
  EXPECT_EQ(refresh(native, first).refresh_token(), rotated.refresh_token()) << "a lost answer is given again";
  const auto next = refresh(native, rotated.refresh_token());
  EXPECT_EQ(next.status, 200);
  EXPECT_EQ(refresh(native, next.refresh_token()).status, 200);
  EXPECT_EQ(refresh(other_client, foreign).status, 200) << "of another client";
  EXPECT_EQ(refresh(native, of_bob).status, 200) << "of another person";
}

TEST_F(RefreshTokenSettings, beginning_to_rotate_leaves_tokens_for_another_api_and_rotating_ones) {
  create_api({{"allow_offline_access", true}});
  const auto native = native_with(settings("non-rotating"));
  const auto first = new_token(native);
  const auto for_api = world
                           .token_request(parameters({{"grant_type", "password"},
                                                      {"client_id", native.client_id},
                                                      {"username", ada.email},
                                                      {"password", ada.password},
                                                      {"scope", "offline_access read:books"},
                                                      {"audience", kApi}}))
                           .refresh_token();
  set(native, settings("rotating"));
  const auto rotating = new_token(native);
  EXPECT_EQ(refresh(native, first).status, 200);
  EXPECT_EQ(refresh(native, for_api).status, 200);
  EXPECT_EQ(refresh(native, rotating).status, 200);
}

TEST_F(RefreshTokenSettings, a_token_from_before_rotation_counts_once) {
  const auto native = native_with(settings("non-rotating"));
  const auto token = new_token(native);
  EXPECT_EQ(refresh(native, token).status, 200);
  set(native, settings("rotating"));
  const auto successor = refresh(native, token).refresh_token();
  expect_dead(native, token);
  expect_dead(native, successor);
  const auto details = *json::find_object(world.logs("type:ferrt").at(0), "details");
  EXPECT_EQ(json::find_integer(details, "tokenCounter"), 0);
  EXPECT_EQ(json::find_integer(details, "latestCounter"), 1);
}

TEST_F(RefreshTokenSettings, a_client_that_ceases_to_rotate_gets_one_last_new_token_which_stays) {
  const auto native = native_with(settings("rotating"));
  const auto first = new_token(native);
  const auto second = refresh(native, first).refresh_token();
  set(native, settings("non-rotating"));
  const auto last = refresh(native, second).refresh_token();
  ASSERT_NE(last, "");
  EXPECT_NE(last, second);
  for (int i = 0; i < 3; ++i) {
    const auto answer = refresh(native, last);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.refresh_token(), "");
  }
  EXPECT_FALSE(shown().at(0).at("rotating").as_bool());
  // What was spent while it rotated is still a sign of theft.
  expect_dead(native, second);
  expect_dead(native, last);
  EXPECT_EQ(count_logs("type:ferrt"), 1u);
}

TEST_F(RefreshTokenSettings, a_switch_counts_in_a_session_transfer_too) {
  const auto native = native_with(settings("non-rotating"));
  const auto first = new_token(native), second = new_token(native);
  set(native, settings("rotating"));
  const auto exchanged = world.exchange(native, first);
  EXPECT_EQ(exchanged.text("issued_token_type"), "urn:auth0:params:oauth:token-type:session_transfer_token");
  EXPECT_NE(exchanged.refresh_token(), "");
  expect_dead(native, second);
}

TEST_F(RefreshTokenSettings, a_maximum_lifetime_that_is_added_begins_with_the_next_exchange_and_stays) {
  const auto native = native_with({{"rotation_type", "non-rotating"}, {"expiration_type", "non-expiring"}});
  const auto token = new_token(native);
  EXPECT_EQ(shown_time("expires_at"), "null");
  world.clock.advance(24h * 300);
  set(native, settings("non-rotating",
                       {{"token_lifetime", 3600}, {"infinite_token_lifetime", false}, {"infinite_idle_token_lifetime", true}}));
  EXPECT_EQ(refresh(native, token).status, 200);
  const auto expires_at = shown_time("expires_at");
  EXPECT_EQ(expires_at, base::to_iso8601(world.clock.now() + 1h));
  world.clock.advance(30min);
  EXPECT_EQ(refresh(native, token).status, 200);
  EXPECT_EQ(shown_time("expires_at"), expires_at) << "it does not move with use";
  set(native, {{"rotation_type", "non-rotating"}, {"expiration_type", "non-expiring"}, {"infinite_token_lifetime", true}});
  EXPECT_EQ(refresh(native, token).status, 200);
  EXPECT_EQ(shown_time("expires_at"), expires_at) << "and there is no way back";
  world.clock.advance(30min);
  expect_dead(native, token);
}

TEST_F(RefreshTokenSettings, a_longer_or_shorter_maximum_lifetime_changes_no_token_that_has_one) {
  const auto native = native_with(settings("rotating", {{"token_lifetime", 7200}, {"idle_token_lifetime", 7000}}));
  auto token = new_token(native);
  const auto expires_at = shown_time("expires_at");
  for (const auto lifetime : {72000, 7100}) {
    set(native, {{"token_lifetime", lifetime}});
    token = refresh(native, token).refresh_token();
    EXPECT_EQ(shown_time("expires_at"), expires_at) << lifetime;
  }
  world.clock.advance(2h);
  expect_dead(native, token);
}

TEST_F(RefreshTokenSettings, the_idle_lifetime_follows_the_settings_of_each_exchange) {
  const auto native = native_with(settings("rotating", {{"idle_token_lifetime", 600}}));
  auto token = new_token(native);
  const auto exchange_at = [&](json::object change) {
    set(native, std::move(change));
    token = refresh(native, token).refresh_token();
    return shown_time("idle_expires_at");
  };
  EXPECT_EQ(exchange_at({{"idle_token_lifetime", 60}}), base::to_iso8601(world.clock.now() + 60s));
  world.clock.advance(59s);
  EXPECT_EQ(exchange_at({{"idle_token_lifetime", 86400}}), base::to_iso8601(world.clock.now() + 24h));
  EXPECT_EQ(exchange_at({{"infinite_idle_token_lifetime", true}}), "null");
  EXPECT_EQ(exchange_at({{"infinite_idle_token_lifetime", false}}), base::to_iso8601(world.clock.now() + 24h));
  world.clock.advance(24h);
  expect_dead(native, token);
}

TEST_F(RefreshTokenSettings, numbers_have_limits) {
  const auto native = native_with(settings("rotating"));
  const auto status = [&](json::object change) {
    return world.manage(http::Method::patch, "clients/" + native.client_id, json::object{{"refresh_token", std::move(change)}})
        .status;
  };
  for (const auto* name : {"token_lifetime", "idle_token_lifetime"}) {
    EXPECT_EQ(status({{name, 0}}), 400) << name;
    EXPECT_EQ(status({{name, 157788001}}), 400) << name;
    EXPECT_EQ(status({{name, "3600"}}), 400) << name;
  }
  EXPECT_EQ(status({{"leeway", -1}}), 400);
  EXPECT_EQ(status({{"leeway", 0.5}}), 400);
  EXPECT_EQ(status({{"token_lifetime", 100}, {"idle_token_lifetime", 100}}), 400) << "idle is less than the whole";
  EXPECT_EQ(status({{"expiration_type", "non-expiring"}}), 400) << "rotating requires expiring";
  EXPECT_EQ(status({{"rotation_type", "sometimes"}}), 400);
  EXPECT_EQ(status({{"family", true}}), 400) << "an unknown member";
  EXPECT_EQ(status({{"token_lifetime", 157788000}, {"idle_token_lifetime", 157787999}, {"leeway", 60}}), 200);
  EXPECT_EQ(status({{"token_lifetime", 2}, {"idle_token_lifetime", 1}}), 200);
}

}  // namespace
}  // namespace segue::test
