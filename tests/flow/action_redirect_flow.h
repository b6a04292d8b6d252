// Actions that send the person elsewhere, with a runner that plays them: each Action is a function of the test.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>

#include "support/actions.h"
#include "support/handoff.h"

namespace segue::test {

inline constexpr const char* kSite = "https://site.example/terms";

using Commands = std::vector<actions::Command>;

// What one Action asks for; `continues`: in onContinuePostLogin.
using Script = std::function<Commands(const actions::Invocation& call, bool continues)>;

// Runs the Actions of a call in their order and stops where the process would.
class PlayedActions {
 public:
  explicit PlayedActions(FakeRunner& runner) {
    runner.answer = [this](const actions::Invocation& call) { return play(call); };
  }
  std::map<std::string, Script> scripts;      // by name
  std::vector<std::string> ran = {};          // "Terms", "Terms goes on"
  std::optional<actions::Status> fails = {};  // instead of the next call

 private:
  actions::Outcome play(const actions::Invocation& call) {
    if (fails) return {.status = *std::exchange(fails, std::nullopt), .reason = "as the test wants"};
    actions::Outcome out{.status = actions::Status::ok};
    for (std::size_t i = 0; i < call.actions.size() && !out.stopped; ++i) {
      const auto name = call.actions[i].name.substr(0, call.actions[i].name.rfind('-'));
      const bool continues = i == 0 && call.first_function == "onContinuePostLogin";
      ran.push_back(continues ? name + " goes on" : name);
      const auto found = scripts.find(name);
      auto commands = found == scripts.end() ? std::vector<actions::Command>{} : found->second(call, continues);
      out.stopped = std::any_of(commands.begin(), commands.end(), [](const auto& each) {
        return each.method == "access.deny" || each.method == "redirect.sendUserTo";
      });
      out.results.push_back({.version_id = call.actions[i].version_id, .ok = true, .commands = std::move(commands)});
    }
    return out;
  }
};

inline bool signs_in(const Page& page) { return page.left && !page.parameter("code").empty(); }
inline bool is_away(const Page& page, std::string_view site = kSite) { return page.left && page.url.starts_with(site); }
inline std::string continue_url(const Page& away, const http::Parameters& more = {}) {
  auto query = more;
  query.add("state", away.parameter("state"));
  return "/continue?" + query.encode();
}

// "First" before, "Terms" which sends the person away and is content when they come back, "Last" behind it.
struct Redirected {
  FakeRunner runner;
  PlayedActions played{runner};
  Handoff h;

  explicit Redirected(Engine engine = Engine::sqlite) : h({.world = {.engine = engine, .run_actions = runner.run()}}) {
    played.scripts["Terms"] = [](const actions::Invocation&, bool continues) -> std::vector<actions::Command> {
      if (continues) return {};
      return {{"redirect.sendUserTo", {kSite, json::object{{"query", {{"lang", "de"}}}}}}};
    };
    rebind({"First", "Terms", "Last"});
  }
  void rebind(const std::vector<std::string>& names) {
    std::vector<BoundCode> bound;
    for (const auto& name : names) bound.push_back({name, "exports.onExecutePostLogin = async () => {};"});
    test::bind(h.world, "post-login", bound);
  }
  Page send_away(Browser& browser, const http::Parameters& more = {}) {
    const auto page = h.open(browser, more);
    return page.is_login_page() ? browser.submit_login(page, h.ada) : page;
  }
};

struct ActionRedirect : ::testing::Test, Redirected {
  // /continue does not go on: an error page, a row, and no session.
  void expect_refused(Browser& browser, const Page& page) {
    EXPECT_FALSE(page.left) << page.url;
    EXPECT_EQ(page.status, 400);
    EXPECT_FALSE(browser.cookies().contains("auth0"));
    const auto rows = h.world.logs("type:f");
    ASSERT_FALSE(rows.empty());
    EXPECT_NE(json::write(rows.front()).find("invalid_request"), std::string::npos);
  }
  json::array methods_of(const Browser& browser) {
    const auto shown = h.world.managed(http::Method::get, "sessions/" + h.stored_session(browser).sid).as_object();
    return json::find_object(shown, "authentication")->at("methods").as_array();
  }
};

}  // namespace segue::test
