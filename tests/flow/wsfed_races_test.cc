// A session transfer token beside requests of WS-Federation counts once, however many arrive at once (design §4 "Exactly once").
#include <gtest/gtest.h>

#include <barrier>
#include <thread>

#include "support/engines.h"
#include "wsfed_flow.h"

namespace segue::test {
namespace {

constexpr int kParallel = 24;

struct WsfedRaces : ::testing::TestWithParam<Engine> {
  WsfedFlow f{{}, {.world = {.engine = GetParam()}}};
};

TEST_P(WsfedRaces, spend_one_token_once_over_many_requests) {
  const auto url = f.ask() + "&session_transfer_token=" + f.h.transfer();
  std::vector<Page> pages(kParallel);
  std::barrier start(kParallel);
  std::vector<std::thread> all;
  for (auto& page : pages) {
    all.emplace_back([&] {
      auto browser = f.h.browser();
      start.arrive_and_wait();
      page = browser.open(url);
    });
  }
  for (auto& each : all) each.join();
  int signed_in = 0, asked = 0;
  for (const auto& page : pages) {
    if (page.is_login_page()) {
      ++asked;
    } else if (WsfedFlow::read(page).name_id() == f.h.ada.user_id) {
      ++signed_in;
    }
  }
  EXPECT_EQ(signed_in, 1);
  EXPECT_EQ(asked, kParallel - 1);
}

INSTANTIATE_TEST_SUITE_P(engines, WsfedRaces, ::testing::ValuesIn(engines()),
                         [](const auto& engine) { return engine.param == Engine::sqlite ? "sqlite" : "postgres"; });

}  // namespace
}  // namespace segue::test
