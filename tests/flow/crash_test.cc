// kill -9 around every commit of what spends or makes a secret (design §8.1, §8.5): what was answered is there after the restart,
// what was spent for an answer is spent, and a request without an answer happened entirely or not at all.
#include <map>
#include <tuple>

#include <atomic>
#include <fstream>
#include <iterator>

#include "deployment.h"
#include "openid.h"
#include "support/called_server.h"
#include "support/fresh_database.h"

namespace segue::test {
namespace {

constexpr int kMostCommits = 12;  // of one request

struct Crash : ::testing::TestWithParam<std::tuple<Engine, const char*>> {
  static void TearDownTestSuite() {
    deployments.clear();
    database.reset();
  }
  void SetUp() override {
    if (engine() == Engine::postgres && !FreshDatabase::server_url()) GTEST_SKIP() << "no PostgreSQL";
    auto& mine = deployments[engine()];
    if (!mine && engine() == Engine::postgres) database = std::make_unique<FreshDatabase>(*FreshDatabase::server_url());
    if (!mine) mine = std::make_unique<Deployment>(engine() == Engine::postgres ? database->url() : "");
    deployment = mine.get();
    native = deployment->native;
    patient = deployment->patient;
    web = deployment->web;
    ada = deployment->ada;
    server = deployment->start();
  }
  static Engine engine() { return std::get<0>(GetParam()); }
  static std::string point() { return std::get<1>(GetParam()); }

  // Does `ask` with a kill at its first commit, then with one at its second, until its answer comes: then the process is killed
  // right behind it. `prepare` makes what a round spends, `check` looks at what is left after the restart.
  template <class Prepare, class Ask, class Check>
  void around_every_commit(const Prepare& prepare, const Ask& ask, const Check& check) {
    for (int passing = 0; passing < kMostCommits; ++passing) {
      SCOPED_TRACE(passing);
      const auto spent = prepare();
      server->die_at(point(), passing);
      const auto answer = ask(spent);
      const bool answered = answer.status != 0;
      if (answered) {
        server->kill();
      } else {
        ASSERT_TRUE(server->died());
      }
      server = deployment->start();
      check(spent, answer, answered);
      if (answered) {
        EXPECT_GT(passing, 0) << "no commit before the answer";
        return;
      }
    }
    FAIL() << "no answer in " << kMostCommits << " rounds";
  }

  Tokens log_in(const Client& client) const {
    return server->token(parameters({{"grant_type", "password"},
                                     {"client_id", client.client_id},
                                     {"username", ada.email},
                                     {"password", ada.password},
                                     {"scope", "openid offline_access"}}));
  }
  Tokens refresh(const Client& client, const std::string& token, const std::string& audience = {}) const {
    auto form = parameters({{"grant_type", "refresh_token"}, {"client_id", client.client_id}, {"refresh_token", token}});
    if (!client.client_secret.empty()) form.add("client_secret", client.client_secret);
    if (!audience.empty()) form.add("audience", audience);
    return server->token(form);
  }
  Tokens exchange(const Client& client, const std::string& token) const {
    return refresh(client, token, "urn:tenant.example:session_transfer");
  }
  Tokens redeem(const std::string& code) const { return server->token(OpenId::code_form(web, code)); }
  std::string login_url() const { return authorize_url(web, kCallback, parameters({{"scope", "openid offline_access"}})); }
  Page open_with(const std::string& transfer) const {
    auto browser = server->browser();
    browser.plant("auth0_session_transfer_token", transfer);
    return browser.open(login_url());
  }
  std::string new_transfer() const { return exchange(patient, log_in(patient).refresh_token()).access_token(); }

