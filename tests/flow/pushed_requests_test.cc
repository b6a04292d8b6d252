// POST /oauth/par and what its request_uri opens (RFC 9126, contract §2.8, §1.7): pushed by who can prove it, decided once.
#include "store/pushed_requests.h"
#include "openid.h"
#include "tenancy/handles.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

constexpr const char* kUrn = "urn:ietf:params:oauth:request_uri:";
constexpr const char* kUnusable =
    "The request_uri is unknown, has expired or was used already. Go back to the application and sign in again.";

struct PushedRequests : OpenId {
  http::Parameters form(const Client& client, const http::Parameters& more = {}) {
    auto out = parameters({{"client_id", client.client_id},
                           {"client_secret", client.client_secret},
                           {"response_type", "code"},
                           {"redirect_uri", kCallback},
                           {"scope", "openid profile email"},
                           {"state", "s-1"}});
    for (const auto& [name, value] : more.pairs()) {
      out.remove(name);
      if (!value.empty()) out.add(name, value);
    }
    return out;
  }
  http::Response push(const http::Parameters& more = {}) { return world.send(form_request("/oauth/par", form(web, more))); }
  std::string pushed(const http::Parameters& more = {}) {
    const auto response = push(more);
    EXPECT_EQ(response.status, 201) << response.body;
    return json::find_string(object_of(response), "request_uri").value_or("");
  }
  static std::string target(const std::string& client_id, const std::string& request_uri, const http::Parameters& more = {}) {
    auto query = parameters({{"client_id", client_id}, {"request_uri", request_uri}});
    for (const auto& [name, value] : more.pairs()) query.add(name, value);
    return "/authorize?" + query.encode();
  }
  Page refer(const std::string& request_uri, const http::Parameters& more = {}) {
    return browser.open(target(web.client_id, request_uri, more));
  }
  void expect_unusable(const Page& page) { expect_page(page, 400, kUnusable); }
  std::string transfer() {
    if (native.client_id.empty()) native = world.native_client();
    return world.exchange(native, world.password_tokens(native, ada).refresh_token()).access_token();
  }
  static void expect_refused(const http::Response& response, int status, const std::string& error,
                             const std::string& description) {
    EXPECT_EQ(response.status, status) << response.body;
    EXPECT_EQ(json::find_string(object_of(response), "error"), error);
    EXPECT_EQ(json::find_string(object_of(response), "error_description"), description);
    EXPECT_EQ(header_of(response, "cache-control"), "no-store");
  }
  void sign_out() {
    for (const auto& [name, value] : std::map(browser.cookies())) browser.forget(name);
  }
  Client native;
};

// --- Pushing ---

TEST_F(PushedRequests, get_a_name_that_lives_as_long_as_the_client_says) {
  const auto response = push();
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(header_of(response, "cache-control"), "no-store");
  EXPECT_TRUE(json::find_string(object_of(response), "request_uri").value_or("").starts_with(kUrn)) << response.body;
  EXPECT_EQ(json::find_integer(object_of(response), "expires_in"), 30);
  EXPECT_NE(pushed(), pushed());

  patch_client(web, {{"par_request_expiry", 10}});
  const auto quick = push();
  EXPECT_EQ(json::find_integer(object_of(quick), "expires_in"), 10);
  const auto uri = json::find_string(object_of(quick), "request_uri").value();
  world.clock.advance(10s);
  expect_unusable(refer(uri));
  for (const int bad : {9, 601})
    EXPECT_EQ(world.manage(http::Method::patch, "clients/" + web.client_id, json::object{{"par_request_expiry", bad}}).status,
              400);
}

TEST_F(PushedRequests, take_a_client_that_proves_itself) {
  expect_refused(push(parameters({{"client_secret", "wrong"}})), 401, "access_denied", "Unauthorized");
  expect_refused(push(parameters({{"client_secret", ""}})), 401, "access_denied", "Unauthorized");
  expect_refused(push(parameters({{"client_id", "nobody"}})), 401, "access_denied", "Unauthorized");
  auto spa = form(spa_client(), parameters({{"code_challenge", kChallenge}, {"code_challenge_method", "S256"}}));
  spa.remove("client_secret");
  expect_refused(world.send(form_request("/oauth/par", spa)), 401, "invalid_client",
                 "Only a client that authenticates can push authorization requests: send the parameters to /authorize.");
  EXPECT_EQ(count_logs("type:fpar"), 4u);

  auto basic = form_request("/oauth/par", form(web, parameters({{"client_id", ""}, {"client_secret", ""}})));
  basic.headers.set("authorization", "Basic " + base::base64(web.client_id + ":" + web.client_secret));
  const auto response = world.send(basic);
  EXPECT_EQ(response.status, 201) << response.body;
  EXPECT_TRUE(refer(json::find_string(object_of(response), "request_uri").value()).is_login_page());
}

