// /authorize (contract §2.1–2.3, §2.5): what is refused and where the refusal is shown, and what an application gets.
#include "openid.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

struct Authorize : OpenId {};

// --- Who asks, and where the answer may go: a page, never a redirect ---

TEST_F(Authorize, shows_a_page_when_it_does_not_know_who_asks) {
  expect_page(authorize(parameters({{"client_id", ""}})), 400, "Missing required parameter: client_id");
  expect_page(authorize(parameters({{"client_id", "nobody"}})), 400, "Unknown client: nobody");
  expect_page(browser.open(authorize_url(web, kCallback) + "&client_id=" + web.client_id), 400,
              "The parameter client_id is present more than once.");
  expect_page(browser.open(authorize_url(web, kCallback) + "&redirect_uri=https://evil.example"), 400,
              "The parameter redirect_uri is present more than once.");
  expect_page(browser.open("/authorize?client_id=%ff"), 400, "");
  EXPECT_EQ(count_logs("type:f"), 5u);
}

constexpr const char* kSlightlyOther[] = {"https://app.example/callback/",
                                          "https://app.example/callbac",
                                          "https://app.example/Callback",
                                          "https://App.example/callback",
                                          "http://app.example/callback",
                                          "https://app.example:443/callback",
                                          "https://app.example./callback",
                                          "https://app.example/callback?",
                                          "https://app.example/callback#",
                                          "https://app.example/callback?x=1",
                                          "https://app.example/../callback",
                                          "https://app.example//callback",
                                          "https://app.example/callbac%6B",
                                          "https://user@app.example/callback",
                                          "https://app.example/callback ",
                                          " https://app.example/callback",
                                          "https://app.example\\callback",
                                          "https://app.example/callback\t",
                                          "https://app.example.evil.example/callback",
                                          "//app.example/callback",
                                          "/callback",
                                          "javascript:alert(1)"};

TEST_F(Authorize, never_redirects_to_an_address_that_differs_by_one_character) {
  for (const std::string other : kSlightlyOther) {
    SCOPED_TRACE(other);
    expect_page(authorize(parameters({{"redirect_uri", other}})), 403,
                "The provided redirect_uri is not in the list of allowed callback URLs.");
  }
  const auto rows = world.logs("type:f");
  ASSERT_FALSE(rows.empty());
  EXPECT_EQ(json::find_string(rows.back(), "description"),
            "https://app.example/callback/ is not in the list of allowed callback URLs");
}

TEST_F(Authorize, takes_the_only_registered_address_when_none_is_given) {
  EXPECT_TRUE(sign_in(parameters({{"redirect_uri", ""}})).url.starts_with(std::string(kCallback) + "?code="));
  patch_client(web, {{"callbacks", json::array{kCallback, "https://app.example/other"}}});
  expect_page(authorize(parameters({{"redirect_uri", ""}})), 400, "Missing required parameter: redirect_uri");
}

TEST_F(Authorize, matches_a_wildcard_within_one_label_only) {
  patch_client(web, {{"callbacks", json::array{"https://*.app.example/callback"}}});
  EXPECT_TRUE(authorize(parameters({{"redirect_uri", "https://pr-7.app.example/callback"}})).is_login_page());
  for (const std::string other :
       {"https://a.b.app.example/callback", "https://app.example/callback", "https://.app.example/callback",
        "https://evil.example/x.app.example/callback", "https://evil.example#.app.example/callback"}) {
    SCOPED_TRACE(other);
    EXPECT_EQ(authorize(parameters({{"redirect_uri", other}})).status, 403);
  }
}

// --- Everything else is told to the application ---

struct Refusal {
  std::vector<std::pair<std::string, std::string>> changed;
  std::string error, description;
};

http::Parameters changes_of(const Refusal& refusal) {
  http::Parameters out;
  for (const auto& [name, value] : refusal.changed) out.add(name, value);
  return out;
}

constexpr const char* kUnsupportedType = "Unsupported response type: use code, or a combination of code, token and id_token.";

