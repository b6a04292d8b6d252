// kill -9 between the commit of a revocation and the word of it (design §4 "Revocation"): what was committed is told after the
// restart, what was not is not.
#include <gtest/gtest.h>

#include "base/text.h"
#include "deployment.h"
#include "support/called_server.h"
#include "support/fresh_database.h"
#include "support/handoff.h"

namespace segue::test {
namespace {

using namespace std::chrono_literals;

struct LogoutCrash : testing::TestWithParam<Engine> {
  void SetUp() override {
    if (GetParam() == Engine::postgres && !FreshDatabase::server_url()) GTEST_SKIP() << "no PostgreSQL";
    ::setenv("SEGUE_OUTBOUND_ALLOW_PRIVATE", "true", 1);
    ::setenv("SEGUE_OUTBOUND_CA_FILE", receiver.ca_file().c_str(), 1);
    if (GetParam() == Engine::postgres) database.emplace(*FreshDatabase::server_url());
    deployment.emplace(database ? database->url() : "");
    server = deployment->start();
    listen();
  }
  void TearDown() override {
    server.reset();
    ::unsetenv("SEGUE_OUTBOUND_ALLOW_PRIVATE");
    ::unsetenv("SEGUE_OUTBOUND_CA_FILE");
  }

  void listen() const {
    std::ifstream in(deployment->data() / "management-client.json");
    const auto client = json::parse(std::string(std::istreambuf_iterator<char>(in), {}))->get_object();
    const auto token = server
                           ->token(parameters({{"grant_type", "client_credentials"},
                                               {"client_id", text_of(client, "client_id")},
                                               {"client_secret", text_of(client, "client_secret")},
                                               {"audience", text_of(client, "audience")}}))
                           .access_token();
    auto request =
        json_request(http::Method::patch, "/api/v2/clients/" + deployment->web.client_id,
                     json::object{{"oidc_logout", json::object{{"backchannel_logout_urls", json::array{receiver.url(path)}}}}});
    request.headers.set("authorization", "Bearer " + token);
    ASSERT_EQ(server->send(request).status, 200);
  }
  Browser signed_in() const {
    auto browser = server->browser();
    const auto page = browser.open(authorize_url(deployment->web, "https://app.example/callback"));
    EXPECT_NE(browser.submit_login(page, deployment->ada).parameter("code"), "");
    return browser;
  }
  std::string jti(std::size_t n) const {
    const auto body = http::Parameters::parse(receiver.requests().at(n).body);
    return text_of(claims_of(body->find("logout_token").value_or("")), "jti");
  }

  const std::string path = "/hold";  // nobody is told before the test lets them
  CalledServer receiver{[](const http::Request&) { return http::empty_response(204); }};
  std::optional<FreshDatabase> database;
  std::optional<Deployment> deployment;
  std::unique_ptr<ServerProcess> server;
};

INSTANTIATE_TEST_SUITE_P(Kill, LogoutCrash, testing::Values(Engine::sqlite, Engine::postgres), [](const auto& parameter) {
  return std::string(parameter.param == Engine::sqlite ? "sqlite" : "postgres");
});

TEST_P(LogoutCrash, a_logout_that_was_being_told_is_told_again_with_the_same_jti) {
  auto browser = signed_in();
  browser.open("/v2/logout");
  ASSERT_TRUE(receiver.wait_for(1));
  server->kill();  // it waits for the receiver's answer
  receiver.release();
  server = deployment->start();
  server->advance(31s);  // beyond the lease of the sender that died
  ASSERT_TRUE(receiver.wait_for(2));
  EXPECT_EQ(jti(0), jti(1));
}

TEST_P(LogoutCrash, a_logout_that_was_committed_and_not_walked_is_told_after_the_restart) {
  receiver.release();
  auto browser = signed_in();
  server->die_at("after_commit", 0);  // the walker rests from here on
  browser.open("/v2/logout");
  ASSERT_TRUE(server->died());
  EXPECT_TRUE(receiver.requests().empty());
  server = deployment->start();
  EXPECT_TRUE(receiver.wait_for(1));
}

TEST_P(LogoutCrash, a_logout_that_was_not_committed_tells_nobody) {
  receiver.release();
  auto browser = signed_in();
  auto other = signed_in();
  server->die_at("before_commit", 0);
  browser.open("/v2/logout");
  ASSERT_TRUE(server->died());
  server = deployment->start();
  // What comes after it in the queue has been told: the lost one is not in it.
  auto moved = server->browser();
  for (const auto& [name, value] : other.cookies()) moved.plant(name, value);
  moved.open("/v2/logout");
  ASSERT_TRUE(receiver.wait_for(1));
  EXPECT_EQ(receiver.requests().size(), 1u);
}

}  // namespace
}  // namespace segue::test
