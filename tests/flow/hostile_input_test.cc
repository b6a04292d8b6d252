// Input that means harm (issue "Bad input"): every endpoint answers it in its own format, nothing is lost, nothing is believed.
#include "openid.h"

namespace segue::test {
namespace {

struct HostileInput : OpenId {
  // The status, after a look at the format: OAuth JSON, Management JSON, or a page.
  int status_of(const http::Request& request) {
    const auto response = world.send(request);
    const auto type = header_of(response, "content-type");
    if (request.path == "/oauth/token") {
      EXPECT_FALSE(json::find_string(object_of(response), "error").value_or("").empty()) << response.body;
    } else if (request.path.starts_with("/api/v2/")) {
      EXPECT_EQ(json::find_integer(object_of(response), "statusCode"), response.status) << response.body;
    } else if (request.path != "/userinfo") {
      EXPECT_EQ(type, "text/html; charset=utf-8") << request.path;
    }
    EXPECT_FALSE(header_of(response, "x-request-id").empty());
    return response.status;
  }
  http::Request managing(http::Method method, const std::string& target, std::string body = {}) {
    auto request = request_for(method, target);
    request.headers.set("authorization", "Bearer " + world.management_token());
    if (!body.empty()) request.headers.set("content-type", "application/json");
    request.body = std::move(body);
    return request;
  }
};

TEST_F(HostileInput, of_invalid_utf8_is_refused_in_each_format) {
  for (const std::string text : {"%ff", "%c0%af", "%ed%a0%80", "%f4%90%80%80", "%00", "%zz", "%"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(status_of(request_for(http::Method::get, "/authorize?client_id=" + web.client_id + "&state=" + text)), 400);
    EXPECT_EQ(status_of(request_for(http::Method::get, "/v2/logout?returnTo=" + text)), 400);
    EXPECT_EQ(status_of(request_for(http::Method::get, "/u/login?state=" + text)), 400);
    EXPECT_EQ(status_of(managing(http::Method::get, "/api/v2/clients?fields=" + text)), 400);
    auto form = request_for(http::Method::post, "/oauth/token");
    form.headers.add("content-type", "application/x-www-form-urlencoded");
    form.body = "grant_type=" + text;
    EXPECT_EQ(status_of(form), 400);
  }
  EXPECT_EQ(status_of(managing(http::Method::post, "/api/v2/clients", "{\"name\":\"\xff\"}")), 400);
  EXPECT_EQ(status_of(managing(http::Method::post, "/api/v2/clients", "\xef\xbb\xbf{}")), 400);
}

TEST_F(HostileInput, in_headers_is_neither_believed_nor_fatal) {
  browser.extra.set("user-agent", "\xff\xfe<script>");
  browser.extra.set("auth0-client", base::base64url("\xff{"));
  browser.extra.set("x-forwarded-host", "evil.example");
  browser.extra.set("x-original-url", "/api/v2/clients");
  browser.plant("auth0", "\xff\xfe");
  browser.plant("__Host-segue_browser", "\x01");
  const auto end = sign_in();
  EXPECT_EQ(end.parameter("iss"), kIssuer);
  EXPECT_FALSE(end.parameter("code").empty());
  EXPECT_EQ(world.logs("type:s").size(), 1u);
  auto request = request_for(http::Method::get, "/userinfo");
  for (const auto& token : {std::string("\xff"), std::string(), std::string("a b"), std::string(20'000, 'a')}) {
    request.headers.set("authorization", "Bearer " + token);
    EXPECT_EQ(status_of(request), 401);
  }
}

TEST_F(HostileInput, never_becomes_a_header) {
  const std::string evil = "x\r\nset-cookie: evil=1\r\n\r\n<script>";
  for (const auto& page : {sign_in(parameters({{"state", evil}})), authorize(parameters({{"state", evil}, {"prompt", "bogus"}})),
                           authorize(parameters({{"audience", "a\r\nb"}}))}) {
    EXPECT_TRUE(page.left);
    for (const auto& [name, value] : page.response.headers.fields()) {
      EXPECT_TRUE(base::is_free_of_controls(value)) << name << ": " << value;
      EXPECT_EQ(value.find("evil=1"), name == "location" ? value.find("evil=1") : std::string::npos) << name;
    }
  }
  EXPECT_EQ(browser.cookies().count("evil"), 0u);
  expect_page(browser.open("/v2/logout?client_id=" + web.client_id + "&returnTo=" + base::percent_encode(kApp + evil.substr(1))),
              400, "");
}

TEST_F(HostileInput, that_is_too_large_or_too_deep_is_refused) {
  const auto sized = [](http::Request request, std::size_t size) {
    request.body = std::string(size, 'x');
    return request;
  };
  EXPECT_EQ(world.send(sized(form_request("/oauth/token", {}), 2'000'000)).status, 413);
  EXPECT_EQ(world.send(sized(form_request("/u/login?state=x", {}), 17'000)).status, 413);
  EXPECT_EQ(world.send(sized(managing(http::Method::post, "/api/v2/clients", "{}"), 5'000'000)).status, 413);
  const auto deep = std::string(10'000, '[');
  EXPECT_EQ(status_of(managing(http::Method::post, "/api/v2/clients", deep)), 400);
  auto nested = request_for(http::Method::post, "/oauth/token");
  nested.headers.add("content-type", "application/json");
  nested.body = "{\"a\":" + deep;
  EXPECT_EQ(status_of(nested), 400);
  std::string pairs = "client_id=" + web.client_id;
  for (int i = 0; i < 201; ++i) pairs += "&p" + std::to_string(i) + "=1";
  EXPECT_EQ(status_of(request_for(http::Method::get, "/authorize?" + pairs)), 400);
}

TEST_F(HostileInput, of_forwarding_headers_from_strangers_changes_no_address) {
  const auto native = world.native_client();
  auto request = form_request("/oauth/token", parameters({{"grant_type", "password"},
                                                          {"client_id", native.client_id},
                                                          {"username", ada.email},
                                                          {"password", ada.password},
                                                          {"scope", "openid offline_access"}}));
  for (const auto* name :
       {"x-forwarded-for", "x-real-ip", "true-client-ip", "cf-connecting-ip", "x-client-ip", "auth0-forwarded-for"}) {
    request.headers.add(name, "203.0.113.5");
  }
  request.headers.add("forwarded", "for=203.0.113.5;host=evil.example;proto=http");
  const auto tokens = object_of(world.send(request));
  EXPECT_EQ(claim(json::find_string(tokens, "id_token").value_or(""), "iss"), kIssuer);
  EXPECT_EQ(json::find_string(world.logs("type:sepft").at(0), "ip"), "192.0.2.7");
  // Device binding takes the socket's address too: who claims the exchange's address does not have it.
  const auto transfer = world.exchange(native, json::find_string(tokens, "refresh_token").value()).access_token();
  browser.peer_address = "198.51.100.9";
  browser.extra.set("x-forwarded-for", "192.0.2.7");
  browser.extra.set("auth0-forwarded-for", "192.0.2.7");
  browser.plant("auth0_session_transfer_token", transfer);
  EXPECT_TRUE(authorize().is_login_page());
}

}  // namespace
}  // namespace segue::test
