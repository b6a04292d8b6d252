// The device flow: POST /oauth/device/code, the pages at /activate, and the polls (RFC 8628, contract §3.3, §3.4, §5.4).
#include "openid.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

constexpr const char* kGrant = "urn:ietf:params:oauth:grant-type:device_code";
constexpr const char* kPending = "User has yet to authorize device code.";
constexpr const char* kInvalid = "Invalid or expired device code.";
constexpr const char* kDenied = "The sign-in was cancelled or denied.";

struct Device : OpenId {
  explicit Device(WorldOptions options = {}) : OpenId(options) {}
  Client tv = world.native_client({{"name", "Living room"}, {"grant_types", json::array{kGrant, "refresh_token"}}});

  Tokens start(const http::Parameters& more = {}) { return start(tv, more); }
  Tokens start(const Client& client, const http::Parameters& more = {}) {
    auto form = parameters({{"client_id", client.client_id}, {"scope", "openid profile offline_access"}});
    for (const auto& [name, value] : more.pairs()) {
      form.remove(name);
      if (!value.empty()) form.add(name, value);
    }
    const auto response = world.send(form_request("/oauth/device/code", form));
    return {response.status, object_of(response)};
  }
  Tokens poll(const Tokens& device) { return poll(tv, device.text("device_code")); }
  Tokens poll(const Client& client, const std::string& device_code) {
    auto form = parameters({{"grant_type", kGrant}, {"client_id", client.client_id}, {"device_code", device_code}});
    if (!client.client_secret.empty()) form.add("client_secret", client.client_secret);
    return world.token_request(form);
  }
  Page enter(const std::string& user_code) { return enter(browser, user_code); }
  Page enter(Browser& at, const std::string& user_code) {
    const auto page = at.open("/activate");
    return at.submit(page, parameters({{"csrf", page.field("csrf")}, {"user_code", user_code}}));
  }
  static bool asks(const Page& page) { return page.status == 200 && page.form_action() == "/activate/confirm"; }
  Page decide(const Page& page, const std::string& decision) { return decide(browser, page, decision); }
  static Page decide(Browser& at, const Page& page, const std::string& decision) {
    return at.submit(page,
                     parameters({{"csrf", page.field("csrf")}, {"user_code", page.field("user_code")}, {"decision", decision}}));
  }
  // From the code to the end of the sign-in.
  Page activate(const Tokens& device) {
    auto page = decide(enter(device.text("user_code")), "allow");
    return page.is_login_page() ? browser.submit_login(page, ada) : page;
  }
  static std::string without_dash(std::string user_code) { return user_code.erase(4, 1); }
  static bool connected(const Page& page) {
    return page.status == 200 && page.response.body.find("Your device is connected") != std::string::npos;
  }
};

TEST_F(Device, gets_a_code_to_show_and_where_to_type_it) {
  const auto device = start();
  ASSERT_EQ(device.status, 200) << json::write(device.body);
  EXPECT_TRUE(device.text("device_code").starts_with("dev_"));
  const auto user_code = device.text("user_code");
  EXPECT_EQ(user_code.size(), 9u);
  EXPECT_EQ(device.text("verification_uri"), std::string(kIssuer) + "activate");
  EXPECT_EQ(device.text("verification_uri_complete"), std::string(kIssuer) + "activate?user_code=" + user_code);
  EXPECT_EQ(json::find_integer(device.body, "expires_in"), 900);
  EXPECT_EQ(json::find_integer(device.body, "interval"), 5);
  const auto page = browser.open("/activate?user_code=" + user_code);
  EXPECT_EQ(page.field("user_code"), user_code);
}

TEST_F(Device, signs_a_person_in_who_typed_the_code_and_compared_it) {
  const auto device = start();
  expect_refused(poll(device), 403, "authorization_pending", kPending);
  auto typed = base::ascii_lower(device.text("user_code"));
  typed.erase(4, 1);
  const auto page = enter(typed);
  ASSERT_TRUE(asks(page)) << page.response.body;
  EXPECT_NE(page.response.body.find("Living room"), std::string::npos);
  EXPECT_NE(page.response.body.find("<code>" + device.text("user_code") + "</code>"), std::string::npos);
  const auto login = decide(page, "allow");
  ASSERT_TRUE(login.is_login_page()) << login.response.body;
  EXPECT_TRUE(connected(browser.submit_login(login, ada)));
  const auto tokens = poll(device);
  ASSERT_EQ(tokens.status, 200) << json::write(tokens.body);
  EXPECT_EQ(claim(tokens.text("id_token"), "sub"), ada.user_id);
  EXPECT_FALSE(claim(tokens.text("id_token"), "sid").empty());
  EXPECT_EQ(world.refresh(tv, tokens.refresh_token()).status, 200);
  const auto row = world.logs("type:sede").at(0);
  EXPECT_EQ(json::find_string(row, "user_id"), ada.user_id);
  EXPECT_FALSE(json::find_string(*json::find_object(row, "details"), "access_token_jti").value_or("").empty());
  EXPECT_EQ(count_logs("type:s"), 1u);
  expect_refused(poll(device), 403, "invalid_grant", kInvalid);
}