const std::vector<Refusal>& refusals() {
  static const std::vector<Refusal> all = {
      {{{"response_type", ""}}, "invalid_request", "Missing required parameter: response_type"},
      {{{"response_type", "code code"}}, "unsupported_response_type", kUnsupportedType},
      {{{"response_type", "none"}}, "unsupported_response_type", kUnsupportedType},
      {{{"response_mode", "jwt"}},
       "invalid_request",
       "Unsupported response_mode: use query, fragment, form_post or web_message."},
      {{{"code_challenge", kChallenge}}, "invalid_request", "Unsupported code_challenge_method: use S256."},
      {{{"code_challenge", kVerifier}, {"code_challenge_method", "plain"}},
       "invalid_request",
       "Unsupported code_challenge_method: use S256."},
      {{{"code_challenge", "short"}, {"code_challenge_method", "S256"}},
       "invalid_request",
       "code_challenge is not the base64url of a SHA-256."},
      {{{"code_challenge_method", "S256"}}, "invalid_request", "code_challenge_method without code_challenge."},
      {{{"prompt", "none login"}}, "invalid_request", "prompt=none cannot be combined with other values."},
      {{{"prompt", "create"}}, "invalid_request", "Unsupported prompt value."},
      {{{"max_age", "soon"}}, "invalid_request", "max_age must be a number of seconds."},
      {{{"connection", "nowhere"}}, "invalid_connection", "the connection was not found"},
      {{{"audience", "https://unknown.example/"}}, "access_denied", "Service not found: https://unknown.example/"},
      {{{"organization", "org_1"}}, "invalid_request", "parameter organization is not allowed for this client"},
      {{{"request", "eyJ"}},
       "request_not_supported",
       "The parameter request is not supported for this client: send the parameters themselves, or register a key in its "
       "signed_request_object."},
      {{{"request_uri", "urn:x"}},
       "request_uri_not_supported",
       "The parameter request_uri is not supported: send the parameters themselves."},
  };
  return all;
}

TEST_F(Authorize, tells_the_application_what_it_refuses_with_state_and_issuer) {
  for (const auto& refusal : refusals()) {
    SCOPED_TRACE(refusal.description);
    expect_told(authorize(changes_of(refusal)), refusal.error, refusal.description);
  }
  EXPECT_EQ(count_logs("type:f"), refusals().size());
}

TEST_F(Authorize, posts_a_refusal_when_the_application_asked_for_form_post) {
  for (const auto& refusal : refusals()) {
    if (refusal.description.find("response_mode") != std::string::npos && refusal.changed.front().first == "response_mode")
      continue;
    SCOPED_TRACE(refusal.description);
    auto changed = changes_of(refusal);
    changed.add("response_mode", "form_post");
    const auto page = authorize(changed);
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.form_action(), kCallback);
    EXPECT_EQ(page.field("error"), refusal.error);
    EXPECT_EQ(page.field("error_description"), refusal.description);
    EXPECT_EQ(page.field("state"), "s-1");
    EXPECT_EQ(page.field("iss"), kIssuer);
  }
}

TEST_F(Authorize, refuses_a_parameter_that_stands_twice) {
  expect_told(browser.open(authorize_url(web, kCallback) + "&scope=openid"), "invalid_request",
              "The parameter scope is present more than once.");
  expect_told(browser.open(authorize_url(web, kCallback) + "&state=other"), "invalid_request",
              "The parameter state is present more than once.", "");
}

TEST_F(Authorize, refuses_a_connection_that_the_client_does_not_have) {
  world.managed(http::Method::post, "connections", json::object{{"name", "staff"}, {"strategy", "auth0"}});
  expect_told(authorize(parameters({{"connection", "staff"}})), "invalid_connection", "the connection is not enabled");
  EXPECT_TRUE(authorize(parameters({{"connection", kPasswordRealm}})).is_login_page());
}

TEST_F(Authorize, refuses_an_api_whose_policy_wants_a_client_grant) {
  create_api({{"subject_type_authorization", json::object{{"user", json::object{{"policy", "require_client_grant"}}}}}});
  const auto asked = parameters({{"audience", kApi}, {"scope", "openid read:books write:books"}});
  expect_told(authorize(asked), "invalid_request",
              "Client \"" + web.client_id + "\" is not authorized to access resource server \"" + kApi + "\".");
  world.managed(
      http::Method::post, "client-grants",
      json::object{
          {"client_id", web.client_id}, {"audience", kApi}, {"subject_type", "user"}, {"scope", json::array{"read:books"}}});
  EXPECT_EQ(redeem(web, code(asked)).text("scope"), "openid read:books");
}

