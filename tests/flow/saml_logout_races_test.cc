// Single logout under concurrency, on both engines: two logouts at once tell nobody twice, an answer moves a logout on once, and
// a sign-in that races a logout is either refused or told of it.
#include <gtest/gtest.h>

#include <barrier>
#include <thread>

#include "saml_logout_flow.h"
#include "support/engines.h"

namespace segue::test {
namespace {

namespace status = saml_messages::status;

constexpr int kThreads = 16;

struct LogoutRaces : ::testing::TestWithParam<Engine> {
  SamlLogout s{{.world = {.engine = GetParam()}}};
  Party a = s.add("a"), b = s.add("b");
  Browser browser = s.h.browser();

  void SetUp() override {
    for (auto* party : {&a, &b}) s.sign_in(browser, *party);
  }
  // Each address opened by a browser of its own with the same cookies, at once.
  struct Opened {
    Browser browser;
    Page page;
  };
  std::vector<Opened> at_once(const std::vector<std::string>& urls) {
    std::vector<Opened> out;
    for (std::size_t k = 0; k < urls.size(); ++k) out.push_back({browser, {}});
    std::barrier start(static_cast<std::ptrdiff_t>(urls.size()));
    std::vector<std::thread> threads;
    for (std::size_t k = 0; k < urls.size(); ++k) {
      threads.emplace_back([&, k] {
        start.arrive_and_wait();
        out[k].page = out[k].browser.open(urls[k]);
      });
    }
    for (auto& thread : threads) thread.join();
    return out;
  }
  int asked(const std::vector<Opened>& opened, const Party& party) const {
    int out = 0;
    for (const auto& each : opened)
      out += s.is_at(each.page, party) && each.page.url.find("SAMLRequest=") != std::string::npos ? 1 : 0;
    return out;
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, LogoutRaces, ::testing::ValuesIn(engines()),
                         [](const auto& engine) { return engine.param == Engine::sqlite ? "sqlite" : "postgres"; });

TEST_P(LogoutRaces, of_many_logouts_at_once_one_leads_through_the_service_providers) {
  const auto pages = at_once(std::vector<std::string>(kThreads, s.v2_logout()));
  EXPECT_EQ(asked(pages, a) + asked(pages, b), 1);
  EXPECT_EQ(s.world.logs("type:slo").size(), 1u);
}

TEST_P(LogoutRaces, of_two_service_providers_that_begin_at_once_one_ends_the_session) {
  std::vector<std::string> urls;
  for (int k = 0; k < kThreads; ++k) urls.push_back(s.logout_link(k % 2 == 0 ? a : b, {.id = "_l" + std::to_string(k)}));
  const auto pages = at_once(urls);
  EXPECT_EQ(asked(pages, a) + asked(pages, b), 1);
  EXPECT_EQ(s.world.logs("type:slo").size(), 1u);
  for (const auto& each : pages) EXPECT_TRUE(each.page.left) << each.page.response.body;
}

TEST_P(LogoutRaces, a_request_that_comes_many_times_counts_once) {
  const auto pages = at_once(std::vector<std::string>(kThreads, s.logout_link(a)));
  EXPECT_EQ(asked(pages, b), 1);
  EXPECT_EQ(s.world.logs("type:slo").size(), 1u);
  int before = 0;
  for (const auto& each : pages) before += each.page.response.body.find("was sent before") != std::string::npos ? 1 : 0;
  EXPECT_EQ(before, kThreads - 1);
}

TEST_P(LogoutRaces, of_a_session_that_has_expired_one_leads_through_the_service_providers) {
  s.world.clock.advance(std::chrono::hours(24 * 30));
  const auto pages = at_once(std::vector<std::string>(kThreads, s.v2_logout()));
  EXPECT_EQ(asked(pages, a) + asked(pages, b), 1);
}

TEST_P(LogoutRaces, an_answer_that_comes_many_times_moves_the_logout_on_once) {
  const auto page = browser.open(s.v2_logout());
  const auto& first = s.is_at(page, a) ? a : b;
  const auto& second = s.is_at(page, a) ? b : a;
  const auto pages = at_once(std::vector<std::string>(kThreads, s.answer_link(first, page)));
  EXPECT_EQ(asked(pages, second), 1);
}

TEST_P(LogoutRaces, an_answer_that_failed_is_logged_by_whoever_moves_the_logout_on) {
  const auto page = browser.open(s.v2_logout());
  const auto& first = s.is_at(page, a) ? a : b;
  const auto& second = s.is_at(page, a) ? b : a;
  const auto link = s.answer_link(first, page, {.status = std::string(status::kResponder)});
  const auto pages = at_once(std::vector<std::string>(kThreads, link));
  EXPECT_EQ(asked(pages, second), 1);
  EXPECT_EQ(s.world.logs("type:flo").size(), 1u);
}

TEST_P(LogoutRaces, a_person_that_goes_on_many_times_at_once_has_nobody_asked_under_two_ids) {
  const auto page = browser.open(s.v2_logout());
  const auto& first = s.is_at(page, a) ? a : b;
  const auto& second = s.is_at(page, a) ? b : a;
  const auto way_on = "/u/logout?state=" + s.read_request(page).relay_state;
  const auto pages = at_once(std::vector<std::string>(kThreads, way_on));
  // The same request again, the next one's, or a page. Never a second request to anybody.
  std::set<std::string> ids;
  for (const auto& each : pages) {
    if (each.page.left) ids.insert(s.read_request(each.page).request.header.id);
  }
  EXPECT_GE(asked(pages, first), 1);
  EXPECT_LE(ids.size(), 2u);
  auto mine = browser;
  const auto next = asked(pages, second) > 0 ? mine.open(way_on) : s.answer(mine, first, page);
  ASSERT_TRUE(s.is_at(next, second)) << next.url << next.response.body;
  EXPECT_EQ(s.answer(mine, second, next).url, kAfterLogout);
}

TEST_P(LogoutRaces, a_sign_in_at_a_service_provider_is_refused_or_told_of_the_logout) {
  for (int round = 0; round < 8; ++round) {
    s.sign_in(browser, a);
    const auto name = "c" + std::to_string(round);
    const auto c = s.add(name);
    const auto request = s.f.authn_request({.id = "_race" + std::to_string(round),
                                            .issuer = "sp",
                                            .consumer = "https://" + name + ".example/callback",
                                            .destination = s.url_of(c)});
    const auto sign_in = saml_messages::redirect_to(s.url_of(c), saml_messages::MessageKind::request, request, std::nullopt,
                                                    saml_messages::RedirectSignature{service_provider_key().key});
    auto opened = at_once({sign_in, s.v2_logout()});
    bool is_told = false;
    auto page = opened[1].page;
    while (page.left && page.url != kAfterLogout) {
      const auto& party = s.is_at(page, a) ? a : s.is_at(page, b) ? b : c;
      is_told |= &party == &c;
      page = s.answer(opened[1].browser, party, page);
    }
    const auto& answer = opened[0].page;
    const bool is_signed_in = !answer.field("SAMLResponse").empty() && SamlFlow::read(answer).status() == status::kSuccess;
    EXPECT_TRUE(!is_signed_in || is_told);
  }
}

}  // namespace
}  // namespace segue::test
