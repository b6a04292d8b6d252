// The sign-up page as a person meets it: how it is reached and filled in.
#pragma once
#include <gmock/gmock.h>

#include "openid.h"
#include "store/users.h"

namespace segue::test {

inline constexpr const char* kPassword = "Correct-horse-7";
inline constexpr const char* kNoDetails = "No account could be made with these details. If you have one, sign in with it.";

inline bool is_sign_up_page(const Page& page) { return !page.left && page.url.find("/u/signup") != std::string::npos; }

struct HostedSignUpFlow : OpenId {
  explicit HostedSignUpFlow(WorldOptions options = {}) : OpenId(std::move(options)) {}

  std::string connection_id = *json::find_string(
      world.managed(http::Method::get, std::string("connections?name=") + kPasswordRealm).as_array().at(0).as_object(), "id");

  Page sign_up_page(const http::Parameters& more = {}) {
    auto all = parameters({{"screen_hint", "signup"}});
    for (const auto& [name, value] : more.pairs()) all.add(name, value);
    return authorize(all);
  }
  static http::Parameters filled(const Page& page, const std::string& email, const std::string& password = kPassword) {
    return parameters({{"state", page.field("state")}, {"csrf", page.field("csrf")}, {"email", email}, {"password", password}});
  }
  static http::Parameters replaced(http::Parameters form, const std::string& name, const std::string& value) {
    form.remove(name);
    form.add(name, value);
    return form;
  }
  Page sign_up(const Page& page, const std::string& email, const std::string& password = kPassword) {
    return browser.submit(page, filled(page, email, password));
  }
  void set_options(json::object options) {
    const auto connection = world.managed(http::Method::get, "connections/" + connection_id).as_object();
    auto changed = *json::find_object(connection, "options");
    for (const auto& member : options) changed[member.key()] = member.value();
    world.managed(http::Method::patch, "connections/" + connection_id, json::object{{"options", changed}});
  }
  std::optional<model::User> stored(const std::string& email) {
    return world.node().product().store().read(
        world.tenant(), [&](const store::Reader& r) { return store::users::find_by_identifier(r, connection_id, email); });
  }
  void expect_alert(const Page& page, int status, const std::string& alert) {
    EXPECT_TRUE(is_sign_up_page(page)) << page.url;
    EXPECT_EQ(page.status, status);
    EXPECT_THAT(page.response.body, ::testing::HasSubstr("<p id=\"alert\">" + base::escape_html(alert) + "</p>"));
    EXPECT_EQ(page.response.headers.find_all("set-cookie").size(), 0u);
  }
  std::string why(const std::string& type) {
    const auto rows = world.logs("type:" + type);
    return rows.empty() ? "(no row)" : json::find_string(rows.front(), "description").value_or("");
  }
};

}  // namespace segue::test
