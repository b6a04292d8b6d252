// What the Actions of one sign-in decide before and behind a redirect comes together (contract §8.3, §8.5).
#include "action_redirect_flow.h"
#include "base/bytes.h"
#include "crypto/digest.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST_F(ActionRedirect, leads_nowhere_when_the_action_denies_then) {
  played.scripts["First"] = [](const auto&, bool) -> Commands { return {{"user.setUserMetadata", {"color", "red"}}}; };
  played.scripts["Terms"] = [](const auto&, bool continues) -> Commands {
    if (continues) return {{"access.deny", {"Not agreed."}}};
    return {{"redirect.sendUserTo", {kSite}}};
  };
  auto browser = h.browser();
  const auto page = browser.open(continue_url(send_away(browser)));
  EXPECT_TRUE(tells(page, "access_denied"));
  EXPECT_EQ(page.parameter("error_description"), "Not agreed.");
  EXPECT_EQ(page.parameter("state"), "s-1");
  EXPECT_FALSE(browser.cookies().contains("auth0"));
  const auto row = h.only_row("f");
  EXPECT_EQ(text_of(row, "description"), "Not agreed.");
  EXPECT_EQ(text_of(row, "user_id"), h.ada.user_id);
  const auto user = h.world.managed(http::Method::get, "users/" + h.ada.user_id).as_object();
  EXPECT_TRUE(json::object_or_empty(user, "user_metadata").empty());
}

TEST_F(ActionRedirect, ends_when_the_action_cannot_run_then) {
  for (const auto& [status, error] : {std::pair{actions::Status::timed_out, "access_denied"},
                                      std::pair{actions::Status::unavailable, "temporarily_unavailable"}}) {
    auto browser = h.browser();
    const auto away = send_away(browser);
    played.fails = status;
    EXPECT_TRUE(tells(browser.open(continue_url(away)), error));
    EXPECT_FALSE(browser.cookies().contains("auth0"));
    EXPECT_EQ(browser.open(continue_url(away)).status, 400);
  }
  EXPECT_EQ(h.world.logs("type:actions_execution_failed").size(), 2u);
}

TEST_F(ActionRedirect, keeps_what_was_wanted_before_it_and_takes_the_last_word_behind_it) {
  played.scripts["First"] = [&](const auto&, bool) -> Commands {
    return {{"session.setExpiresAt", {base::to_millis(h.world.clock.now() + 1h)}},
            {"session.setMetadata", {"a", "1"}},
            {"session.setMetadata", {"b", "1"}},
            {"user.setAppMetadata", {"terms", 1}}};
  };
  played.scripts["Last"] = [&](const auto&, bool) -> Commands {
    return {{"session.setExpiresAt", {base::to_millis(h.world.clock.now() + 5h)}},
            {"session.deleteMetadata", {"b"}},
            {"user.setAppMetadata", {"terms", 2}}};
  };
  auto browser = h.browser();
  ASSERT_TRUE(signs_in(browser.open(continue_url(send_away(browser)))));
  EXPECT_EQ(h.stored_session(browser).expires_at, h.world.clock.now() + 1h);
  const auto shown = h.world.managed(http::Method::get, "sessions/" + h.stored_session(browser).sid).as_object();
  EXPECT_EQ(json::write(*json::find(shown, "session_metadata")), R"({"a":"1"})");
  const auto user = h.world.managed(http::Method::get, "users/" + h.ada.user_id).as_object();
  EXPECT_EQ(json::write(*json::find(user, "app_metadata")), R"({"terms":2})");
}

