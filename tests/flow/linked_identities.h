// Two people who become one: a user, and an account of another connection that is linked to them.
#pragma once
#include <gmock/gmock.h>

#include "openid.h"
#include "support/actions.h"
#include "support/engines.h"

namespace segue::test {

using http::Method;

inline constexpr const char* kStaff = "staff";  // a second connection

struct LinkedIdentitiesFlow : ::testing::TestWithParam<Engine> {
  FakeRunner runner;
  World world{{.engine = GetParam(), .run_actions = runner.run()}};
  Client app = world.native_client();
  Client web = world.web_client(kApp);
  std::string staff_id = json::find_string(world
                                               .managed(Method::post, "connections",
                                                        {{"name", kStaff},
                                                         {"strategy", "auth0"},
                                                         {"enabled_clients", json::array{app.client_id, web.client_id}},
                                                         {"options", json::object{{"requires_username", true}}}})
                                               .as_object(),
                                           "id")
                             .value();
  User ada = world.create_user("ada@example.com", {{"name", "Ada"}, {"user_metadata", json::object{{"of", "ada"}}}});
  User bea = world.create_user(
      "bea@staff.example",
      {{"connection", kStaff}, {"username", "bea"}, {"name", "Bea"}, {"user_metadata", json::object{{"of", "bea"}}}});

  static std::string user_path(const User& user) { return "users/" + base::percent_encode(user.user_id); }
  static std::string own_id(const User& user) { return user.user_id.substr(user.user_id.find('|') + 1); }
  json::object user(const User& user) { return world.managed(Method::get, user_path(user)).as_object(); }

  http::Response link_by(const User& user, json::object body) {
    return world.manage(Method::post, user_path(user) + "/identities", body);
  }
  http::Response link(const User& user, const User& identity) {
    return link_by(user, {{"provider", "auth0"}, {"user_id", own_id(identity)}});
  }
  http::Response unlink(const User& user, const User& identity) {
    return world.manage(Method::delete_, user_path(user) + "/identities/auth0/" + own_id(identity));
  }
  void link_bea_to_ada() {
    const auto linked = link(ada, bea);
    ASSERT_EQ(linked.status, 201) << linked.body;
  }

  Tokens sign_in(const User& user, const std::string& realm = kStaff) {
    return world.token_request(parameters({{"grant_type", "http://auth0.com/oauth/grant-type/password-realm"},
                                           {"realm", realm},
                                           {"client_id", app.client_id},
                                           {"username", user.email},
                                           {"password", user.password},
                                           {"scope", "openid profile email offline_access"}}));
  }
  // Asks for a sign-in by this connection: the login page, or a code.
  Page open(Browser& browser, const std::string& connection = kStaff) {
    return browser.open(authorize_url(web, kCallback, parameters({{"scope", "openid"}, {"connection", connection}})));
  }
  Page sign_in(Browser& browser, const User& user, const std::string& connection = kStaff) {
    const auto page = open(browser, connection);
    return page.is_login_page() ? browser.submit_login(page, user) : page;
  }
  Tokens redeem(const std::string& code) {
    return world.token_request(parameters({{"grant_type", "authorization_code"},
                                           {"client_id", web.client_id},
                                           {"client_secret", web.client_secret},
                                           {"code", code},
                                           {"redirect_uri", kCallback}}));
  }
  static std::string message(const http::Response& response, int status) {
    EXPECT_EQ(response.status, status) << response.body;
    return json::find_string(object_of(response), "message").value_or("");
  }
  static json::array list_of(const http::Response& response) { return json::parse(response.body).value().as_array(); }
};

inline std::string engine_name(const ::testing::TestParamInfo<Engine>& place) {
  return place.param == Engine::sqlite ? "sqlite" : "postgres";
}

}  // namespace segue::test
