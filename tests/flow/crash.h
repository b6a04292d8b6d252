// kill -9 around every commit of a request (design §8.1, §8.5), on one data folder that goes from server to server.
#pragma once
#include <gtest/gtest.h>

#include <map>
#include <tuple>

#include "deployment.h"
#include "openid.h"
#include "support/fresh_database.h"

namespace segue::test {

inline constexpr int kMostCommits = 12;  // of one request

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

  inline static std::unique_ptr<FreshDatabase> database;
  inline static std::map<Engine, std::unique_ptr<Deployment>> deployments;  // one data folder serves all tests of an engine
  Deployment* deployment = nullptr;
  Client native, patient, web;
  User ada;
  std::unique_ptr<ServerProcess> server;
};

inline auto every_kill() {
  return ::testing::Combine(::testing::Values(Engine::sqlite, Engine::postgres),
                            ::testing::Values("before_commit", "after_commit"));
}
inline std::string kill_name(const ::testing::TestParamInfo<Crash::ParamType>& parameters) {
  const auto engine = std::get<0>(parameters.param) == Engine::sqlite ? "sqlite_" : "postgres_";
  return std::string(engine) + std::get<1>(parameters.param);
}

}  // namespace segue::test
