// Many browsers' worth of /continue with one state: one goes on (design §8.1), on both engines.
#include <barrier>
#include <mutex>
#include <thread>

#include "action_redirect_flow.h"

namespace segue::test {
namespace {

constexpr int kParallel = 64;

struct ActionRedirectRaces : ::testing::TestWithParam<Engine> {
  void SetUp() override {
    if (GetParam() == Engine::postgres && !FreshDatabase::server_url()) GTEST_SKIP() << "no PostgreSQL";
    redirected = std::make_unique<Redirected>(GetParam());
    nodes = {&redirected->h.world.node(), &redirected->h.world.add_node()};
  }
  std::vector<Page> at_once(const Browser& browser, const std::string& url) {
    std::vector<Page> pages(kParallel);
    std::barrier start(kParallel);
    std::vector<std::thread> threads;
    for (int i = 0; i < kParallel; ++i) {
      threads.emplace_back([&, i] {
        Browser own(*nodes[static_cast<std::size_t>(i) % nodes.size()]);
        for (const auto& [name, value] : browser.cookies()) own.plant(name, value);
        start.arrive_and_wait();
        pages[static_cast<std::size_t>(i)] = own.open(url);
      });
    }
    for (auto& thread : threads) thread.join();
    return pages;
  }
  std::unique_ptr<Redirected> redirected;
  std::vector<Node*> nodes;
};
INSTANTIATE_TEST_SUITE_P(EveryEngine, ActionRedirectRaces, ::testing::Values(Engine::sqlite, Engine::postgres),
                         [](const auto& engine) { return engine.param == Engine::sqlite ? "sqlite" : "postgres_two_nodes"; });

TEST_P(ActionRedirectRaces, one_state_goes_on_once) {
  auto browser = redirected->h.browser();
  const auto away = redirected->send_away(browser);
  ASSERT_TRUE(is_away(away));
  int codes = 0, refused = 0;
  for (const auto& page : at_once(browser, continue_url(away))) {
    codes += signs_in(page) ? 1 : 0;
    refused += page.status == 400 ? 1 : 0;
  }
  EXPECT_EQ(codes, 1);
  EXPECT_EQ(refused, kParallel - 1);
  EXPECT_EQ(std::count(redirected->played.ran.begin(), redirected->played.ran.end(), "Terms goes on"), 1);
  EXPECT_EQ(redirected->h.world.logs("type:s").size(), 1u);
}

// Who held the first state must not go on with the second wait.
TEST_P(ActionRedirectRaces, the_state_of_one_site_never_goes_on_from_another) {
  redirected->played.scripts["Last"] = [](const actions::Invocation&, bool continues) -> std::vector<actions::Command> {
    if (continues) return {};
    return {{"redirect.sendUserTo", {"https://last.example/"}}};
  };
  auto browser = redirected->h.browser();
  const auto away = redirected->send_away(browser);
  int at_last = 0, codes = 0;
  Page last;
  for (const auto& page : at_once(browser, continue_url(away))) {
    codes += signs_in(page) ? 1 : 0;
    if (is_away(page, "https://last.example/")) ++at_last, last = page;
  }
  EXPECT_EQ(at_last, 1);
  EXPECT_EQ(codes, 0);
  EXPECT_TRUE(signs_in(browser.open(continue_url(last))));
}

}  // namespace
}  // namespace segue::test
