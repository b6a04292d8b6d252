// kill -9 around every commit of what spends or makes a secret (design §8.1, §8.5): what was answered is there after the restart,
// what was spent for an answer is spent, and a request without an answer happened entirely or not at all.
#include <atomic>
#include <fstream>
#include <iterator>

#include "crash.h"
#include "support/called_server.h"

namespace segue::test {
namespace {

INSTANTIATE_TEST_SUITE_P(Kill, Crash, every_kill(), kill_name);

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
  deployment.managed(
      *server, http::Method::post, "log-streams",
      json::object{{"type", "http"},
                   {"filters", json::array{json::object{{"type", "category"}, {"name", "auth.token_exchange.success"}}}},
                   {"sink", json::object{{"httpEndpoint", webhook.url("/logs")}}}});
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
