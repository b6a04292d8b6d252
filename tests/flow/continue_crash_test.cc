// kill -9 around every commit of /continue, in servers whose Actions Node.js runs (design §8.1): what was answered is there; a
// state without an answer goes on once more or says that it cannot, and no two sign-ins come of one.
#include "crash.h"

namespace segue::test {
namespace {

constexpr const char* kTerms = R"js(
exports.onExecutePostLogin = async (event, api) => api.redirect.sendUserTo('https://site.example/terms');
exports.onContinuePostLogin = async (event, api) => api.user.setAppMetadata('terms', event.request.query.answer);
)js";

// A person who has been at the other site and comes back.
struct Away {
  Page page;
  std::map<std::string, std::string> cookies;
  std::size_t sessions = 0;  // the person had before
};

struct ContinueCrash : Crash {
  void SetUp() override {
    Crash::SetUp();
    if (IsSkipped()) return;
    if (const auto problem = bind_terms(); !problem.empty()) GTEST_SKIP() << problem;
  }
  // What keeps Actions from running here; nothing when they do.
  std::string bind_terms() const {
    if (!deployment->managed(*server, http::Method::get, "actions/actions").at("actions").as_array().empty()) return "";
    json::value made;
    try {
      made = deployment->managed(*server, http::Method::post, "actions/actions",
                                 json::object{{"name", "Terms"},
                                              {"supported_triggers", json::array{json::object{{"id", "post-login"}}}},
                                              {"code", kTerms},
                                              {"deploy", true}});
    } catch (const std::exception& refused) {
      return refused.what();
    }
    deployment->managed(
        *server, http::Method::patch, "actions/triggers/post-login/bindings",
        json::object{
            {"bindings", json::array{json::object{{"ref", {{"type", "action_id"}, {"value", made.at("id").as_string()}}}}}}});
    return "";
  }
  std::size_t sessions() const {
    const auto page = deployment->managed(*server, http::Method::get, "users/" + ada.user_id + "/sessions?take=100");
    return page.at("sessions").as_array().size();
  }
  Away send_away() const {
    auto browser = server->browser();
    auto page = browser.submit_login(browser.open(login_url()), ada);
    EXPECT_TRUE(page.url.starts_with("https://site.example/terms?state=")) << page.url;
    return {std::move(page), browser.cookies(), sessions()};
  }
  Page come_back(const Away& away) const {
    auto browser = server->browser();
    for (const auto& [name, value] : away.cookies) browser.plant(name, value);
    return browser.open("/continue?" + parameters({{"state", away.page.parameter("state")}, {"answer", "agreed"}}).encode());
  }
  static void expect_refused(const Page& page) {
    EXPECT_EQ(page.status, 400);
    EXPECT_FALSE(page.left) << page.url;
    EXPECT_NE(page.response.body.find("Go back to the application and sign in again."), std::string::npos) << page.response.body;
  }
};
INSTANTIATE_TEST_SUITE_P(Kill, ContinueCrash, every_kill(), kill_name);

TEST_P(ContinueCrash, a_person_who_comes_back_signs_in_once_or_is_told_to_begin_again) {
  around_every_commit([&] { return send_away(); }, [&](const Away& away) { return come_back(away); },
                      [&](const Away& away, const Page& end, bool answered) {
                        if (answered) {
                          EXPECT_EQ(redeem(end.parameter("code")).status, 200);
                          EXPECT_EQ(sessions(), away.sessions + 1);
                          const auto user = deployment->managed(*server, http::Method::get, "users/" + ada.user_id);
                          EXPECT_EQ(user.at("app_metadata").at("terms").as_string(), "agreed");
                        } else {
                          const auto again = come_back(away);
                          const bool goes_on = again.left;
                          if (goes_on) {
                            EXPECT_EQ(redeem(again.parameter("code")).status, 200) << again.url;
                          } else {
                            expect_refused(again);
                          }
                          EXPECT_LE(sessions(), away.sessions + 1) << "one sign-in at most";
                        }
                        expect_refused(come_back(away));
                        const auto anew = send_away();
                        EXPECT_FALSE(come_back(anew).parameter("code").empty()) << "the person can begin again";
                      });
}

}  // namespace
}  // namespace segue::test