TEST_F(Device, needs_no_password_where_the_browser_is_signed_in_but_always_a_yes) {
  sign_in();
  const auto device = start();
  const auto page = enter(device.text("user_code"));
  EXPECT_EQ(poll(device).error(), "authorization_pending");
  EXPECT_TRUE(connected(decide(page, "allow")));
  EXPECT_EQ(poll(device).status, 200);
}

TEST_F(Device, opens_the_web_signed_in_with_what_it_got) {
  const auto device = start();
  activate(device);
  const auto tokens = poll(device);
  const auto transfer = world.exchange(tv, tokens.refresh_token());
  ASSERT_EQ(transfer.status, 200) << json::write(transfer.body);
  Browser other(world.node());
  other.plant("auth0_session_transfer_token", transfer.access_token());
  EXPECT_FALSE(other.open(authorize_url(web, kCallback)).parameter("code").empty());
}

TEST_F(Device, gets_what_it_asked_for_and_no_more) {
  create_api({{"allow_offline_access", true}});
  const auto device = start(parameters({{"audience", kApi}, {"scope", "openid read:books write:nothing offline_access"}}));
  activate(device);
  const auto tokens = poll(device);
  EXPECT_EQ(claims_of(tokens.access_token()).at("scope").as_string(), "openid read:books offline_access");
  const auto modest = start(parameters({{"scope", "openid"}}));
  activate(modest);
  EXPECT_EQ(poll(modest).refresh_token(), "");
}

TEST_F(Device, is_told_when_the_person_said_no) {
  const auto device = start();
  const auto end = decide(enter(device.text("user_code")), "deny");
  EXPECT_NE(end.response.body.find("You said no"), std::string::npos);
  expect_refused(poll(device), 403, "access_denied", kDenied);
  expect_refused(poll(device), 403, "access_denied", kDenied);
  EXPECT_EQ(count_logs("type:fdecc"), 1u);
  EXPECT_EQ(count_logs("type:fede"), 2u);
  EXPECT_FALSE(asks(enter(device.text("user_code"))));
}

TEST_F(Device, is_told_once_that_its_code_expired) {
  const auto device = start();
  world.clock.advance(900s);
  EXPECT_FALSE(asks(enter(device.text("user_code"))));
  EXPECT_EQ(poll(device).error(), "expired_token");
  expect_refused(poll(device), 403, "invalid_grant", kInvalid);
}

TEST_F(Device, may_come_too_late_for_an_approval) {
  const auto device = start();
  activate(device);
  world.clock.advance(11min);
  EXPECT_EQ(poll(device).error(), "expired_token");
  expect_refused(poll(device), 403, "invalid_grant", kInvalid);
}

TEST_F(Device, is_slowed_down_when_it_asks_too_often) {
  const auto device = start();
  EXPECT_EQ(poll(device).error(), "authorization_pending");
  world.clock.advance(4s);
  expect_refused(poll(device), 429, "slow_down", "You are polling faster than the specified interval of 5 seconds.");
  world.clock.advance(9s);
  expect_refused(poll(device), 429, "slow_down", "You are polling faster than the specified interval of 10 seconds.");
  world.clock.advance(15s);
  EXPECT_EQ(poll(device).error(), "authorization_pending");
  activate(device);
  EXPECT_EQ(poll(device).status, 200) << "nobody waits for what is there";
}

TEST_F(Device, keeps_its_code_to_itself) {
  const auto device = start();
  const auto other = world.native_client({{"grant_types", json::array{kGrant, "refresh_token"}}});
  activate(device);
  expect_refused(poll(other, device.text("device_code")), 403, "invalid_grant", kInvalid);
  auto guessed = device.text("device_code");
  guessed.back() = guessed.back() == 'A' ? 'Q' : 'A';
  expect_refused(poll(tv, guessed), 403, "invalid_grant", kInvalid);
  expect_refused(poll(tv, device.text("user_code")), 403, "invalid_grant", kInvalid);
  EXPECT_EQ(poll(device).status, 200);
}

