// The two Actions of the Native to Web documentation, as they stand there, run by Node.js (contract §1.15).
#include <gtest/gtest.h>

#include <filesystem>

#include "actions/runtime.h"
#include "http/caller_address.h"
#include "support/actions.h"
#include "support/geo_file.h"
#include "support/handoff.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

constexpr const char* kDenyAnotherCountry = R"js(
/**
 * Handler that will be called during the execution of a PostLogin flow.
 */
exports.onExecutePostLogin = async (event, api) => {
  if (event.session_transfer_token &&
      event.session_transfer_token.request.geoip.countryCode !== event.request.geoip.countryCode) {
    api.access.deny("Network mismatch detected");
  }
};
)js";

constexpr const char* kShortenTransferredSessions = R"js(
exports.onExecutePostLogin = async (event, api) => {
  if (!event.session_transfer_token) return;
  const minutes = 60 * 1000;
  const now = new Date(event.session.created_at).getTime();
  api.session.setExpiresAt(now + 60 * minutes);
  api.session.setIdleExpiresAt(now + 15 * minutes);
};
)js";

// The person's address as a trusted proxy tells it: two countries on loopback.
constexpr const char* kAtHome = "127.0.0.10";
constexpr const char* kAbroad = "127.0.1.10";

WorldOptions world_options(Runtime& runtime) {
  const auto city = runtime.folder / "city.mmdb";
  write_city_file(city, {{"127.0.0.0/24", "US"}, {"127.0.1.0/24", "DE"}});
  WorldOptions out;
  out.run_actions = [&runtime](base::TenantId tenant, const actions::Invocation& call) { return runtime.run(call, tenant); };
  out.geo_files.city = city;
  return out;
}

struct NativeToWebActions : ::testing::Test {
  Runtime runtime;
  // Binding by address would refuse before the Action is asked.
  Handoff h{{.world = world_options(runtime), .web_transfer = {{"enforce_device_binding", "none"}}}};

  std::string transfer_from(const std::string& address) {
    const auto refresh_token = h.sign_in();
    auto request = form_request("/oauth/token", parameters({{"grant_type", "refresh_token"},
                                                            {"client_id", h.native.client_id},
                                                            {"refresh_token", refresh_token},
                                                            {"audience", kTransferUrn}}));
    request.peer_address = address;
    return json::find_string(object_of(h.world.send(request)), "access_token").value();
  }
  Page redeem_from(const std::string& address, Browser& browser, const std::string& token) {
    browser.peer_address = address;
    return h.redeem(browser, token);
  }
};

bool signs_in(const Page& page) { return page.left && !page.parameter("code").empty(); }

TEST_F(NativeToWebActions, deny_a_redemption_from_another_country) {
  if (!runtime.runner->problem().empty()) GTEST_SKIP() << runtime.runner->problem();
  bind(h.world, "post-login", {{"Country", kDenyAnotherCountry}});
  auto browser = h.browser();
  const auto refused = redeem_from(kAbroad, browser, transfer_from(kAtHome));
  EXPECT_TRUE(tells(refused, "access_denied"));
  EXPECT_EQ(refused.parameter("error_description"), "Network mismatch detected");
  EXPECT_FALSE(browser.cookies().contains("auth0"));
  const auto row = h.only_row("f");
  EXPECT_EQ(text_of(row, "description"), "Network mismatch detected");
  EXPECT_EQ(detail_of(row, "triggered_by_session_transfer_token"), "true");

  auto at_home = h.browser();
  EXPECT_TRUE(signs_in(redeem_from(kAtHome, at_home, transfer_from(kAtHome))));
  // Where no database knows the address, both are undefined and equal.
  auto unknown = h.browser();
  EXPECT_TRUE(signs_in(redeem_from("192.0.2.1", unknown, transfer_from("192.0.2.2"))));
}

TEST_F(NativeToWebActions, shorten_a_session_that_began_with_a_transfer) {
  if (!runtime.runner->problem().empty()) GTEST_SKIP() << runtime.runner->problem();
  bind(h.world, "post-login", {{"Shorten", kShortenTransferredSessions}});
  auto browser = h.browser();
  ASSERT_TRUE(signs_in(redeem_from(kAtHome, browser, transfer_from(kAtHome))));
  auto session = h.stored_session(browser);
  EXPECT_EQ(session.expires_at, h.world.clock.now() + 60min);
  EXPECT_EQ(session.idle_expires_at, h.world.clock.now() + 15min);
  h.world.clock.advance(16min);
  EXPECT_EQ(h.sid_in(browser), "");

  auto by_hand = h.browser_of(h.ada);
  session = h.stored_session(by_hand);
  EXPECT_EQ(session.expires_at, h.world.clock.now() + 168h);
}

}  // namespace
}  // namespace segue::test
