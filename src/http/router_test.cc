#include "http/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace segue::http {
namespace {

using ::testing::ElementsAre;

Response test_face(const base::Error& error, const Call&) {
  constexpr int kStatuses[] = {400, 401, 403, 404, 409, 429, 413, 503};
  Response response = json_response(error.status != 0 ? error.status : kStatuses[static_cast<int>(error.kind)], error.code);
  response.headers.add("x-face", "test");
  return response;
}

Handler says(std::string text) {
  return [text](Call& call) -> base::Result<Response> {
    std::string body = text;
    for (const auto& [name, value] : call.path_parameters) body += " " + name + "=" + value;
    return json_response(200, body);
  };
}

Route route(Method method, std::string path, Handler handler = says("ok")) {
  return {.method = method, .path = std::move(path), .face = test_face, .handler = std::move(handler)};
}

Response ask(const Router& router, Method method, std::string path,
             std::vector<std::pair<std::string, std::string>> headers = {}) {
  Request request;
  request.method = method;
  request.path = std::move(path);
  for (auto& [name, value] : headers) request.headers.add(name, value);
  return router.respond(request, Lane::quick, base::Instant{}, "0123456789abcdef");
}

TEST(Router, matches_literals_before_braces_and_decodes_what_braces_matched) {
  Router router;
  router.add(route(Method::get, "/users/{id}", says("user")));
  router.add(route(Method::get, "/users/me", says("me")));
  router.add(route(Method::patch, "/users/{id}", says("patch")));
  router.add(route(Method::get, "/users/{user}/roles/{role}", says("role")));
  EXPECT_EQ(ask(router, Method::get, "/users/auth0%7C1%2F2").body, "user id=auth0|1/2");
  EXPECT_EQ(ask(router, Method::get, "/users/me").body, "me");
  EXPECT_EQ(ask(router, Method::patch, "/users/me").body, "patch id=me");
  EXPECT_EQ(ask(router, Method::get, "/users/a/roles/b").body, "role role=b user=a");
  for (const auto* path : {"/users", "/users/", "/users/a/", "/users/a/roles", "/", "*", ""}) {
    EXPECT_EQ(ask(router, Method::get, path).status, 404) << path;
  }
}

TEST(Router, finds_the_get_route_for_head_and_the_handler_sees_head) {
  Router router;
  router.add(route(Method::get, "/a", [](Call& call) -> base::Result<Response> {
    return json_response(200, std::string(to_text(call.request.method)));
  }));
  EXPECT_EQ(ask(router, Method::head, "/a").body, "HEAD");
  std::vector<Method> allowed;
  EXPECT_EQ(router.find(Method::post, "/a", &allowed), nullptr);
  EXPECT_THAT(allowed, ElementsAre(Method::get));
}

TEST(Router, answers_405_with_the_methods_that_the_path_has) {
  Router router;
  router.set_default_face(test_face);
  router.add(route(Method::get, "/a"));
  router.add(route(Method::delete_, "/a"));
  const auto response = ask(router, Method::put, "/a");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers.find("allow"), "GET, DELETE, HEAD");
  EXPECT_EQ(response.headers.find("x-face"), "test");
  EXPECT_EQ(ask(router, Method::other, "/a").status, 405);
}

TEST(Router, refuses_a_path_parameter_that_is_no_text) {
  Router router;
  router.add(route(Method::get, "/a/{id}"));
  for (const auto* path : {"/a/%zz", "/a/%FF", "/a/%0A", "/a/%"}) EXPECT_EQ(ask(router, Method::get, path).status, 400) << path;
}

TEST(Router, refuses_two_routes_for_one_path) {
  Router router;
  router.add(route(Method::get, "/a/{id}"));
  EXPECT_THROW(router.add(route(Method::get, "/a/{other}")), base::Bug);
}

TEST(Router, refuses_a_route_on_the_io_thread_that_would_ask_for_registered_origins) {
  Router router;
  auto bad = route(Method::get, "/a");
  bad.lane = Lane::io;
  bad.cross_origin = CrossOrigin::registered;
  EXPECT_THROW(router.add(bad), base::Bug);
  bad.cross_origin = CrossOrigin::any;
  EXPECT_NO_THROW(router.add(bad));
}

TEST(Router, runs_the_steps_in_order_and_a_step_can_end_the_request) {
  Router router;
  std::vector<int> order;
  router.add_before([&](Call&, const Route&) -> base::Result<std::optional<Response>> {
    order.push_back(1);
    return std::optional<Response>();
  });
  router.add_before([&](Call& call, const Route&) -> base::Result<std::optional<Response>> {
    order.push_back(2);
    if (call.request.path == "/refused") return base::Error{base::ErrorKind::forbidden, "no", "No."};
    if (call.request.path == "/answered") return std::optional<Response>(json_response(202, "early"));
    return std::optional<Response>();
  });
  router.add_after([&](const Call&, const Route*, Response& response) {
    order.push_back(3);
    response.headers.add("x-after", "yes");
  });
  for (const auto* path : {"/plain", "/refused", "/answered"}) router.add(route(Method::get, path));
  EXPECT_EQ(ask(router, Method::get, "/plain").status, 200);
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
  const auto refused = ask(router, Method::get, "/refused");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.headers.find("x-after"), "yes");
  EXPECT_EQ(ask(router, Method::get, "/answered").status, 202);
  EXPECT_EQ(ask(router, Method::get, "/unknown").headers.find("x-after"), "yes");
}