TEST_F(Device, is_for_native_applications_without_a_secret_that_have_the_grant) {
  const auto without = world.native_client();
  EXPECT_EQ(start(without).error(), "unauthorized_client");
  const auto confidential = world.web_client("https://other.example", {{"grant_types", json::array{kGrant}}});
  EXPECT_EQ(start(confidential, parameters({{"client_secret", confidential.client_secret}})).error(), "unauthorized_client");
  EXPECT_EQ(poll(confidential, "x").error(), "unauthorized_client");
  EXPECT_EQ(start(parameters({{"client_id", "nobody"}})).status, 401);
  EXPECT_EQ(start(parameters({{"audience", "https://unknown.example"}})).error(), "access_denied");
  EXPECT_EQ(count_logs("type:fdeaz"), 4u);

  // What the client may no longer do, a device that has begun may not finish.
  const auto device = start();
  activate(device);
  patch_client(tv, {{"grant_types", json::array{"refresh_token"}}});
  EXPECT_EQ(poll(device).error(), "unauthorized_client");
}

TEST_F(Device, gets_nothing_when_the_sign_in_does_not_stand_any_more) {
  const auto blocked = start();
  activate(blocked);
  world.managed(http::Method::patch, "users/" + ada.user_id, json::object{{"blocked", true}});
  EXPECT_EQ(poll(blocked).status, 403);
  EXPECT_EQ(count_logs("type:sede"), 0u);
  world.managed(http::Method::patch, "users/" + ada.user_id, json::object{{"blocked", false}});
  expect_refused(poll(blocked), 403, "invalid_grant", kInvalid);

  const auto signed_out = start();
  activate(signed_out);
  browser.open("/v2/logout");
  expect_refused(poll(signed_out), 403, "invalid_grant", kInvalid);
}

TEST_F(Device, takes_codes_only_from_its_own_pages) {
  const auto device = start();
  const auto page = browser.open("/activate");
  expect_page(browser.submit(page, parameters({{"user_code", device.text("user_code")}})), 400, "This page has expired");
  browser.extra.set("origin", "https://evil.example");
  expect_page(browser.submit(page, parameters({{"csrf", page.field("csrf")}, {"user_code", device.text("user_code")}})), 400,
              "This page has expired");
  browser.extra = {};

  const auto question = enter(device.text("user_code"));
  const auto other = start();
  expect_page(browser.submit(question, parameters({{"csrf", question.field("csrf")},
                                                   {"user_code", without_dash(other.text("user_code"))},
                                                   {"decision", "allow"}})),
              400, "This page has expired");
  Browser thief(world.node());
  thief.open("/activate");
  expect_page(decide(thief, question, "allow"), 400, "This page has expired");
  expect_page(decide(question, "perhaps"), 400, "neither yes nor no");
  EXPECT_EQ(poll(device).error(), "authorization_pending");
}

TEST_F(Device, stops_who_guesses_codes) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(enter("BBBB-BBBB").status, 400);
  const auto device = start();
  EXPECT_EQ(enter(device.text("user_code")).status, 429);
  EXPECT_GE(count_logs("type:limit_mu"), 1u);
  EXPECT_GE(count_logs("type:fdeac"), 10u);
  browser.peer_address = "198.51.100.9";
  EXPECT_TRUE(asks(enter(device.text("user_code")))) << "another address is not stopped";
}

TEST_F(Device, cannot_be_approved_by_the_code_of_another_sign_in) {
  const auto device = start();
  expect_page(browser.open("/activate/callback?code=" + code()), 400, "took too long");
  expect_page(browser.open("/activate/callback?error=access_denied&state=x&error_description=Gotcha"), 400, "took too long");
  EXPECT_EQ(poll(device).error(), "authorization_pending");
}

TEST_F(Device, is_the_only_one_that_redeems_its_sign_in) {
  sign_in();
  const auto device = start();
  const auto page = enter(device.text("user_code"));
  // The address in front of the browser holds the authorization code.
  auto request =
      form_request("/activate/confirm",
                   parameters({{"csrf", page.field("csrf")}, {"user_code", page.field("user_code")}, {"decision", "allow"}}));
  std::string cookies;
  for (const auto& [name, value] : browser.cookies()) cookies += (cookies.empty() ? "" : "; ") + name + "=" + value;
  request.headers.set("cookie", cookies);
  const auto location = header_of(world.send(request), "location");
  const auto code = query_of(location).find("code").value_or("");
  ASSERT_FALSE(code.empty()) << location;
  patch_client(tv, {{"grant_types", json::array{kGrant, "refresh_token", "authorization_code"}}});
  EXPECT_EQ(world
                .token_request(parameters({{"grant_type", "authorization_code"},
                                           {"client_id", tv.client_id},
                                           {"code", code},
                                           {"redirect_uri", std::string(kIssuer) + "activate/callback"}}))
                .error(),
            "invalid_grant");
}