TEST_F(ActionRedirect, records_the_method_that_the_person_went_through) {
  static constexpr const char* kMethod = "https://site.example/methods/face@2";
  played.scripts["Terms"] = [](const auto&, bool continues) -> Commands {
    if (continues) return {{"authentication.recordMethod", {kMethod}}};
    return {{"redirect.sendUserTo", {kSite}}};
  };
  auto browser = h.browser();
  ASSERT_TRUE(signs_in(browser.open(continue_url(send_away(browser)))));
  auto methods = methods_of(browser);
  ASSERT_EQ(methods.size(), 2u);
  EXPECT_EQ(json::find_string(methods[1].as_object(), "name"), kMethod);
  // A later sign-in is told of it, and what is gone through again stands once.
  h.world.clock.advance(1min);
  const auto away = h.open(browser);
  EXPECT_THAT(runner.in_event("authentication.methods"), HasSubstr(kMethod));
  ASSERT_TRUE(signs_in(browser.open(continue_url(away))));
  methods = methods_of(browser);
  ASSERT_EQ(methods.size(), 2u);
  EXPECT_EQ(json::find_string(methods[1].as_object(), "timestamp"), base::to_iso8601(h.world.clock.now()));
}

TEST_F(ActionRedirect, records_no_method_before_it_and_none_that_is_no_url) {
  played.scripts["First"] = [](const auto&, bool) -> Commands {
    return {{"authentication.recordMethod", {"https://a.example/m"}}};
  };
  auto browser = h.browser();
  const auto page = send_away(browser);
  EXPECT_TRUE(tells(page, "access_denied"));
  EXPECT_THAT(page.parameter("error_description"), HasSubstr("onContinuePostLogin only"));
  played.scripts.erase("First");
  played.scripts["Terms"] = [](const auto&, bool continues) -> Commands {
    if (continues) return {{"authentication.recordMethod", {"face"}}};
    return {{"redirect.sendUserTo", {kSite}}};
  };
  auto other = h.browser();
  EXPECT_TRUE(tells(other.open(continue_url(send_away(other))), "access_denied"));
}

TEST_F(ActionRedirect, keeps_transaction_metadata_within_its_limits) {
  played.scripts["First"] = [](const auto&, bool) -> Commands {
    return {{"transaction.setMetadata", {"a", std::string(8000, 'x')}},
            {"transaction.setMetadata", {"b", std::string(8000, 'x')}}};
  };
  auto browser = h.browser();
  ASSERT_TRUE(is_away(send_away(browser)));
  played.scripts["First"] = [](const auto&, bool) -> Commands {
    return {{"transaction.setMetadata", {std::string(65, 'k'), 1}}};
  };
  auto other = h.browser();
  EXPECT_TRUE(tells(send_away(other), "access_denied"));
}

TEST_F(ActionRedirect, is_no_factor_that_a_handoff_carries_over) {
  played.scripts["Terms"] = [](const auto&, bool continues) -> Commands {
    if (continues) return {{"authentication.recordMethod", {"https://site.example/face"}}};
    return {{"redirect.sendUserTo", {kSite}}};
  };
  constexpr const char* kAppCallback = "https://native.example/callback";
  h.world.managed(http::Method::patch, "clients/" + h.native.client_id, {{"callbacks", json::array{kAppCallback}}});
  auto browser = h.browser();
  const std::string verifier(43, 'v');
  const auto challenge = base::base64url(crypto::sha256(verifier));
  const auto login = browser.open(authorize_url(
      h.native, kAppCallback,
      parameters({{"scope", "openid offline_access"}, {"code_challenge", challenge}, {"code_challenge_method", "S256"}})));
  const auto page = browser.open(continue_url(browser.submit_login(login, h.ada)));
  ASSERT_TRUE(signs_in(page)) << page.url;
  EXPECT_EQ(methods_of(browser).size(), 2u);
  const auto refresh_token = h.world
                                 .token_request(parameters({{"grant_type", "authorization_code"},
                                                            {"client_id", h.native.client_id},
                                                            {"code", page.parameter("code")},
                                                            {"code_verifier", verifier},
                                                            {"redirect_uri", kAppCallback}}))
                                 .refresh_token();
  rebind({});
  auto second = h.browser();
  ASSERT_TRUE(signs_in(h.redeem(second, h.transfer_of(refresh_token))));
  ASSERT_EQ(methods_of(second).size(), 1u);
  EXPECT_EQ(json::find_string(methods_of(second)[0].as_object(), "name"), "pwd");
}

}  // namespace
}  // namespace segue::test
