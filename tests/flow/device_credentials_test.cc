// Device credentials in the Management API: an older view of refresh tokens (contract §6.1).
#include "openid.h"

namespace segue::test {
namespace {

struct DeviceCredentials : OpenId {
  Client rotating = world.native_client();
  Client fixed = world.native_client(
      {{"refresh_token", json::object{{"rotation_type", "non-rotating"}, {"expiration_type", "non-expiring"}}}});

  std::string sign_in_at(const Client& client, const User& user) { return world.password_tokens(client, user).refresh_token(); }
  json::array list(const std::string& query) {
    return world.managed(http::Method::get, "device-credentials?" + query).as_array();
  }
  static std::string text(const json::value& item, std::string_view name) {
    return json::find_string(item.as_object(), name).value_or("");
  }
};

TEST_F(DeviceCredentials, show_the_refresh_tokens_of_a_user_by_type_and_client) {
  const auto bob = world.create_user("bob@example.com");
  for (const auto& user : {ada, bob}) {
    for (const auto& client : {rotating, fixed}) sign_in_at(client, user);
  }
  const auto of_ada = "user_id=" + base::percent_encode(ada.user_id);
  EXPECT_EQ(list("").size(), 4u);
  EXPECT_EQ(list(of_ada).size(), 2u);
  EXPECT_EQ(list("client_id=" + fixed.client_id).size(), 2u);
  const auto one = list(of_ada + "&type=rotating_refresh_token");
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(text(one.at(0), "type"), "rotating_refresh_token");
  EXPECT_EQ(text(one.at(0), "client_id"), rotating.client_id);
  EXPECT_EQ(text(one.at(0), "user_id"), ada.user_id);
  EXPECT_TRUE(one.at(0).as_object().contains("device_name"));
  const auto other = list(of_ada + "&type=refresh_token&fields=id,type");
  ASSERT_EQ(other.size(), 1u);
  EXPECT_EQ(other.at(0).as_object().size(), 2u);
  EXPECT_EQ(text(other.at(0), "type"), "refresh_token");
  EXPECT_EQ(list(of_ada + "&type=public_key").size(), 0u);
  EXPECT_EQ(list("user_id=nobody").size(), 0u);
}

TEST_F(DeviceCredentials, in_pages_are_refresh_tokens_that_do_not_rotate_unless_a_type_is_named) {
  for (int i = 0; i < 3; ++i) sign_in_at(fixed, ada);
  sign_in_at(rotating, ada);
  const auto page = [&](const std::string& query) {
    return world.managed(http::Method::get, "device-credentials?user_id=" + base::percent_encode(ada.user_id) + "&" + query);
  };
  EXPECT_EQ(page("page=0&per_page=2").as_array().size(), 2u);
  EXPECT_EQ(page("page=1&per_page=2").as_array().size(), 1u);
  const auto totals = page("include_totals=true&per_page=2").as_object();
  EXPECT_EQ(totals.at("total"), 3);
  EXPECT_EQ(totals.at("start"), 0);
  EXPECT_EQ(totals.at("limit"), 2);
  EXPECT_EQ(totals.at("device_credentials").as_array().size(), 2u);
  EXPECT_EQ(page("include_totals=true&type=rotating_refresh_token").as_object().at("total"), 1);
  EXPECT_EQ(page("include_totals=true&type=public_key").as_object().at("total"), 0);
  EXPECT_EQ(world.manage(http::Method::get, "device-credentials?type=password").status, 400);
  EXPECT_EQ(world.manage(http::Method::get, "device-credentials?take=2").status, 400);
}

TEST_F(DeviceCredentials, deleted_are_revoked_refresh_tokens) {
  const auto token = sign_in_at(rotating, ada), kept = sign_in_at(rotating, ada);
  const auto all = list("user_id=" + base::percent_encode(ada.user_id));
  ASSERT_EQ(all.size(), 2u);
  // Which of the two is the first sign-in's: its family's id stands in the log.
  const auto next = world.refresh(rotating, token);
  const auto id = json::find_string(*json::find_object(world.logs("type:sertft").at(0), "details"), "familyId").value();
  EXPECT_EQ(world.manage(http::Method::delete_, "device-credentials/" + id).status, 204);
  expect_refused(world.refresh(rotating, next.refresh_token()), 403, "invalid_grant", "Unknown or invalid refresh token.");
  EXPECT_EQ(world.refresh(rotating, kept).status, 200);
  EXPECT_EQ(world.manage(http::Method::delete_, "device-credentials/" + id).status, 204) << "it is so already";
  EXPECT_EQ(world.manage(http::Method::delete_, "device-credentials/dcr_0000000000000001").status, 204);
  EXPECT_EQ(list("").size(), 1u);
}

TEST_F(DeviceCredentials, take_the_scopes_of_their_own) {
  const auto machine = world.create_client({{"name", "machine"}, {"app_type", "non_interactive"}});
  world.managed(http::Method::post, "client-grants",
                json::object{{"client_id", machine.client_id},
                             {"audience", "https://tenant.example/api/v2/"},
                             {"scope", json::array{"read:refresh_tokens", "delete:refresh_tokens"}}});
  const auto token = world
                         .token_request(parameters({{"grant_type", "client_credentials"},
                                                    {"client_id", machine.client_id},
                                                    {"client_secret", machine.client_secret},
                                                    {"audience", "https://tenant.example/api/v2/"}}))
                         .access_token();
  ASSERT_NE(token, "");
  const auto ask = [&](http::Method method, const char* path) {
    auto request = request_for(method, path);
    request.headers.set("authorization", "Bearer " + token);
    return world.send(std::move(request)).status;
  };
  EXPECT_EQ(ask(http::Method::get, "/api/v2/device-credentials"), 403);
  EXPECT_EQ(ask(http::Method::delete_, "/api/v2/device-credentials/x"), 403);
}

}  // namespace
}  // namespace segue::test