TEST(Router, turns_faults_into_500_or_503_without_their_text) {
  Router router;
  router.set_fault_classifier([](const std::exception& fault) { return std::string(fault.what()) == "gone" ? 503 : 500; });
  router.add(route(Method::get, "/bug", [](Call&) -> base::Result<Response> { throw std::runtime_error("secret"); }));
  router.add(route(Method::get, "/gone", [](Call&) -> base::Result<Response> { throw std::runtime_error("gone"); }));
  router.add(route(Method::get, "/odd", [](Call&) -> base::Result<Response> { throw 7; }));
  const auto bug = ask(router, Method::get, "/bug");
  EXPECT_EQ(bug.status, 500);
  EXPECT_EQ(bug.body, "server_error");
  const auto gone = ask(router, Method::get, "/gone");
  EXPECT_EQ(gone.status, 503);
  EXPECT_EQ(gone.headers.find("retry-after"), "1");
  EXPECT_EQ(ask(router, Method::get, "/odd").status, 500);
}

TEST(Router, answers_500_when_a_step_after_the_handler_fails) {
  Router router;
  router.add(route(Method::get, "/a"));
  router.add_after([](const Call&, const Route*, Response&) { throw std::runtime_error("x"); });
  const auto response = ask(router, Method::get, "/a");
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body, "Internal Server Error");
}

TEST(Router, passes_a_move_to_another_lane_on_untouched) {
  Router router;
  router.add(route(Method::get, "/a", [](Call& call) -> base::Result<Response> {
    return call.lane == Lane::quick ? continue_on(Lane::hashing) : json_response(200, "");
  }));
  bool after = false;
  router.add_after([&](const Call&, const Route*, Response&) { after = true; });
  EXPECT_EQ(ask(router, Method::get, "/a").moves_to, Lane::hashing);
  EXPECT_FALSE(after);
}

class CrossOriginRouter : public ::testing::Test {
 protected:
  CrossOriginRouter() {
    auto token = route(Method::post, "/oauth/token");
    token.cross_origin = CrossOrigin::registered;
    router.add(std::move(token));
    auto keys = route(Method::get, "/jwks.json");
    keys.cross_origin = CrossOrigin::any;
    router.add(std::move(keys));
    router.add(route(Method::get, "/closed"));
    router.set_origin_check([](const Call& call, std::string_view origin) {
      return base::to_integer(call.tenant) == 7 && origin == "https://app.example";
    });
    router.add_before(
        [](Call& call, const Route&) -> base::Result<std::optional<Response>> {
          call.tenant = base::TenantId{7};
          return std::optional<Response>();
        },
        RunsOn::requests_and_preflights);
    router.add_before([this](Call&, const Route&) -> base::Result<std::optional<Response>> {
      ++requests;
      return std::optional<Response>();
    });
  }
  Response preflight(const std::string& path, const std::string& origin, const std::string& method) {
    return ask(router, Method::options, path, {{"origin", origin}, {"access-control-request-method", method}});
  }
  Router router;
  int requests = 0;
};

TEST_F(CrossOriginRouter, answers_a_preflight_of_a_registered_origin) {
  const auto response = preflight("/oauth/token", "https://app.example", "POST");
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.headers.find("access-control-allow-origin"), "https://app.example");
  EXPECT_EQ(response.headers.find("access-control-allow-methods"), "POST");
  EXPECT_EQ(response.headers.find("access-control-allow-headers"),
            "content-type, auth0-client, authorization, dpop, x-correlation-id, x-request-language");
  EXPECT_EQ(response.headers.find("access-control-max-age"), "600");
  EXPECT_EQ(response.headers.find("vary"), "Origin");
  EXPECT_EQ(response.headers.find("access-control-allow-credentials"), std::nullopt);
  EXPECT_EQ(requests, 0);
}

TEST_F(CrossOriginRouter, allows_nothing_to_an_unknown_origin) {
  const auto response = preflight("/oauth/token", "https://evil.example", "POST");
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.headers.find("access-control-allow-origin"), std::nullopt);
  EXPECT_EQ(response.headers.find("access-control-allow-methods"), std::nullopt);
  EXPECT_EQ(response.headers.find("vary"), "Origin");
  const auto answer = ask(router, Method::post, "/oauth/token", {{"origin", "https://evil.example"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.find("access-control-allow-origin"), std::nullopt);
  EXPECT_EQ(answer.headers.find("vary"), "Origin");
}

TEST_F(CrossOriginRouter, lets_a_registered_origin_read_answers_and_their_headers) {
  const auto answer = ask(router, Method::post, "/oauth/token", {{"origin", "https://app.example"}});
  EXPECT_EQ(answer.headers.find("access-control-allow-origin"), "https://app.example");
  EXPECT_THAT(std::string(*answer.headers.find("access-control-expose-headers")), ::testing::HasSubstr("dpop-nonce"));
}

TEST_F(CrossOriginRouter, lets_any_origin_read_open_routes_without_credentials) {
  const auto answer = ask(router, Method::get, "/jwks.json");
  EXPECT_EQ(answer.headers.find("access-control-allow-origin"), "*");
  EXPECT_EQ(answer.headers.find("access-control-allow-credentials"), std::nullopt);
  EXPECT_EQ(preflight("/jwks.json", "https://evil.example", "GET").headers.find("access-control-allow-origin"), "*");
}

TEST_F(CrossOriginRouter, answers_405_to_a_preflight_for_other_routes) {
  EXPECT_EQ(preflight("/closed", "https://app.example", "GET").status, 405);
  EXPECT_EQ(ask(router, Method::options, "/oauth/token").status, 405);
  EXPECT_EQ(preflight("/nowhere", "https://app.example", "GET").status, 404);
}

}  // namespace
}  // namespace segue::http
