// A SAML request and the token beside it count once, however many arrive at once (design §4 "Exactly once").
#include <gtest/gtest.h>

#include <barrier>
#include <thread>

#include "saml_flow.h"
#include "support/engines.h"

namespace segue::test {
namespace {

constexpr int kParallel = 24;

struct SamlRaces : ::testing::TestWithParam<Engine> {
  SamlFlow f{{}, {.world = {.engine = GetParam()}}};

  // The URLs, each opened in a browser of its own, all at once.
  std::vector<Page> at_once(const std::vector<std::string>& urls) {
    std::vector<Page> pages(urls.size());
    std::barrier start(static_cast<std::ptrdiff_t>(urls.size()));
    std::vector<std::thread> all;
    for (std::size_t i = 0; i < urls.size(); ++i) {
      all.emplace_back([&, i] {
        auto browser = f.h.browser();
        start.arrive_and_wait();
        pages[i] = browser.open(urls[i]);
      });
    }
    for (auto& each : all) each.join();
    return pages;
  }
};

TEST_P(SamlRaces, take_one_request_once) {
  const auto pages = at_once(std::vector<std::string>(kParallel, f.redirect()));
  int begun = 0, told = 0;
  for (const auto& page : pages) {
    if (page.is_login_page()) {
      ++begun;
    } else if (SamlFlow::read(page).status() == saml_messages::status::kRequester) {
      ++told;
    }
  }
  EXPECT_EQ(begun, 1);
  EXPECT_EQ(told, kParallel - 1);
}

TEST_P(SamlRaces, spend_one_token_once_over_many_requests) {
  const auto token = f.h.transfer();
  std::vector<std::string> urls;
  for (int i = 0; i < kParallel; ++i)
    urls.push_back(f.redirect({.id = "_r" + std::to_string(i)}, "&session_transfer_token=" + token));
  int signed_in = 0, asked = 0;
  for (const auto& page : at_once(urls)) {
    if (page.is_login_page()) {
      ++asked;
    } else if (SamlFlow::read(page).name_id() == f.h.ada.user_id) {
      ++signed_in;
    }
  }
  EXPECT_EQ(signed_in, 1);
  EXPECT_EQ(asked, kParallel - 1);
}

INSTANTIATE_TEST_SUITE_P(engines, SamlRaces, ::testing::ValuesIn(engines()),
                         [](const auto& engine) { return engine.param == Engine::sqlite ? "sqlite" : "postgres"; });

}  // namespace
}  // namespace segue::test
