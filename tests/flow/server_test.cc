// What every request meets before its endpoint, and one sign-in and one handoff to show that all parts are connected.
#include <gtest/gtest.h>

#include "support/browser.h"
#include "support/world.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

std::string header(const http::Response& response, std::string_view name) {
  return std::string(response.headers.find(name).value_or(""));
}

TEST(Server, answers_discovery_with_its_own_domain) {
  World world;
  const auto response = world.send(request_for(http::Method::get, "/.well-known/openid-configuration"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(json::find_string(object_of(response), "issuer"), "https://tenant.example/");
}

TEST(Server, refuses_a_host_that_no_tenant_has) {
  World world;
  const auto response = world.send(request_for(http::Method::get, "/.well-known/openid-configuration", "other.example"));
  EXPECT_EQ(response.status, 421);
}

TEST(Server, adds_the_headers_that_protect_an_answer) {
  World world;
  world.add_tenant("localhost:8443");
  const auto response = world.send(request_for(http::Method::get, "/.well-known/jwks.json"));
  EXPECT_EQ(header(response, "strict-transport-security"), "max-age=31536000");
  EXPECT_EQ(header(response, "x-content-type-options"), "nosniff");
  EXPECT_EQ(header(response, "referrer-policy"), "no-referrer");
  EXPECT_EQ(header(response, "content-security-policy"), "default-src 'none'; base-uri 'none'; frame-ancestors 'none'");
  EXPECT_FALSE(header(response, "x-request-id").empty());
  // HSTS would lock a developer out of everything else on localhost.
  const auto local = world.send(request_for(http::Method::get, "/.well-known/jwks.json", "localhost:8443"));
  EXPECT_EQ(local.status, 200);
  EXPECT_EQ(header(local, "strict-transport-security"), "");
}

TEST(Server, answers_an_unknown_path_and_an_oversized_body_without_a_handler) {
  World world;
  EXPECT_EQ(world.send(request_for(http::Method::get, "/nothing/here")).status, 404);
  EXPECT_EQ(world.send(request_for(http::Method::delete_, "/oauth/token")).status, 405);
  auto large = request_for(http::Method::post, "/oauth/token");
  large.body = std::string(2'000'000, 'x');
  EXPECT_EQ(world.send(large).status, 413);
}

TEST(Server, says_that_a_path_is_unknown_in_the_words_of_its_api) {
  World world;
  const auto management = R"({"statusCode":404,"error":"Not Found","message":"Not Found"})";
  EXPECT_EQ(world.manage(http::Method::get, "nothing").body, management);
  EXPECT_EQ(world.manage(http::Method::delete_, "logs").body, management);
  EXPECT_EQ(json::find_string(object_of(world.send(request_for(http::Method::get, "/oauth/nothing"))), "error"), "not_found");
}

TEST(Server, gives_the_management_client_a_token_that_the_management_api_takes) {
  World world;
  const auto response = world.manage(http::Method::get, "clients");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(header(response, "x-ratelimit-limit"), "1000");
  EXPECT_FALSE(header(response, "x-ratelimit-remaining").empty());
  EXPECT_FALSE(header(response, "x-ratelimit-reset").empty());
  EXPECT_EQ(world.logs("type:seccft").size(), 1u);
}

TEST(Server, takes_no_management_token_of_a_client_that_was_deleted) {
  World world;
  const auto machine = world.create_client({{"name", "leaked"}, {"grant_types", json::array{"client_credentials"}}});
  const std::string audience = "https://tenant.example/api/v2/";
  world.managed(http::Method::post, "client-grants",
                json::object{{"client_id", machine.client_id}, {"audience", audience}, {"scope", json::array{"read:clients"}}});
  auto request = request_for(http::Method::get, "/api/v2/clients");
  request.headers.set("authorization", "Bearer " + world
                                                       .token_request(parameters({{"grant_type", "client_credentials"},
                                                                                  {"client_id", machine.client_id},
                                                                                  {"client_secret", machine.client_secret},
                                                                                  {"audience", audience}}))
                                                       .access_token());
  EXPECT_EQ(world.send(request).status, 200);
  world.managed(http::Method::delete_, "clients/" + machine.client_id);
  const auto answer = world.send(request);
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(json::find_string(object_of(answer), "message"), "The client of this token was deleted");
}

TEST(Server, refuses_management_requests_beyond_the_limit) {
  WorldOptions options;
  options.product.management_requests_per_second = 2;
  World world(options);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(world.manage(http::Method::get, "clients").status, 200);
  const auto refused = world.manage(http::Method::get, "clients");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(json::find_integer(object_of(refused), "statusCode"), 429);
  EXPECT_EQ(header(refused, "x-ratelimit-remaining"), "0");
  EXPECT_GT(std::stoll(header(refused, "x-ratelimit-reset")), base::to_seconds(world.clock.now()));
  EXPECT_EQ(world.send(request_for(http::Method::get, "/.well-known/jwks.json")).status, 200);
  world.clock.advance(1s);
  EXPECT_EQ(world.manage(http::Method::get, "clients").status, 200);
}

TEST(Server, believes_forwarding_headers_of_trusted_proxies_only) {
  WorldOptions options;
  options.product.forwarding.trusted_proxies = {http::Network::parse("192.0.2.0/24").value()};
  World world(options);
  const auto ask_from = [&](const std::string& peer) {
    auto request = form_request("/oauth/token", parameters({{"grant_type", "client_credentials"},
                                                            {"client_id", "management"},
                                                            {"client_secret", "management-secret-of-the-tests"},
                                                            {"audience", "https://tenant.example/api/v2/"}}));
    request.peer_address = peer;
    request.headers.add("x-forwarded-for", "203.0.113.5");
    EXPECT_EQ(world.send(request).status, 200);
    return *json::find_string(world.logs("type:seccft").at(0), "ip");
  };
  EXPECT_EQ(ask_from("192.0.2.7"), "203.0.113.5");
  world.clock.advance(1min);
  EXPECT_EQ(ask_from("198.51.100.9"), "198.51.100.9");
}

TEST(Server, lets_a_registered_origin_read_its_answers) {
  World world;
  world.web_client("https://app.example", {{"web_origins", json::array{"https://app.example"}}});
  auto request = form_request("/oauth/token", parameters({{"grant_type", "nonsense"}}));
  request.headers.add("origin", "https://app.example");
  EXPECT_EQ(header(world.send(request), "access-control-allow-origin"), "https://app.example");
  request.headers.set("origin", "https://evil.example");
  EXPECT_EQ(header(world.send(request), "access-control-allow-origin"), "");
}

TEST(Server, keeps_tenants_apart_by_their_hosts) {
  World world;
  const auto other = world.add_tenant("other.example");
  auto request = request_for(http::Method::get, "/api/v2/clients", "other.example");
  request.headers.set("authorization", "Bearer " + world.management_token());
  EXPECT_EQ(world.send(request).status, 401);
  EXPECT_EQ(other.audience, "https://other.example/api/v2/");
}

TEST(Server, answers_nothing_while_it_is_not_to_answer) {
  World world;
  world.node().product().set_answering(false);
  const auto response = world.send(request_for(http::Method::get, "/.well-known/jwks.json"));
  EXPECT_EQ(response.status, 503);
  EXPECT_FALSE(header(response, "retry-after").empty());
}

TEST(Server, carries_a_person_through_the_login_page_to_tokens) {
  World world;
  const auto web = world.web_client("https://app.example");
  const auto ada = world.create_user();
  Browser browser(world.node());
  const auto page = browser.open(authorize_url(web, "https://app.example/callback"));
  ASSERT_TRUE(page.is_login_page()) << page.status << " " << page.url << " " << page.response.body;
  const auto end = browser.submit_login(page, ada);
  ASSERT_TRUE(end.left) << end.status << " " << end.response.body;
  EXPECT_EQ(end.parameter("state"), "s-1");
  const auto tokens = world.token_request(parameters({{"grant_type", "authorization_code"},
                                                      {"client_id", web.client_id},
                                                      {"client_secret", web.client_secret},
                                                      {"code", end.parameter("code")},
                                                      {"redirect_uri", "https://app.example/callback"}}));
  EXPECT_EQ(tokens.status, 200) << json::write(tokens.body);
  EXPECT_FALSE(tokens.text("id_token").empty());
  // The session signs the person in without a page.
  EXPECT_TRUE(browser.open(authorize_url(web, "https://app.example/callback")).left);
}

class EveryEngine : public ::testing::TestWithParam<Engine> {};
INSTANTIATE_TEST_SUITE_P(Server, EveryEngine, ::testing::Values(Engine::sqlite, Engine::postgres),
                         [](const auto& engine) { return engine.param == Engine::sqlite ? "sqlite" : "postgres"; });

TEST_P(EveryEngine, carries_a_native_sign_in_to_the_web_on_another_node) {
  if (GetParam() == Engine::postgres && !FreshDatabase::server_url()) GTEST_SKIP() << "no PostgreSQL";
  WorldOptions options;
  options.engine = GetParam();
  World world(options);
  const auto native = world.native_client();
  const auto web = world.web_client("https://app.example");
  const auto ada = world.create_user();
  auto& other = world.add_node();
  const auto tokens = world.password_tokens(native, ada);
  ASSERT_EQ(tokens.status, 200) << json::write(tokens.body);
  const auto transfer = world.exchange(native, tokens.refresh_token());
  ASSERT_EQ(transfer.status, 200) << json::write(transfer.body);
  Browser browser(other);
  browser.plant("auth0_session_transfer_token", transfer.access_token());
  const auto end = browser.open(authorize_url(web, "https://app.example/callback"));
  EXPECT_TRUE(end.left) << end.status << " " << end.url;
  EXPECT_FALSE(end.parameter("code").empty());
  EXPECT_EQ(world.logs("type:sertft").size(), 1u);
}

TEST(Server, signs_nobody_in_whom_the_pipeline_refuses) {
  DenyingPipeline pipeline;
  WorldOptions options;
  options.pipeline = &pipeline;
  World world(options);
  const auto web = world.web_client("https://app.example");
  const auto ada = world.create_user();
  Browser browser(world.node());
  const auto page = browser.open(authorize_url(web, "https://app.example/callback"));
  const auto end = browser.submit_login(page, ada);
  EXPECT_TRUE(end.left);
  EXPECT_EQ(end.parameter("error"), "access_denied");
  EXPECT_EQ(pipeline.protocols.size(), 1u);
}

}  // namespace
}  // namespace segue::test