TEST_F(PushedRequests, are_validated_whole_when_they_are_pushed) {
  const auto refused = [&](const http::Parameters& changed, const std::string& error, const std::string& description) {
    expect_refused(push(changed), 400, error, description);
  };
  refused(parameters({{"redirect_uri", "https://evil.example/"}}), "invalid_request",
          "The provided redirect_uri is not in the list of allowed callback URLs.");
  refused(parameters({{"response_type", ""}}), "invalid_request", "Missing required parameter: response_type");
  refused(parameters({{"response_type", "id_token"}}), "invalid_request", "Missing required parameter: nonce");
  refused(parameters({{"code_challenge", kVerifier}, {"code_challenge_method", "plain"}}), "invalid_request",
          "Unsupported code_challenge_method: use S256.");
  refused(parameters({{"connection", "nowhere"}}), "invalid_connection", "the connection was not found");
  refused(parameters({{"audience", "https://unknown.example/"}}), "access_denied", "Service not found: https://unknown.example/");
  refused(parameters({{"request_uri", pushed()}}), "invalid_request",
          "The parameter request_uri cannot be pushed: send the parameters themselves.");
  patch_client(web, {{"grant_types", json::array{"refresh_token"}}});
  refused({}, "unauthorized_client", "Grant type 'authorization_code' not allowed for the client.");
  EXPECT_EQ(count_logs("type:fpar"), 8u);
}