  static std::unique_ptr<FreshDatabase> database;
  static std::map<Engine, std::unique_ptr<Deployment>> deployments;  // one data folder serves all tests of an engine
  Deployment* deployment = nullptr;
  Client native, patient, web;
  User ada;
  std::unique_ptr<ServerProcess> server;
};
std::unique_ptr<FreshDatabase> Crash::database;
std::map<Engine, std::unique_ptr<Deployment>> Crash::deployments;
INSTANTIATE_TEST_SUITE_P(Kill, Crash,
                         ::testing::Combine(::testing::Values(Engine::sqlite, Engine::postgres),
                                            ::testing::Values("before_commit", "after_commit")),
                         [](const auto& parameters) {
                           const auto engine = std::get<0>(parameters.param) == Engine::sqlite ? "sqlite_" : "postgres_";
                           return std::string(engine) + std::get<1>(parameters.param);
                         });

TEST_P(Crash, a_sign_in_that_was_answered_is_there) {
  around_every_commit([] { return 0; }, [&](int) { return log_in(native); },
                      [&](int, const Tokens& answer, bool answered) {
                        if (answered) {
                          EXPECT_EQ(refresh(native, answer.refresh_token()).status, 200);
                        }
                        EXPECT_EQ(log_in(native).status, 200);
                      });
}

TEST_P(Crash, a_rotation_without_leeway_succeeds_once) {
  around_every_commit([&] { return log_in(native).refresh_token(); },
                      [&](const std::string& token) { return refresh(native, token); },
                      [&](const std::string& token, const Tokens& answer, bool answered) {
                        if (answered) {
                          EXPECT_EQ(refresh(native, answer.refresh_token()).status, 200);
                          EXPECT_EQ(refresh(native, token).status, 403);
                          return;
                        }
                        const auto again = refresh(native, token);
                        EXPECT_EQ(again.status, point() == "before_commit" ? 200 : 403);
                        EXPECT_EQ(refresh(native, token).status, 403);
                      });
}

TEST_P(Crash, a_rotation_with_leeway_survives_a_lost_answer) {
  around_every_commit([&] { return log_in(patient).refresh_token(); },
                      [&](const std::string& token) { return refresh(patient, token); },
                      [&](const std::string& token, const Tokens& answer, bool answered) {
                        const auto again = refresh(patient, token);
                        EXPECT_EQ(again.status, 200);
                        if (answered) {
                          EXPECT_EQ(again.refresh_token(), answer.refresh_token());
                        }
                        EXPECT_EQ(refresh(patient, again.refresh_token()).status, 200);
                      });
}

TEST_P(Crash, an_exchange_that_was_answered_opens_the_web) {
  around_every_commit([&] { return log_in(patient).refresh_token(); },
                      [&](const std::string& token) { return exchange(patient, token); },
                      [&](const std::string& token, const Tokens& answer, bool answered) {
                        const auto again = exchange(patient, token);
                        EXPECT_EQ(again.status, 200);
                        if (answered) {
                          EXPECT_FALSE(open_with(answer.access_token()).parameter("code").empty());
                        }
                        EXPECT_FALSE(open_with(again.access_token()).parameter("code").empty());
                      });
}

TEST_P(Crash, a_session_transfer_token_opens_the_web_once) {
  std::map<std::string, std::string> cookies;
  around_every_commit([&] { return new_transfer(); },
                      [&](const std::string& transfer) {
                        auto browser = server->browser();
                        browser.plant("auth0_session_transfer_token", transfer);
                        auto page = browser.open(login_url());
                        cookies = browser.cookies();
                        return page;
                      },
                      [&](const std::string& transfer, const Page& page, bool answered) {
                        if (!answered) {
                          const bool absent = point() == "before_commit";
                          EXPECT_EQ(open_with(transfer).is_login_page(), !absent);
                          EXPECT_TRUE(open_with(transfer).is_login_page());
                          return;
                        }
                        EXPECT_TRUE(open_with(transfer).is_login_page());
                        EXPECT_EQ(redeem(page.parameter("code")).status, 200);
                        auto browser = server->browser();
                        browser.plant("auth0", cookies["auth0"]);
                        EXPECT_TRUE(browser.open(login_url()).left) << "the answered session is there";
                      });
}

TEST_P(Crash, a_code_is_exchanged_once) {
  around_every_commit([&] { return open_with(new_transfer()).parameter("code"); },
                      [&](const std::string& code) { return redeem(code); },
                      [&](const std::string& code, const Tokens& answer, bool answered) {
                        if (answered) {
                          EXPECT_EQ(refresh(web, answer.refresh_token()).status, 200);
                        } else {
                          EXPECT_EQ(redeem(code).status, point() == "before_commit" ? 200 : 403);
                        }
                        EXPECT_EQ(redeem(code).error(), "invalid_grant");
                      });
}

TEST_P(Crash, a_sign_in_page_is_finished_once) {
  struct Opened {
    Page page;
    std::map<std::string, std::string> cookies;
  };
  const auto submit = [&](const Opened& opened) {
    auto browser = server->browser();
    for (const auto& [name, value] : opened.cookies) browser.plant(name, value);
    return browser.submit_login(opened.page, ada);
  };
  around_every_commit(
      [&] {
        auto browser = server->browser();
        auto page = browser.open(login_url());
        return Opened{std::move(page), browser.cookies()};
      },
      submit,
      [&](const Opened& opened, const Page& end, bool answered) {
        if (answered) {
          EXPECT_EQ(redeem(end.parameter("code")).status, 200);
        }
        const auto again = submit(opened);
        if (answered) {
          EXPECT_EQ(again.parameter("code"), "");
        }
        // Without an answer the sign-in went through now, or had before; it never does twice.
        EXPECT_EQ(submit(opened).parameter("code"), "");
      });
}

// --- Log streams. ---

TEST(CrashOfLogStreams, rows_that_a_receiver_did_not_take_are_sent_after_the_restart) {
  std::atomic<int> status{500};
  CalledServer webhook([&](const http::Request&) { return http::empty_response(status); });
  Deployment deployment;
  const auto config = deployment.data() / "streams.toml";
  std::ofstream(config) << "[outbound]\nallow_private = true\nca_file = '" << webhook.ca_file() << "'\n";
  const auto start = [&] { return deployment.start("127.0.0.1:0", {"--config", config.string()}); };
  auto server = start();
  std::ifstream credentials_file(deployment.data() / "management-client.json");
  const auto credentials = json::parse(std::string(std::istreambuf_iterator<char>(credentials_file), {})).value().as_object();
  const auto text = [&](const char* name) { return json::find_string(credentials, name).value(); };
  const auto token = server->token(parameters({{"grant_type", "client_credentials"},
                                               {"client_id", text("client_id")},
                                               {"client_secret", text("client_secret")},
                                               {"audience", text("audience")}}));
  auto request = json_request(
      http::Method::post, "/api/v2/log-streams",
      json::object{{"type", "http"},
                   {"filters", json::array{json::object{{"type", "category"}, {"name", "auth.token_exchange.success"}}}},
                   {"sink", json::object{{"httpEndpoint", webhook.url("/logs")}}}});
  request.headers.set("authorization", "Bearer " + token.access_token());
  ASSERT_EQ(server->send(request).status, 200);
  ASSERT_EQ(server
                ->token(parameters({{"grant_type", "password"},
                                    {"client_id", deployment.native.client_id},
                                    {"username", deployment.ada.email},
                                    {"password", deployment.ada.password},
                                    {"scope", "openid"}}))
                .status,
            200);
  ASSERT_TRUE(webhook.was_asked(1));
  server->kill();
  const auto refused = webhook.requests();
  status = 200;
  server = start();
  server->advance(std::chrono::seconds(31));  // whoever had the stream was killed and cannot give it back
  ASSERT_TRUE(webhook.was_asked(refused.size() + 1));
  EXPECT_NE(webhook.requests()[refused.size()].body.find("\"type\":\"sepft\""), std::string::npos);
  EXPECT_NE(webhook.requests()[refused.size()].body.find(refused[0].body), std::string::npos) << "and what was refused before";
}

}  // namespace
}  // namespace segue::test