TEST_F(Authorize, refuses_a_response_type_whose_grant_the_client_lacks) {
  patch_client(web, {{"grant_types", json::array{"refresh_token"}}});
  expect_told(authorize(), "unauthorized_client", "Grant type 'authorization_code' not allowed for the client.");
  const auto page = authorize(parameters({{"response_type", "id_token"}, {"response_mode", "form_post"}, {"nonce", "n-1"}}));
  EXPECT_EQ(page.field("error"), "unauthorized_client");
  EXPECT_EQ(page.field("error_description"), "Grant type 'implicit' not allowed for the client.");
}

TEST_F(Authorize, asks_public_clients_for_pkce) {
  const auto spa = spa_client();
  expect_told(authorize(spa), "invalid_request",
              "Missing required parameter: code_challenge. A client without a secret must use PKCE with S256.");
  EXPECT_TRUE(authorize(spa, parameters({{"code_challenge", kChallenge}, {"code_challenge_method", "S256"}})).is_login_page());
}

// --- What an application gets ---

TEST_F(Authorize, answers_with_a_code_the_state_and_the_issuer) {
  const auto end = sign_in(parameters({{"state", "a b&c=d\"<é>"}}));
  EXPECT_TRUE(end.url.starts_with(std::string(kCallback) + "?code=")) << end.url;
  EXPECT_EQ(end.parameter("state"), "a b&c=d\"<é>");
  EXPECT_EQ(end.parameter("iss"), kIssuer);
  EXPECT_EQ(end.parameter("error"), "");
  EXPECT_EQ(header_of(end.response, "cache-control"), "no-store");
  EXPECT_EQ(header_of(end.response, "referrer-policy"), "no-referrer");
}

TEST_F(Authorize, keeps_the_query_of_a_registered_address) {
  patch_client(web, {{"callbacks", json::array{"https://app.example/callback?tenant=1"}}});
  const auto end = sign_in(parameters({{"redirect_uri", "https://app.example/callback?tenant=1"}}));
  EXPECT_TRUE(end.url.starts_with("https://app.example/callback?tenant=1&code=")) << end.url;
}

TEST_F(Authorize, posts_a_code_when_the_application_asked_for_form_post) {
  const auto end = sign_in(parameters({{"response_mode", "form_post"}, {"state", "\"><script>"}}));
  EXPECT_EQ(end.status, 200);
  EXPECT_EQ(end.form_action(), kCallback);
  EXPECT_EQ(end.field("state"), "\"><script>");
  EXPECT_EQ(end.field("iss"), kIssuer);
  EXPECT_EQ(redeem(web, end.field("code")).status, 200);
  const auto policy = header_of(end.response, "content-security-policy");
  EXPECT_NE(policy.find("form-action https://app.example"), std::string::npos) << policy;
}

TEST_F(Authorize, posts_an_id_token_with_the_nonce_and_no_code) {
  const auto end = sign_in(parameters({{"response_type", "id_token"}, {"response_mode", "form_post"}, {"nonce", "n-1"}}));
  EXPECT_EQ(end.form_action(), kCallback);
  EXPECT_EQ(end.field("code"), "");
  EXPECT_EQ(end.field("state"), "s-1");
  const auto token = end.field("id_token");
  EXPECT_EQ(claim(token, "iss"), kIssuer);
  EXPECT_EQ(claim(token, "aud"), web.client_id);
  EXPECT_EQ(claim(token, "nonce"), "n-1");
  EXPECT_EQ(claim(token, "sub"), ada.user_id);
  EXPECT_EQ(claim(token, "email"), ada.email);
  EXPECT_FALSE(claim(token, "sid").empty());
}

TEST_F(Authorize, posts_an_id_token_only_for_a_nonce_and_the_scope_openid) {
  auto asked = parameters({{"response_type", "id_token"}, {"response_mode", "form_post"}});
  const auto page = authorize(asked);
  EXPECT_EQ(page.field("error"), "invalid_request");
  EXPECT_EQ(page.field("error_description"), "Missing required parameter: nonce");
  asked.add("nonce", "n-1");
  asked.add("scope", "profile");
  EXPECT_EQ(authorize(asked).field("error"), "invalid_scope");
}

TEST_F(Authorize, reads_a_posted_request_and_ignores_what_it_does_not_know) {
  const auto query = authorize_url(web, kCallback) + "&ext-color=blue&unknown=1&unknown2=";
  const auto body = http::Parameters::parse(std::string_view(query).substr(query.find('?') + 1)).value();
  const auto response = world.send(form_request("/authorize", body));
  EXPECT_EQ(response.status, 302);
  EXPECT_TRUE(header_of(response, "location").starts_with("/u/login?state=")) << header_of(response, "location");
}

