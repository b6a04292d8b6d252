// Consent and third-party clients (contract §2.7), and a sign-in that waits for a page (design §3).
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "openid.h"

namespace segue::test {
namespace {

bool is_consent_page(const Page& page) { return page.status == 200 && page.url.find("/u/consent?state=") != std::string::npos; }

http::Parameters answer_form(const Page& page, const std::string& action) {
  return parameters({{"state", page.field("state")}, {"csrf", page.field("csrf")}, {"action", action}});
}

struct Consent : OpenId {
  Client partner = third_party();

  Client third_party(json::object more = {}) {
    json::object fields{{"name", "Partner"},
                        {"app_type", "regular_web"},
                        {"is_first_party", false},
                        {"callbacks", json::array{kCallback}},
                        {"grant_types", json::array{"authorization_code", "refresh_token", "implicit",
                                                    "http://auth0.com/oauth/grant-type/password-realm"}}};
    for (auto& [name, value] : more) fields[name] = value;
    return world.create_client(std::move(fields));
  }
  Page accept(const Page& page) { return browser.submit(page, answer_form(page, "accept")); }
  Page decline(const Page& page) { return browser.submit(page, answer_form(page, "deny")); }
  json::array grants(const std::string& query = {}) { return world.managed(http::Method::get, "grants" + query).as_array(); }
};

// --- Third-party clients ---

TEST_F(Consent, is_asked_on_first_use_of_a_third_party_client_and_then_remembered) {
  EXPECT_TRUE(partner.client_id.starts_with("tpc_")) << partner.client_id;
  const auto page = sign_in(partner, parameters({{"scope", "openid email"}}));
  ASSERT_TRUE(is_consent_page(page)) << page.url;
  EXPECT_NE(page.response.body.find("Partner"), std::string::npos);
  EXPECT_NE(page.response.body.find("See your email address"), std::string::npos);
  EXPECT_FALSE(browser.cookies().contains("auth0")) << "no session before the sign-in is allowed";

  const auto end = accept(page);
  ASSERT_FALSE(end.parameter("code").empty()) << end.url;
  EXPECT_EQ(redeem(partner, end.parameter("code")).status, 200);
  const auto stored = grants();
  ASSERT_EQ(stored.size(), 1u);
  EXPECT_EQ(json::find_string(stored[0].as_object(), "clientID"), partner.client_id);
  EXPECT_EQ(json::find_string(stored[0].as_object(), "user_id"), ada.user_id);
  EXPECT_EQ(json::find_string(stored[0].as_object(), "audience"), "https://tenant.example/userinfo");
  EXPECT_EQ(json::find_strings(stored[0].as_object(), "scope"), (std::vector<std::string>{"openid", "email"}));

  EXPECT_FALSE(authorize(partner, parameters({{"scope", "openid email"}})).parameter("code").empty());
}

TEST_F(Consent, is_asked_again_for_new_scopes_and_keeps_the_old_ones) {
  accept(sign_in(partner, parameters({{"scope", "openid"}})));
  const auto page = authorize(partner, parameters({{"scope", "openid profile"}}));
  ASSERT_TRUE(is_consent_page(page));
  EXPECT_FALSE(accept(page).parameter("code").empty());
  ASSERT_EQ(grants().size(), 1u);
  EXPECT_FALSE(authorize(partner, parameters({{"scope", "openid"}})).parameter("code").empty());
}

TEST_F(Consent, declined_is_told_to_the_application_and_leaves_nothing) {
  const auto end = decline(sign_in(partner));
  expect_told(end, "access_denied", "User did not authorize the request");
  EXPECT_FALSE(browser.cookies().contains("auth0"));
  EXPECT_TRUE(grants().empty());
  EXPECT_EQ(count_logs("type:s"), 0u);
  EXPECT_EQ(count_logs("type:f"), 1u);
}

TEST_F(Consent, declined_is_shown_on_a_page_under_open_redirect_protection) {
  const auto guarded = third_party({{"redirection_policy", "open_redirect_protection"}});
  expect_page(decline(sign_in(guarded)), 403, "User did not authorize the request");
  expect_page(authorize(guarded, parameters({{"prompt", "none"}})), 403, "Login required");
  expect_page(authorize(guarded, parameters({{"response_type", "nonsense"}})), 400, "Unsupported response type");
}

TEST_F(Consent, missing_is_an_error_without_a_prompt) {
  sign_in(web);
  expect_told(authorize(partner, parameters({{"prompt", "none"}})), "consent_required", "Consent required");
  const auto rows = world.logs("type:fsa");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(json::find_string(rows.front(), "user_id"), ada.user_id) << "it was decided about somebody";
  EXPECT_EQ(count_logs("type:fsa"), 1u);
}

TEST_F(Consent, is_asked_after_single_sign_on_and_keeps_the_session) {
  sign_in(web);
  const auto before = browser.cookies().at("auth0");
  const auto page = authorize(partner);
  ASSERT_TRUE(is_consent_page(page));
  EXPECT_FALSE(accept(page).parameter("code").empty());
  EXPECT_EQ(browser.cookies().at("auth0"), before);
}

// --- The page ---

TEST_F(Consent, belongs_to_the_browser_that_began_it) {
  const auto page = sign_in(partner);
  Browser other(world.node());
  EXPECT_EQ(other.open(page.url).status, 400);
  EXPECT_EQ(other.submit(page, answer_form(page, "accept")).status, 400);
  EXPECT_FALSE(accept(page).parameter("code").empty());
}

TEST_F(Consent, refuses_a_form_without_its_csrf_value_or_with_a_login_pages) {
  const auto login = authorize(partner);
  const auto login_csrf = login.field("csrf");
  const auto page = browser.submit_login(login, ada);
  auto form = answer_form(page, "accept");
  form.remove("csrf");
  EXPECT_EQ(browser.submit(page, form).status, 400);
  form.add("csrf", login_csrf);
  EXPECT_EQ(browser.submit(page, form).status, 400);
  EXPECT_TRUE(grants().empty());
}

TEST_F(Consent, page_opens_only_when_the_request_waits_for_it) {
  const auto login = authorize(partner);
  const auto state = login.parameter("state");
  EXPECT_EQ(browser.open("/u/consent?state=" + state).status, 400);
  browser.submit_login(login, ada);
  EXPECT_EQ(browser.open("/u/login?state=" + state).status, 400) << "the login page is over";
  EXPECT_EQ(browser.open("/u/consent?state=" + state).status, 200);
}

TEST_F(Consent, works_once) {
  const auto page = sign_in(partner);
  EXPECT_FALSE(accept(page).parameter("code").empty());
  EXPECT_EQ(accept(page).status, 400);
}

TEST_F(Consent, expires_with_its_request) {
  const auto page = sign_in(partner);
  world.clock.advance(std::chrono::hours(2));
  EXPECT_EQ(accept(page).status, 400);
  EXPECT_TRUE(grants().empty());
}

TEST_F(Consent, counts_for_nothing_when_the_person_may_not_sign_in_any_more) {
  const auto page = sign_in(partner);
  world.managed(http::Method::patch, "users/" + ada.user_id, {{"blocked", true}});
  expect_told(accept(page), "unauthorized", "user is blocked");
  EXPECT_TRUE(grants().empty());
}

TEST_F(Consent, counts_for_nothing_after_a_new_password) {
  const auto page = sign_in(partner);
  world.clock.advance(std::chrono::seconds(1));
  world.managed(http::Method::patch, "users/" + ada.user_id, {{"password", "another-Passw0rd!"}});
  expect_told(accept(page), "login_required", "Login required");
}

TEST_F(Consent, counts_for_nothing_when_the_session_it_stands_on_ended) {
  sign_in(web);
  const auto page = authorize(partner);
  ASSERT_TRUE(is_consent_page(page));
  browser.open("/v2/logout");
  expect_told(accept(page), "login_required", "Login required");
  EXPECT_TRUE(grants().empty());
}

TEST_F(Consent, keeps_the_time_of_the_password_not_of_the_answer) {
  const auto page = sign_in(partner, parameters({{"max_age", "3600"}}));
  const auto signed_in_at = base::to_seconds(world.clock.now());
  world.clock.advance(std::chrono::minutes(30));
  const auto tokens = redeem(partner, accept(page).parameter("code"));
  EXPECT_EQ(json::find_integer(claims_of(tokens.text("id_token")), "auth_time"), signed_in_at);
}

TEST_F(Consent, escapes_what_the_client_and_the_api_are_called) {
  create_api({{"name", "Books & \"more\""}});
  const auto page = sign_in(partner, parameters({{"audience", kApi}, {"scope", "openid read:books"}}));
  ASSERT_TRUE(is_consent_page(page));
  EXPECT_NE(page.response.body.find("Books &amp; &quot;more&quot;"), std::string::npos);
  EXPECT_NE(page.response.body.find("books: read"), std::string::npos);
  EXPECT_NE(header_of(page.response, "content-security-policy").find("form-action 'self' https://app.example"),
            std::string::npos);
}

TEST_F(Consent, is_asked_anew_when_what_it_is_about_changed_while_the_page_was_open) {
  create_api();
  const auto api = std::string("resource-servers/") + base::percent_encode(kApi);
  const auto page = sign_in(partner, parameters({{"audience", kApi}, {"scope", "read:books write:books"}}));
  world.managed(http::Method::patch, api, {{"scopes", json::array{json::object{{"value", "read:books"}}}}});
  EXPECT_EQ(accept(page).status, 400) << "the form is another page's";
  EXPECT_TRUE(grants().empty());
  EXPECT_FALSE(accept(browser.open(page.url)).parameter("code").empty());
  EXPECT_EQ(json::find_strings(grants().at(0).as_object(), "scope"), std::vector<std::string>{"read:books"});
}

TEST_F(Consent, is_not_given_for_an_api_that_is_gone) {
  create_api();
  const auto page = sign_in(partner, parameters({{"audience", kApi}, {"scope", "read:books"}}));
  EXPECT_EQ(world.manage(http::Method::delete_, std::string("resource-servers/") + base::percent_encode(kApi)).status, 204);
  EXPECT_EQ(accept(page).status, 403);
  EXPECT_TRUE(grants().empty());
}

// --- First-party clients ---

TEST_F(Consent, is_not_asked_of_a_first_party_client_without_an_api) { EXPECT_FALSE(sign_in(web).parameter("code").empty()); }

TEST_F(Consent, is_not_asked_of_a_first_party_client_where_the_api_skips_it) {
  create_api({{"skip_consent_for_verifiable_first_party_clients", true}});
  EXPECT_FALSE(sign_in(parameters({{"audience", kApi}, {"scope", "openid read:books"}})).parameter("code").empty());
}

TEST_F(Consent, is_asked_once_of_a_first_party_client_where_the_api_does_not_skip_it) {
  create_api({{"skip_consent_for_verifiable_first_party_clients", false}});
  const auto more = parameters({{"audience", kApi}, {"scope", "openid read:books"}});
  const auto page = sign_in(more);
  ASSERT_TRUE(is_consent_page(page));
  EXPECT_FALSE(accept(page).parameter("code").empty());
  EXPECT_FALSE(authorize(more).parameter("code").empty());
}

TEST_F(Consent, is_asked_once_where_anybody_could_receive_the_callback) {
  create_api({{"skip_consent_for_verifiable_first_party_clients", true}});
  const std::string callback = "com.example.app://tenant.example/ios/callback";
  const auto native = world.create_client({{"name", "native"},
                                           {"app_type", "native"},
                                           {"callbacks", json::array{callback, "http://localhost:3000/callback"}},
                                           {"grant_types", json::array{"authorization_code", "refresh_token"}}});
  const auto with_api = parameters({{"audience", kApi}, {"scope", "openid read:books"}});
  auto page = browser.open(authorize_url(native, callback));
  page = browser.submit_login(page, ada);
  EXPECT_FALSE(page.parameter("code").empty()) << "no API, no question";
  EXPECT_TRUE(is_consent_page(browser.open(authorize_url(native, "http://localhost:3000/callback", with_api))));
  page = browser.open(authorize_url(native, callback, with_api));
  ASSERT_TRUE(is_consent_page(page));
  EXPECT_FALSE(accept(page).parameter("code").empty());
  EXPECT_FALSE(browser.open(authorize_url(native, callback, with_api)).parameter("code").empty());
}

TEST_F(Consent, is_always_asked_with_prompt_consent) {
  const auto more = parameters({{"prompt", "consent"}});
  for (int i = 0; i < 2; ++i) {
    const auto page = sign_in(more);
    ASSERT_TRUE(is_consent_page(page));
    EXPECT_FALSE(accept(page).parameter("code").empty());
  }
}

// --- Where there is no page ---

TEST_F(Consent, missing_refuses_the_password_grant_of_a_third_party_client) {
  const auto refused = world.password_tokens(partner, ada, "openid offline_access");
  EXPECT_EQ(refused.error(), "consent_required");
  EXPECT_EQ(refused.refresh_token(), "");
  accept(sign_in(partner, parameters({{"scope", "openid offline_access"}})));
  EXPECT_EQ(world.password_tokens(partner, ada, "openid offline_access").status, 200);
}

TEST_F(Consent, taken_back_ends_the_refresh_tokens_it_stood_for) {
  const auto more = parameters({{"scope", "openid offline_access"}});
  const auto first = redeem(partner, accept(sign_in(partner, more)).parameter("code"));
  ASSERT_NE(first.refresh_token(), "");
  const auto in_flight = authorize(partner, more).parameter("code");
  const auto id = json::find_string(grants().at(0).as_object(), "id").value_or("");
  EXPECT_EQ(world.manage(http::Method::delete_, "grants/" + id).status, 204);
  EXPECT_EQ(world.refresh(partner, first.refresh_token()).error(), "invalid_grant");
  EXPECT_EQ(redeem(partner, in_flight).error(), "consent_required");
  EXPECT_TRUE(is_consent_page(authorize(partner, more)));
  EXPECT_EQ(world.manage(http::Method::delete_, "grants/" + id).status, 204) << "idempotent";
}

TEST_F(Consent, taken_back_of_a_whole_user_leaves_other_users) {
  const auto eve = world.create_user("eve@example.com");
  accept(sign_in(partner));
  Browser hers(world.node());
  auto page = hers.submit_login(hers.open(authorize_url(partner, kCallback)), eve);
  hers.submit(page, answer_form(page, "accept"));
  ASSERT_EQ(grants().size(), 2u);
  EXPECT_EQ(grants("?user_id=" + base::percent_encode(ada.user_id)).size(), 1u);
  EXPECT_EQ(grants("?client_id=" + web.client_id).size(), 0u);
  EXPECT_EQ(world.manage(http::Method::delete_, "grants?user_id=" + base::percent_encode(ada.user_id)).status, 204);
  ASSERT_EQ(grants().size(), 1u);
  EXPECT_EQ(json::find_string(grants().at(0).as_object(), "user_id"), eve.user_id);
  EXPECT_EQ(world.manage(http::Method::delete_, "grants").status, 400);
  const auto page_of_one = world.managed(http::Method::get, "grants?include_totals=true&per_page=1");
  EXPECT_EQ(json::find_integer(page_of_one.as_object(), "total"), 1);
}

TEST_F(Consent, is_withdrawn_with_the_client_and_the_user) {
  accept(sign_in(partner));
  EXPECT_EQ(world.manage(http::Method::delete_, "users/" + ada.user_id).status, 204);
  EXPECT_TRUE(grants().empty());
}

// --- Strict third-party clients ---

TEST_F(Consent, strict_clients_must_use_pkce) {
  const auto strict =
      third_party({{"third_party_security_mode", "strict"}, {"grant_types", json::array{"authorization_code", "refresh_token"}}});
  expect_told(authorize(strict), "invalid_request",
              "Missing required parameter: code_challenge. A strict third-party client must use PKCE with S256.");
  EXPECT_TRUE(authorize(strict, parameters({{"code_challenge", kChallenge}, {"code_challenge_method", "S256"}})).is_login_page());
}

TEST_F(Consent, settings_of_third_party_clients_are_refused_where_they_mean_nothing) {
  const auto refused = [&](json::object fields) {
    fields["name"] = "x";
    return world.manage(http::Method::post, "clients", fields).status;
  };
  EXPECT_EQ(refused({{"third_party_security_mode", "strict"}}), 400);
  EXPECT_EQ(refused({{"redirection_policy", "open_redirect_protection"}}), 400);
  EXPECT_EQ(refused({{"is_first_party", false}, {"session_transfer", json::object{}}}), 400);
  EXPECT_EQ(refused({{"is_first_party", false},
                     {"third_party_security_mode", "strict"},
                     {"callbacks", json::array{"https://*.app.example/callback"}}}),
            400);
  EXPECT_EQ(refused({{"is_first_party", false}, {"third_party_security_mode", "strict"}}), 201);
}

// --- Races ---

struct ConsentRace : ::testing::TestWithParam<Engine> {};

TEST_P(ConsentRace, of_two_answers_signs_in_once_and_leaves_one_row) {
  if (GetParam() == Engine::postgres && !FreshDatabase::server_url()) GTEST_SKIP() << "no PostgreSQL server";
  World world({.engine = GetParam()});
  const auto partner = world.create_client({{"name", "Partner"},
                                            {"is_first_party", false},
                                            {"callbacks", json::array{kCallback}},
                                            {"grant_types", json::array{"authorization_code"}}});
  const auto ada = world.create_user();
  Browser browser(world.node());
  const auto url = authorize_url(partner, kCallback);
  const auto page = browser.submit_login(browser.open(url), ada);
  const auto second = browser.submit_login(browser.open(url), ada);
  ASSERT_TRUE(is_consent_page(page));
  ASSERT_TRUE(is_consent_page(second));
  std::atomic<int> codes = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&, i] {
      auto mine = browser;
      const auto& asked = i % 2 == 0 ? page : second;
      if (!mine.submit(asked, answer_form(asked, "accept")).parameter("code").empty()) ++codes;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(codes.load(), 2) << "each request once";
  EXPECT_EQ(world.managed(http::Method::get, "grants").as_array().size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(engines, ConsentRace, ::testing::Values(Engine::sqlite, Engine::postgres),
                         [](const auto& each) { return each.param == Engine::sqlite ? "sqlite" : "postgres"; });

}  // namespace
}  // namespace segue::test
