// The races of races_test.cc through two server processes on one PostgreSQL, over TLS.
#include <barrier>
#include <set>
#include <thread>

#include "deployment.h"
#include "openid.h"
#include "support/fresh_database.h"

namespace segue::test {
namespace {

constexpr int kParallel = 64;

struct TwoServers : ::testing::Test {
  static void SetUpTestSuite() {
    const auto url = FreshDatabase::server_url();
    if (!url) return;
    database = std::make_unique<FreshDatabase>(*url);
    deployment = std::make_unique<Deployment>(database->url());
    servers = {deployment->start(), deployment->start()};
  }
  static void TearDownTestSuite() {
    servers = {};
    deployment.reset();
    database.reset();
  }
  void SetUp() override {
    if (!deployment) GTEST_SKIP() << "no PostgreSQL";
  }

  template <class Ask>
  auto at_once(const Ask& ask) {
    std::vector<decltype(ask(*servers[0]))> answers(kParallel);
    std::barrier start(kParallel);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < kParallel; ++i) {
      threads.emplace_back([&, i] {
        start.arrive_and_wait();
        answers[i] = ask(*servers[i % servers.size()]);
      });
    }
    for (auto& thread : threads) thread.join();
    return answers;
  }
  static Tokens log_in(const Client& client) {
    return servers[0]->token(parameters({{"grant_type", "password"},
                                         {"client_id", client.client_id},
                                         {"username", deployment->ada.email},
                                         {"password", deployment->ada.password},
                                         {"scope", "openid offline_access"}}));
  }
  static http::Parameters refresh_form(const Client& client, const std::string& token, const std::string& audience = {}) {
    auto form = parameters({{"grant_type", "refresh_token"}, {"client_id", client.client_id}, {"refresh_token", token}});
    if (!audience.empty()) form.add("audience", audience);
    return form;
  }
  static std::string new_transfer() {
    const auto form =
        refresh_form(deployment->native, log_in(deployment->native).refresh_token(), "urn:tenant.example:session_transfer");
    return servers[0]->token(form).access_token();
  }
  static Page open_with(const ServerProcess& server, const std::string& transfer) {
    auto browser = server.browser();
    browser.plant("auth0_session_transfer_token", transfer);
    return browser.open(authorize_url(deployment->web, kCallback));
  }
  static int successes_among(const std::vector<Tokens>& answers) {
    return static_cast<int>(std::count_if(answers.begin(), answers.end(), [](const auto& each) { return each.status == 200; }));
  }

  static std::unique_ptr<FreshDatabase> database;
  static std::unique_ptr<Deployment> deployment;
  static std::array<std::unique_ptr<ServerProcess>, 2> servers;
};
std::unique_ptr<FreshDatabase> TwoServers::database;
std::unique_ptr<Deployment> TwoServers::deployment;
std::array<std::unique_ptr<ServerProcess>, 2> TwoServers::servers;

TEST_F(TwoServers, open_the_web_once_for_one_session_transfer_token) {
  const auto transfer = new_transfer();
  const auto pages = at_once([&](const ServerProcess& server) { return open_with(server, transfer); });
  int codes = 0, prompts = 0;
  for (const auto& page : pages) {
    codes += page.parameter("code").empty() ? 0 : 1;
    prompts += page.is_login_page() ? 1 : 0;
  }
  EXPECT_EQ(codes, 1);
  EXPECT_EQ(prompts, kParallel - 1);
}

TEST_F(TwoServers, exchange_one_code_once) {
  const auto code = open_with(*servers[0], new_transfer()).parameter("code");
  const auto form = OpenId::code_form(deployment->web, code);
  const auto answers = at_once([&](const ServerProcess& server) { return server.token(form); });
  EXPECT_EQ(successes_among(answers), 1);
  for (const auto& answer : answers) {
    if (answer.status != 200) expect_refused(answer, 403, "invalid_grant", "Invalid authorization code");
  }
}

TEST_F(TwoServers, rotate_a_refresh_token_without_leeway_once_and_end_its_family) {
  const auto form = refresh_form(deployment->native, log_in(deployment->native).refresh_token());
  const auto answers = at_once([&](const ServerProcess& server) { return server.token(form); });
  EXPECT_EQ(successes_among(answers), 1);
  for (const auto& answer : answers) {
    if (answer.status != 200) continue;
    EXPECT_EQ(servers[1]->token(refresh_form(deployment->native, answer.refresh_token())).status, 403);
  }
}

TEST_F(TwoServers, give_one_and_the_same_successor_within_the_leeway) {
  const auto form = refresh_form(deployment->patient, log_in(deployment->patient).refresh_token());
  const auto answers = at_once([&](const ServerProcess& server) { return server.token(form); });
  EXPECT_EQ(successes_among(answers), kParallel);
  std::set<std::string> successors;
  for (const auto& answer : answers) successors.insert(answer.refresh_token());
  ASSERT_EQ(successors.size(), 1u);
  EXPECT_EQ(servers[1]->token(refresh_form(deployment->patient, *successors.begin())).status, 200);
}

}  // namespace
}  // namespace segue::test
