// What the stories of the OpenID provider begin with: an application, a person, and the ways to ask.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "support/browser.h"
#include "support/world.h"

namespace segue::test {

inline constexpr const char* kApp = "https://app.example";
inline constexpr const char* kCallback = "https://app.example/callback";
inline constexpr const char* kIssuer = "https://tenant.example/";
inline constexpr const char* kApi = "https://api.example/";
// RFC 7636 appendix B.
inline constexpr const char* kVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
inline constexpr const char* kChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

inline std::string header_of(const http::Response& response, std::string_view name) {
  return std::string(response.headers.find(name).value_or(""));
}

// The claims of a JWT, unverified: only for tokens that came from the server itself.
inline json::object claims_of(const std::string& token) {
  const auto parts = base::split(token, '.');
  const auto text = parts.size() == 3 ? base::from_base64url(parts[1]) : std::nullopt;
  auto parsed = text ? json::parse(*text) : base::Result<json::value>(json::value(nullptr));
  return parsed.ok() && parsed->is_object() ? parsed->get_object() : json::object{};
}
inline std::string claim(const std::string& token, std::string_view name) {
  return json::find_string(claims_of(token), name).value_or("");
}

inline bool has_scope(const std::string& scopes, std::string_view scope) {
  return base::contains(base::split(scopes, ' '), scope);
}

// A page that says what is wrong, and no redirect.
inline void expect_page(const Page& page, int status, const std::string& text) {
  EXPECT_EQ(page.status, status);
  EXPECT_FALSE(page.left) << page.url;
  EXPECT_EQ(header_of(page.response, "location"), "");
  EXPECT_EQ(header_of(page.response, "content-type"), "text/html; charset=utf-8");
  EXPECT_NE(page.response.body.find(text), std::string::npos) << page.response.body;
}

// An error that the application is told, with its state.
inline void expect_told(const Page& page, const std::string& error, const std::string& description,
                        const std::string& state = "s-1") {
  EXPECT_EQ(page.status, 302) << page.response.body;
  EXPECT_TRUE(page.left) << page.url;
  EXPECT_TRUE(page.url.starts_with(std::string(kCallback) + "?")) << page.url;
  EXPECT_EQ(page.parameter("error"), error);
  EXPECT_EQ(page.parameter("error_description"), description);
  EXPECT_EQ(page.parameter("state"), state);
  EXPECT_EQ(page.parameter("iss"), kIssuer);
  EXPECT_EQ(page.parameter("code"), "");
}

inline void expect_refused(const Tokens& answer, int status, const std::string& error, const std::string& description) {
  EXPECT_EQ(answer.status, status) << json::write(answer.body);
  EXPECT_EQ(answer.error(), error);
  EXPECT_EQ(answer.text("error_description"), description);
  EXPECT_EQ(answer.access_token(), "");
}

struct OpenId : ::testing::Test {
  explicit OpenId(WorldOptions options = {}) : world(options) {}

  World world;
  Client web = world.web_client(kApp);
  User ada = world.create_user();
  Browser browser{world.node()};

  // `more` replaces parameters of an ordinary request; an empty value leaves one out.
  Page authorize(const http::Parameters& more = {}) { return authorize(web, more); }
  Page authorize(const Client& client, const http::Parameters& more = {}) {
    return browser.open(authorize_url(client, kCallback, more));
  }
  Page sign_in(const http::Parameters& more = {}) { return sign_in(web, more); }
  Page sign_in(const Client& client, const http::Parameters& more = {}) {
    auto page = authorize(client, more);
    return page.is_login_page() ? browser.submit_login(page, ada) : page;
  }
  std::string code(const http::Parameters& more = {}) { return sign_in(more).parameter("code"); }
  std::string code(const Client& client, const http::Parameters& more = {}) { return sign_in(client, more).parameter("code"); }

  static http::Parameters code_form(const Client& client, const std::string& code, const http::Parameters& more = {}) {
    auto form = parameters({{"grant_type", "authorization_code"},
                            {"client_id", client.client_id},
                            {"client_secret", client.client_secret},
                            {"code", code},
                            {"redirect_uri", kCallback}});
    for (const auto& [name, value] : more.pairs()) {
      form.remove(name);
      if (!value.empty()) form.add(name, value);
    }
    return form;
  }
  Tokens redeem(const Client& client, const std::string& code, const http::Parameters& more = {}) {
    return world.token_request(code_form(client, code, more));
  }

  // A public client that lives in a browser.
  Client spa_client(json::object more = {}) {
    json::object fields{{"name", "spa"},
                        {"app_type", "spa"},
                        {"token_endpoint_auth_method", "none"},
                        {"callbacks", json::array{kCallback}},
                        {"grant_types", json::array{"authorization_code", "refresh_token"}}};
    for (auto& [name, value] : more) fields[name] = value;
    return world.create_client(std::move(fields));
  }
  // An API with the scopes read:books and write:books that every client may ask for.
  void create_api(json::object more = {}) {
    json::object fields{{"identifier", kApi},
                        {"name", "books"},
                        {"skip_consent_for_verifiable_first_party_clients", true},
                        {"scopes", json::array{json::object{{"value", "read:books"}}, json::object{{"value", "write:books"}}}}};
    for (auto& [name, value] : more) fields[name] = value;
    world.managed(http::Method::post, "resource-servers", fields);
  }
  void patch_client(const Client& client, json::object fields) {
    world.managed(http::Method::patch, "clients/" + client.client_id, fields);
  }
  // How often something happened: equal failures of strangers share a row that counts them.
  std::size_t count_logs(const std::string& q) {
    std::size_t out = 0;
    for (const auto& row : world.logs(q)) {
      const auto* details = json::find_object(row, "details");
      out += static_cast<std::size_t>(details == nullptr ? 1 : json::find_integer(*details, "count").value_or(1));
    }
    return out;
  }
};

}  // namespace segue::test