TEST_F(Device, cannot_be_named_in_an_authorization_request) {
  const auto device = start();
  for (const std::string more : {"&device_code_id=1", "&state=dstep_x"}) {
    browser.open("/authorize?client_id=" + tv.client_id +
                 "&response_type=code&redirect_uri=" + base::percent_encode(std::string(kIssuer) + "activate/callback") + more);
  }
  EXPECT_EQ(poll(device).error(), "authorization_pending");
}

TEST_F(Device, uses_the_codes_of_its_own_tenant_only) {
  const auto device = start();
  world.add_tenant("other.example");
  Browser there(world.node(), "other.example");
  EXPECT_EQ(enter(there, device.text("user_code")).status, 400);
}

struct LimitedDevice : Device {
  LimitedDevice() : Device(limits(3, 5)) {}
  static WorldOptions limits(std::int64_t per_client, std::int64_t per_address) {
    WorldOptions out;
    out.product.device_codes = {.per_client = per_client, .per_address = per_address};
    return out;
  }
};

constexpr const char* kTooMany =
    "Too many device codes were asked for from this network address. Try again in a quarter of an hour.";

TEST_F(LimitedDevice, gets_no_more_codes_than_an_address_may_have_of_one_application) {
  const auto radio = world.native_client({{"name", "Radio"}, {"grant_types", json::array{kGrant}}});
  for (int k = 0; k < 3; ++k) ASSERT_EQ(start().status, 200);
  for (int k = 0; k < 9; ++k) expect_refused(start(), 429, "too_many_requests", kTooMany);
  EXPECT_EQ(start(radio).status, 200) << "another application";
  const auto row = world.logs("type:api_limit").at(0);
  EXPECT_EQ(json::find_string(row, "client_id"), tv.client_id);
  EXPECT_NE(json::find_string(row, "description")->find("for this application"), std::string::npos);
  EXPECT_EQ(json::find_integer(*json::find_object(*json::find_object(row, "details"), "limit"), "size"), 3);
  EXPECT_EQ(world.logs("type:api_limit").size(), 1u) << "logged once, not for each refusal";
  EXPECT_EQ(world.logs("type:fdeaz").size(), 0u);
  world.clock.advance(15min);
  EXPECT_EQ(start().status, 200);
}

TEST_F(LimitedDevice, gets_no_more_codes_than_an_address_may_have_over_all_applications) {
  const auto radio = world.native_client({{"name", "Radio"}, {"grant_types", json::array{kGrant}}});
  for (int k = 0; k < 3; ++k) ASSERT_EQ(start().status, 200);
  for (int k = 0; k < 2; ++k) ASSERT_EQ(start(radio).status, 200);
  expect_refused(start(radio), 429, "too_many_requests", kTooMany);
  auto elsewhere = form_request("/oauth/device/code", parameters({{"client_id", tv.client_id}}));
  elsewhere.peer_address = "198.51.100.77";
  EXPECT_EQ(world.send(elsewhere).status, 200);
  EXPECT_EQ(world.logs("type:api_limit").size(), 2u);
}

TEST_F(LimitedDevice, spends_nothing_of_the_quota_on_what_is_refused) {
  for (int k = 0; k < 9; ++k) EXPECT_EQ(start(web).status, 401);
  EXPECT_EQ(start().status, 200);
}

struct DeniedDevice : Device {
  DeniedDevice() : Device(WorldOptions{.pipeline = &shared()}) { shared().protocols.clear(); }
  static DenyingPipeline& shared() {
    static DenyingPipeline one;
    return one;
  }
};

TEST_F(DeniedDevice, is_told_when_a_stage_of_the_sign_in_refused) {
  const auto device = start();
  const auto end = activate(device);
  expect_page(end, 403, "Not today.");
  EXPECT_EQ(shared().protocols, std::vector<std::string>{"oauth2-device-code"});
  expect_refused(poll(device), 403, "access_denied", kDenied);
  EXPECT_EQ(count_logs("type:fdeac"), 1u);
}

}  // namespace
}  // namespace segue::test