TEST_F(PushedRequests, are_forms_with_every_name_once) {
  const auto as_json = json_request(http::Method::post, "/oauth/par", json::object{{"client_id", web.client_id}});
  expect_refused(world.send(as_json), 400, "invalid_request",
                 "Send the body as application/x-www-form-urlencoded and say so in Content-Type.");
  auto twice = form(web);
  twice.add("scope", "openid");
  expect_refused(world.send(form_request("/oauth/par", twice)), 400, "invalid_request",
                 "The parameter scope is present more than once.");
  http::Parameters own;
  for (int i = 0; i < 11; ++i) own.add("ext-" + std::to_string(i), "x");
  expect_refused(push(own), 400, "invalid_request", "At most 10 parameters that begin with ext- can be pushed.");
  EXPECT_EQ(world.send(request_for(http::Method::get, "/oauth/par")).status, 405);
  EXPECT_EQ(push(parameters({{"ext-own", std::string(9'000, 'x')}})).status, 201);
  EXPECT_EQ(push(parameters({{"ext-own", std::string(10 * 1024, 'x')}})).status, 413);
}

TEST_F(PushedRequests, are_stored_without_secrets) {
  const auto token = transfer();
  const auto response = push(parameters({{"session_transfer_token", token}, {"password", "hunter2"}}));
  ASSERT_EQ(response.status, 201);
  const auto uri = json::find_string(object_of(response), "request_uri").value();
  const auto& keys = world.node().product().tenants().snapshot(world.tenant())->keys();
  const auto handle = tenancy::parse_handle(keys, model::HandleKind::pushed_request, uri);
  ASSERT_TRUE(handle);
  const auto found = world.node().product().tenants().store().read(
      world.tenant(), [&](const store::Reader& r) { return store::pushed_requests::find(r, handle->id); });
  ASSERT_TRUE(found);
  for (const std::string& secret : {web.client_secret, token, std::string("hunter2"), std::string("client_secret")})
    EXPECT_EQ(found->request.parameters.find(secret), std::string::npos) << found->request.parameters;
  EXPECT_TRUE(found->request.transfer);
}

// --- Referring ---

TEST_F(PushedRequests, open_with_the_client_id_and_the_request_uri_alone) {
  const auto page = refer(pushed(parameters({{"state", "pushed"}, {"login_hint", "ada@example.com"}})));
  ASSERT_TRUE(page.is_login_page());
  EXPECT_EQ(page.field("username"), "ada@example.com");
  const auto end = browser.submit_login(page, ada);
  EXPECT_EQ(end.parameter("state"), "pushed");
  EXPECT_EQ(end.parameter("iss"), kIssuer);
  EXPECT_EQ(redeem(web, end.parameter("code")).status, 200);
}

TEST_F(PushedRequests, are_not_changed_by_what_the_browser_adds) {
  sign_in();
  const auto end = refer(pushed(), parameters({{"state", "attacker"},
                                               {"redirect_uri", "https://evil.example/"},
                                               {"scope", "openid offline_access"},
                                               {"response_type", "id_token"},
                                               {"response_mode", "fragment"},
                                               {"prompt", "login"},
                                               {"request", "eyJ"},
                                               {"nonce", "n"}}));
  EXPECT_TRUE(end.url.starts_with(std::string(kCallback) + "?code=")) << end.url;
  EXPECT_EQ(end.parameter("state"), "s-1");
  EXPECT_EQ(redeem(web, end.parameter("code")).text("refresh_token"), "");
}

TEST_F(PushedRequests, work_once_whatever_the_decision_was) {
  const auto silent = pushed(parameters({{"prompt", "none"}}));
  expect_told(refer(silent), "login_required", "Login required");
  expect_unusable(refer(silent));
  const auto prompting = pushed();
  const auto page = refer(prompting);
  ASSERT_TRUE(page.is_login_page());
  expect_unusable(refer(prompting));
  // The login page does not need it any more.
  const auto again = browser.open(page.url);
  ASSERT_TRUE(again.is_login_page());
  EXPECT_NE(browser.submit_login(again, ada).parameter("code"), "");
  const auto sso = pushed();
  EXPECT_NE(refer(sso).parameter("code"), "");
  expect_unusable(refer(sso));
  EXPECT_EQ(count_logs("type:f"), 3u);
  EXPECT_EQ(json::find_string(world.logs("type:f").front(), "client_id"), web.client_id);
}

TEST_F(PushedRequests, expire) {
  const auto uri = pushed();
  world.clock.advance(29s);
  EXPECT_TRUE(refer(uri).is_login_page());
  const auto late = pushed();
  world.clock.advance(30s);
  expect_unusable(refer(late));
}

TEST_F(PushedRequests, belong_to_the_client_that_pushed_them) {
  const auto uri = pushed();
  const auto other = world.web_client("https://other.example");
  expect_unusable(browser.open(target(other.client_id, uri)));
  expect_page(browser.open("/authorize?request_uri=" + uri), 400, "Missing required parameter: client_id");
  expect_page(browser.open(target(web.client_id, uri) + "&client_id=" + other.client_id), 400,
              "The parameter client_id must stand once, with a value.");
  expect_page(browser.open(target(web.client_id, uri) + "&request_uri=" + uri), 400,
              "The parameter request_uri must stand once, with a value.");
  // None of this has used it up.
  EXPECT_TRUE(refer(uri).is_login_page());
}

TEST_F(PushedRequests, cannot_be_guessed_or_made_from_other_handles) {
  const auto uri = pushed();
  auto forged = uri;
  forged.back() = forged.back() == 'A' ? 'B' : 'A';
  expect_unusable(refer(forged));
  for (const std::string text : {"", "x", "stt_abc.def"}) expect_unusable(refer(kUrn + text));
  auto moved = transfer();
  expect_unusable(refer(kUrn + moved.substr(moved.find('_') + 1)));
  EXPECT_TRUE(refer(uri).is_login_page());
}

TEST_F(PushedRequests, are_looked_at_again_when_they_are_used) {
  const auto uri = pushed();
  patch_client(web, {{"callbacks", json::array{"https://app.example/other"}}});
  expect_page(refer(uri), 403, "The provided redirect_uri is not in the list of allowed callback URLs.");
}

TEST_F(PushedRequests, can_be_required_of_a_client) {
  patch_client(web, {{"require_pushed_authorization_requests", true}});
  expect_told(authorize(), "invalid_request",
              "This client must push its authorization requests: send them to /oauth/par and bring the request_uri.");
  EXPECT_TRUE(refer(pushed()).is_login_page());
}

TEST_F(PushedRequests, stand_in_discovery) {
  const auto document = object_of(world.send(request_for(http::Method::get, "/.well-known/openid-configuration")));
  EXPECT_EQ(json::find_string(document, "pushed_authorization_request_endpoint"), std::string(kIssuer) + "oauth/par");
  EXPECT_EQ(json::find_bool(document, "require_pushed_authorization_requests"), false);
}

// --- Session transfer tokens beside and inside ---

TEST_F(PushedRequests, honour_a_session_transfer_token_beside_the_request_uri) {
  const auto end = refer(pushed(), parameters({{"session_transfer_token", transfer()}}));
  EXPECT_EQ(redeem(web, end.parameter("code")).status, 200) << end.url;
}

TEST_F(PushedRequests, honour_a_session_transfer_token_inside_once) {
  const auto token = transfer();
  const auto uri = pushed(parameters({{"session_transfer_token", token}})),
             second = pushed(parameters({{"session_transfer_token", token}}));
  const auto end = refer(uri);
  EXPECT_EQ(redeem(web, end.parameter("code")).status, 200) << end.url;
  Browser other(world.node());
  EXPECT_TRUE(other.open(target(web.client_id, second)).is_login_page());
  EXPECT_EQ(count_logs("type:w"), 1u);
}

TEST_F(PushedRequests, bind_a_token_inside_to_the_device_of_the_browser_and_not_of_the_push) {
  auto form_from_elsewhere = form_request("/oauth/par", form(web, parameters({{"session_transfer_token", transfer()}})));
  form_from_elsewhere.peer_address = "198.51.100.9";
  const auto good = json::find_string(object_of(world.send(form_from_elsewhere)), "request_uri").value();
  const auto bad = pushed(parameters({{"session_transfer_token", transfer()}}));
  Browser elsewhere(world.node());
  elsewhere.peer_address = "198.51.100.9";
  EXPECT_TRUE(elsewhere.open(target(web.client_id, bad)).is_login_page());
  EXPECT_NE(refer(good).parameter("code"), "");
}

TEST_F(PushedRequests, take_equal_tokens_for_one_and_refuse_all_that_differ) {
  const auto same = transfer();
  EXPECT_NE(refer(pushed(parameters({{"session_transfer_token", same}})), parameters({{"session_transfer_token", same}}))
                .parameter("code"),
            "");
  for (const bool by_cookie : {true, false}) {
    sign_out();
    const auto inside = transfer(), beside = transfer();
    if (by_cookie) browser.plant("auth0_session_transfer_token", beside);
    EXPECT_TRUE(refer(pushed(parameters({{"session_transfer_token", inside}})),
                      by_cookie ? http::Parameters{} : parameters({{"session_transfer_token", beside}}))
                    .is_login_page());
    for (const auto& token : {inside, beside}) {
      Browser later(world.node());
      EXPECT_TRUE(later.open(authorize_url(web, kCallback, parameters({{"session_transfer_token", token}}))).is_login_page());
    }
  }
  sign_out();
  EXPECT_TRUE(
      refer(pushed(parameters({{"session_transfer_token", "no-token"}})), parameters({{"session_transfer_token", transfer()}}))
          .is_login_page());
}

TEST_F(PushedRequests, leave_a_token_inside_unspent_where_it_is_not_looked_at) {
  const auto token = transfer();
  auto frame = browser;
  frame.extra.set("sec-fetch-dest", "iframe");
  EXPECT_FALSE(frame.open(target(web.client_id, pushed(parameters({{"session_transfer_token", token}, {"prompt", "none"}}))))
                   .parameter("error")
                   .empty());
  patch_client(web, {{"session_transfer", json::object{{"allowed_authentication_methods", json::array{"cookie"}}}}});
  EXPECT_TRUE(refer(pushed(parameters({{"session_transfer_token", token}}))).is_login_page());
  EXPECT_EQ(count_logs("type:w"), 1u);  // ignored: not by this method
  sign_out();
  browser.plant("auth0_session_transfer_token", token);
  EXPECT_NE(authorize().parameter("code"), "");
}

TEST_F(PushedRequests, that_are_used_up_spend_no_token) {
  const auto uri = pushed();
  EXPECT_TRUE(refer(uri).is_login_page());
  const auto token = transfer();
  expect_unusable(refer(uri, parameters({{"session_transfer_token", token}})));
  EXPECT_NE(refer(pushed(parameters({{"session_transfer_token", token}}))).parameter("code"), "");
}

}  // namespace
}  // namespace segue::test