TEST_F(Authorize, does_nothing_for_a_request_that_only_looks) {
  auto request = request_for(http::Method::head, authorize_url(web, kCallback));
  EXPECT_EQ(world.send(request).status, 204);
  request.method = http::Method::get;
  request.headers.set("sec-purpose", "prefetch;prerender");
  EXPECT_EQ(world.send(request).status, 204);
}

// --- prompt, max_age, login_hint ---

TEST_F(Authorize, silently_answers_login_required_without_a_session_and_a_code_with_one) {
  expect_told(authorize(parameters({{"prompt", "none"}})), "login_required", "Login required");
  EXPECT_EQ(count_logs("type:fsa"), 1u);
  sign_in();
  const auto end = authorize(parameters({{"prompt", "none"}}));
  EXPECT_FALSE(end.parameter("code").empty()) << end.url;
  EXPECT_EQ(end.parameter("state"), "s-1");
  EXPECT_EQ(count_logs("type:ssa"), 1u);
  browser.forget("auth0");
  browser.forget("auth0_compat");
  browser.plant("auth0", "ses_forged.forged");
  expect_told(authorize(parameters({{"prompt", "none"}})), "login_required", "Login required");
}

TEST_F(Authorize, posts_login_required_to_an_application_that_asked_for_form_post) {
  const auto page = authorize(parameters({{"prompt", "none"}, {"response_mode", "form_post"}}));
  EXPECT_EQ(page.field("error"), "login_required");
  EXPECT_EQ(page.field("state"), "s-1");
}

TEST_F(Authorize, always_prompts_for_prompt_login_and_says_when_the_sign_in_was) {
  sign_in();
  for (const auto* prompt : {"login", "select_account", "login consent"}) {
    EXPECT_TRUE(authorize(parameters({{"prompt", prompt}})).is_login_page()) << prompt;
  }
  world.clock.advance(10s);
  const auto tokens = redeem(web, code(parameters({{"prompt", "login"}})));
  EXPECT_EQ(json::find_integer(claims_of(tokens.text("id_token")), "auth_time"), base::to_seconds(world.clock.now()));
  EXPECT_FALSE(authorize(parameters({{"prompt", "consent"}})).is_login_page());
}

TEST_F(Authorize, prompts_when_the_sign_in_is_older_than_max_age) {
  sign_in();
  const auto signed_in = base::to_seconds(world.clock.now());
  world.clock.advance(100s);
  const auto tokens = redeem(web, authorize(parameters({{"max_age", "100"}})).parameter("code"));
  EXPECT_EQ(json::find_integer(claims_of(tokens.text("id_token")), "auth_time"), signed_in);
  EXPECT_TRUE(authorize(parameters({{"max_age", "99"}})).is_login_page());
  EXPECT_TRUE(authorize(parameters({{"max_age", "0"}})).is_login_page());
  expect_told(authorize(parameters({{"max_age", "99"}, {"prompt", "none"}})), "login_required", "Login required");
  // Using the session is no authentication.
  EXPECT_TRUE(authorize(parameters({{"max_age", "100"}})).left);
  world.clock.advance(1s);
  EXPECT_TRUE(authorize(parameters({{"max_age", "100"}})).is_login_page());
}

TEST_F(Authorize, fills_in_the_login_hint) {
  EXPECT_EQ(authorize(parameters({{"login_hint", "ada@example.com"}})).field("username"), "ada@example.com");
  EXPECT_EQ(authorize(parameters({{"login_hint", "\"><script>alert(1)</script>"}})).field("username"),
            "\"><script>alert(1)</script>");
  EXPECT_EQ(authorize(parameters({{"login_hint", "<script>"}})).response.body.find("value=\"<script>"), std::string::npos);
}

TEST_F(Authorize, signs_a_person_in_at_a_second_application_without_a_page) {
  const auto other = world.web_client("https://other.example");
  const auto first = redeem(web, code());
  const auto end = browser.open(authorize_url(other, "https://other.example/callback"));
  EXPECT_TRUE(end.left) << end.url;
  const auto second = world.token_request(
      code_form(other, end.parameter("code"), parameters({{"redirect_uri", "https://other.example/callback"}})));
  EXPECT_EQ(claim(first.text("id_token"), "sid"), claim(second.text("id_token"), "sid"));
  EXPECT_EQ(claim(second.text("id_token"), "aud"), other.client_id);
}

}  // namespace
}  // namespace segue::test
