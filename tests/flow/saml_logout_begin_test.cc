// How a sign-out begins (contract §5.3, §5.8; docs/decisions/0041): which session a service provider's request is about, who may
// lead the browser on, and what a request that comes twice or half has done.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "saml_logout_flow.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

namespace status = saml_messages::status;
using http::Method;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Begin : ::testing::Test {
  SamlLogout s;
  World& world = s.world;
  Party a = s.add("a"), b = s.add("b");
  Browser browser = s.h.browser();

  void SetUp() override {
    for (auto* party : {&a, &b}) s.sign_in(browser, *party);
  }
  // Another session of the same person in the same browser.
  void sign_in_again() {
    const auto login = s.h.open(browser, parameters({{"prompt", "login"}}));
    ASSERT_TRUE(login.is_login_page());
    browser.submit_login(login, s.h.ada);
  }
  // Log rows that say who was not told.
  std::vector<json::object> untold_rows() {
    auto rows = world.logs("type:flo");
    std::erase_if(rows, [](const auto& row) { return text_of(row, "description").find("Not told: ") == std::string::npos; });
    return rows;
  }
};

// --- Which session. ---

TEST_F(Begin, of_a_service_provider_that_signed_in_before_the_next_sign_in_ends_the_session_that_lives) {
  for (const std::string index : {"", "-"}) {
    sign_in_again();
    const auto cookie = browser.cookies().at("auth0");
    auto page = browser.open(s.logout_link(a, {.id = "_l" + index, .index = index}));
    auto again = s.h.browser();
    again.plant("auth0", cookie);
    EXPECT_EQ(s.h.sid_in(again), "") << "with the index: " << index;
    ASSERT_TRUE(s.is_at(page, b)) << page.url << page.response.body;
    page = s.answer(browser, b, page);
    ASSERT_TRUE(s.is_at(page, a));
    const auto answer = s.read_response(page);
    EXPECT_EQ(answer.status.code, status::kSuccess);
    EXPECT_EQ(answer.status.sub_code, "");
    for (auto* party : {&a, &b}) s.sign_in(browser, *party);
  }
  EXPECT_THAT(world.logs("type:slo"), SizeIs(2));
}

TEST_F(Begin, of_a_service_provider_whose_session_was_replaced_twice_ends_the_last_one) {
  sign_in_again();
  sign_in_again();
  const auto page = browser.open(s.logout_link(a));
  EXPECT_TRUE(s.is_at(page, b)) << page.url;
  EXPECT_THAT(world.logs("type:slo"), SizeIs(1));
}

}  // namespace
}  // namespace segue::test
