// An Action sends the person to another site, and the sign-in goes on at /continue where it stopped (contract §2.6, §8.3).
#include <gmock/gmock.h>

#include "action_redirect_flow.h"
#include "base/bytes.h"
#include "crypto/digest.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Commands = std::vector<actions::Command>;

struct ActionRedirect : ::testing::Test, Redirected {
  // /continue does not go on: an error page, a row, and no session.
  void expect_refused(Browser& browser, const Page& page) {
    EXPECT_FALSE(page.left) << page.url;
    EXPECT_EQ(page.status, 400);
    EXPECT_FALSE(browser.cookies().contains("auth0"));
    const auto rows = h.world.logs("type:f");
    ASSERT_FALSE(rows.empty());
    EXPECT_NE(json::write(rows.front()).find("invalid_request"), std::string::npos);
  }
  json::array methods_of(const Browser& browser) {
    const auto shown = h.world.managed(http::Method::get, "sessions/" + h.stored_session(browser).sid).as_object();
    return json::find_object(shown, "authentication")->at("methods").as_array();
  }
};

TEST_F(ActionRedirect, goes_on_where_it_stopped_and_runs_nothing_twice) {
  played.scripts["First"] = [](const auto&, bool) -> Commands {
    return {{"idToken.setCustomClaim", {"first", 1}}, {"transaction.setMetadata", {"step", 7}}};
  };
  played.scripts["Last"] = [](const auto&, bool) -> Commands { return {{"idToken.setCustomClaim", {"last", 1}}}; };
  auto browser = h.browser();
  const auto away = send_away(browser);
  ASSERT_TRUE(is_away(away)) << away.url;
  EXPECT_EQ(away.parameter("lang"), "de");
  EXPECT_FALSE(browser.cookies().contains("auth0"));
  EXPECT_TRUE(runner.calls.back().can_redirect);
  EXPECT_THAT(played.ran, ElementsAre("First", "Terms"));
  const auto told = runner.in_event("session.id");
  const auto transaction = runner.in_event("transaction.id");
  EXPECT_TRUE(h.world.logs("type:s").empty());

  const auto page = browser.open(continue_url(away, parameters({{"agreed", "yes"}})));
  ASSERT_TRUE(signs_in(page)) << page.url;
  EXPECT_THAT(played.ran, ElementsAre("First", "Terms", "Terms goes on", "Last"));
  EXPECT_EQ(runner.in_event("request.query.agreed"), "yes");
  EXPECT_EQ(runner.in_event("request.query.state"), away.parameter("state"));
  EXPECT_EQ(runner.in_event("request.query.client_id"), "");
  EXPECT_EQ(runner.in_event("transaction.metadata.step"), "7");
  EXPECT_EQ(runner.in_event("transaction.id"), transaction);
  EXPECT_EQ(runner.in_event("transaction.state"), "s-1");
  EXPECT_EQ(h.stored_session(browser).sid, told);
  const auto claims = claims_of(h.exchange_code(page).text("id_token"));
  EXPECT_EQ(json::find_integer(claims, "first"), 1);
  EXPECT_EQ(json::find_integer(claims, "last"), 1);
  const auto details = *json::find_object(h.only_row("s"), "details");
  EXPECT_EQ(json::find_strings(*json::find_object(details, "actions"), "executions").size(), 2u);
}

TEST_F(ActionRedirect, gives_the_body_of_a_post_to_the_action) {
  auto browser = h.browser();
  const auto away = send_away(browser);
  auto request = form_request("/continue", parameters({{"state", away.parameter("state")}, {"session_token", "x.y.z"}}));
  request.headers.add("cookie", "__Host-segue_browser=" + browser.cookies().at("__Host-segue_browser"));
  request.headers.add("origin", "https://site.example");
  const auto answer = h.world.send(request);
  EXPECT_EQ(answer.status, 302);
  EXPECT_THAT(header_of(answer, "location"), HasSubstr("code="));
  EXPECT_EQ(runner.in_event("request.body.session_token"), "x.y.z");
  EXPECT_EQ(runner.in_event("request.method"), "POST");
}

// Browsers keep SameSite cookies at home when another site posts.
TEST_F(ActionRedirect, has_a_post_of_another_site_sent_again_from_its_own_page) {
  auto browser = h.browser();
  const auto away = send_away(browser);
  const auto form = parameters({{"session_token", "x.y.z"}, {"note", "\"<b>"}});
  auto foreign = form_request(continue_url(away), form);
  foreign.headers.add("origin", "https://site.example");
  foreign.headers.add("sec-fetch-site", "cross-site");
  Page page;
  page.response = h.world.send(foreign);
  ASSERT_EQ(page.response.status, 200);
  EXPECT_EQ(page.field("session_token"), "x.y.z");
  EXPECT_THAT(header_of(page.response, "content-security-policy"),
              HasSubstr("form-action 'self' https://app.example https: http:"));
  EXPECT_THAT(played.ran, ElementsAre("First", "Terms"));
  EXPECT_TRUE(signs_in(browser.submit(page, form)));
  EXPECT_EQ(runner.in_event("request.body.note"), "\"<b>");

  // Without the cookie from its own page, too, it is another browser.
  auto stranger = h.browser();
  expect_refused(stranger, stranger.submit(page, form));
}

TEST_F(ActionRedirect, takes_a_state_once) {
  auto browser = h.browser();
  const auto away = send_away(browser);
  ASSERT_TRUE(signs_in(browser.open(continue_url(away))));
  browser.forget("auth0");
  expect_refused(browser, browser.open(continue_url(away)));
}

TEST_F(ActionRedirect, refuses_a_state_that_is_wrong_missing_or_expired) {
  auto browser = h.browser();
  const auto login = h.open(browser);
  expect_refused(browser, browser.open("/continue?state=" + login.field("state")));
  const auto away = browser.submit_login(login, h.ada);
  ASSERT_TRUE(is_away(away));
  for (const auto& url :
       {std::string("/continue"), std::string("/continue?state="), std::string("/continue?state=ar_abc.def"),
        "/continue?state=" + login.field("state"), continue_url(away) + "x", continue_url(away) + "&state=other"}) {
    SCOPED_TRACE(url);
    expect_refused(browser, browser.open(url));
  }
  // The page before it is over, and still says where to sign in again.
  EXPECT_THAT(browser.open("/u/login?state=" + login.field("state")).url, StartsWith("https://app.example/login?"));
  EXPECT_THAT(browser.open("/u/login?state=" + away.parameter("state")).url, StartsWith("https://app.example/login?"));
  EXPECT_THAT(played.ran, ElementsAre("First", "Terms"));
  h.world.clock.advance(61min);
  expect_refused(browser, browser.open(continue_url(away)));
}

TEST_F(ActionRedirect, belongs_to_its_browser_and_its_tenant) {
  auto browser = h.browser();
  const auto away = send_away(browser);
  auto stranger = h.browser();
  expect_refused(stranger, stranger.open(continue_url(away)));
  h.open(stranger);  // has a binding of its own now
  expect_refused(stranger, stranger.open(continue_url(away)));
  h.world.add_tenant("other.example");
  Browser elsewhere(h.world.node(), "other.example");
  elsewhere.plant("__Host-segue_browser", browser.cookies().at("__Host-segue_browser"));
  EXPECT_EQ(elsewhere.open(continue_url(away)).status, 400);
  EXPECT_THAT(played.ran, ElementsAre("First", "Terms"));
  EXPECT_TRUE(signs_in(browser.open(continue_url(away))));
}

TEST_F(ActionRedirect, does_nothing_for_a_prefetch) {
  auto browser = h.browser();
  const auto away = send_away(browser);
  auto prefetch = request_for(http::Method::get, continue_url(away));
  prefetch.headers.add("sec-purpose", "prefetch");
  prefetch.headers.add("cookie", "__Host-segue_browser=" + browser.cookies().at("__Host-segue_browser"));
  EXPECT_EQ(h.world.send(prefetch).status, 204);
  EXPECT_TRUE(signs_in(browser.open(continue_url(away))));
}

TEST_F(ActionRedirect, may_happen_several_times_each_with_a_state_of_its_own) {
  played.scripts["Terms"] = [](const actions::Invocation& call, bool continues) -> Commands {
    const auto* const query = json::find_object(*json::find_object(call.event, "request"), "query");
    if (continues && json::find(*query, "done") != nullptr) return {};
    return {{"redirect.sendUserTo", {kSite}}};
  };
  played.scripts["Last"] = [](const auto&, bool continues) -> Commands {
    if (continues) return {};
    return {{"redirect.sendUserTo", {"http://localhost:3000/last"}}};
  };
  auto browser = h.browser();
  const auto first = send_away(browser);
  const auto again = browser.open(continue_url(first));
  ASSERT_TRUE(is_away(again)) << again.url;
  EXPECT_NE(first.parameter("state"), again.parameter("state"));
  expect_refused(browser, browser.open(continue_url(first)));
  const auto last = browser.open(continue_url(again, parameters({{"done", "1"}})));
  ASSERT_TRUE(is_away(last, "http://localhost:3000/last"));
  expect_refused(browser, browser.open(continue_url(again)));
  ASSERT_TRUE(signs_in(browser.open(continue_url(last))));
  EXPECT_THAT(played.ran, ElementsAre("First", "Terms", "Terms goes on", "Terms goes on", "Last", "Last goes on"));
}

TEST_F(ActionRedirect, is_impossible_where_no_page_may_be_shown) {
  auto browser = h.browser();
  rebind({});
  ASSERT_TRUE(signs_in(send_away(browser)));
  const auto refresh_token = h.sign_in();
  rebind({"Terms"});
  EXPECT_TRUE(tells(h.open(browser, parameters({{"prompt", "none"}})), "interaction_required"));
  EXPECT_FALSE(runner.calls.back().can_redirect);
  const auto password = h.world.password_tokens(h.native, h.ada);
  EXPECT_EQ(password.status, 403);
  EXPECT_EQ(password.error(), "interaction_required");
  EXPECT_EQ(h.world.refresh(h.native, refresh_token).error(), "interaction_required");
  EXPECT_FALSE(runner.calls.back().can_redirect);
  rebind({});
  EXPECT_EQ(h.world.refresh(h.native, refresh_token).status, 200);
}

TEST_F(ActionRedirect, happens_to_a_session_that_goes_on_too) {
  rebind({});
  auto browser = h.browser_of(h.ada);
  const auto sid = h.stored_session(browser).sid;
  rebind({"Terms"});
  const auto away = h.open(browser);
  ASSERT_TRUE(is_away(away)) << away.url;
  ASSERT_TRUE(signs_in(browser.open(continue_url(away))));
  EXPECT_EQ(h.stored_session(browser).sid, sid);
}

TEST_F(ActionRedirect, refuses_to_go_anywhere_but_to_a_web_address) {
  for (const auto* url :
       {"javascript:alert(1)", "/relative", "//site.example", "https://", "https://a b", "com.example.app:/x"}) {
    SCOPED_TRACE(url);
    played.scripts["Terms"] = [url](const auto&, bool) -> Commands { return {{"redirect.sendUserTo", {url}}}; };
    auto browser = h.browser();
    const auto page = send_away(browser);
    EXPECT_TRUE(tells(page, "access_denied"));
    EXPECT_THAT(page.parameter("error_description"), HasSubstr("api.redirect.sendUserTo"));
  }
}

// --- What the Actions decide when the person is back. ---

TEST_F(ActionRedirect, leads_nowhere_when_the_action_denies_then) {
  played.scripts["First"] = [](const auto&, bool) -> Commands { return {{"user.setUserMetadata", {"color", "red"}}}; };
  played.scripts["Terms"] = [](const auto&, bool continues) -> Commands {
    if (continues) return {{"access.deny", {"Not agreed."}}};
    return {{"redirect.sendUserTo", {kSite}}};
  };
  auto browser = h.browser();
  const auto page = browser.open(continue_url(send_away(browser)));
  EXPECT_TRUE(tells(page, "access_denied"));
  EXPECT_EQ(page.parameter("error_description"), "Not agreed.");
  EXPECT_EQ(page.parameter("state"), "s-1");
  EXPECT_FALSE(browser.cookies().contains("auth0"));
  const auto row = h.only_row("f");
  EXPECT_EQ(text_of(row, "description"), "Not agreed.");
  EXPECT_EQ(text_of(row, "user_id"), h.ada.user_id);
  const auto user = h.world.managed(http::Method::get, "users/" + h.ada.user_id).as_object();
  EXPECT_TRUE(json::object_or_empty(user, "user_metadata").empty());
}

TEST_F(ActionRedirect, ends_when_the_action_cannot_run_then) {
  for (const auto& [status, error] : {std::pair{actions::Status::timed_out, "access_denied"},
                                      std::pair{actions::Status::unavailable, "temporarily_unavailable"}}) {
    auto browser = h.browser();
    const auto away = send_away(browser);
    played.fails = status;
    EXPECT_TRUE(tells(browser.open(continue_url(away)), error));
    EXPECT_FALSE(browser.cookies().contains("auth0"));
    EXPECT_EQ(browser.open(continue_url(away)).status, 400);
  }
  EXPECT_EQ(h.world.logs("type:actions_execution_failed").size(), 2u);
}

TEST_F(ActionRedirect, keeps_what_was_wanted_before_it_and_takes_the_last_word_behind_it) {
  played.scripts["First"] = [&](const auto&, bool) -> Commands {
    return {{"session.setExpiresAt", {base::to_millis(h.world.clock.now() + 1h)}},
            {"session.setMetadata", {"a", "1"}},
            {"session.setMetadata", {"b", "1"}},
            {"user.setAppMetadata", {"terms", 1}}};
  };
  played.scripts["Last"] = [&](const auto&, bool) -> Commands {
    return {{"session.setExpiresAt", {base::to_millis(h.world.clock.now() + 5h)}},
            {"session.deleteMetadata", {"b"}},
            {"user.setAppMetadata", {"terms", 2}}};
  };
  auto browser = h.browser();
  ASSERT_TRUE(signs_in(browser.open(continue_url(send_away(browser)))));
  EXPECT_EQ(h.stored_session(browser).expires_at, h.world.clock.now() + 1h);
  const auto shown = h.world.managed(http::Method::get, "sessions/" + h.stored_session(browser).sid).as_object();
  EXPECT_EQ(json::write(*json::find(shown, "session_metadata")), R"({"a":"1"})");
  const auto user = h.world.managed(http::Method::get, "users/" + h.ada.user_id).as_object();
  EXPECT_EQ(json::write(*json::find(user, "app_metadata")), R"({"terms":2})");
}

TEST_F(ActionRedirect, records_the_method_that_the_person_went_through) {
  static constexpr const char* kMethod = "https://site.example/methods/face@2";
  played.scripts["Terms"] = [](const auto&, bool continues) -> Commands {
    if (continues) return {{"authentication.recordMethod", {kMethod}}};
    return {{"redirect.sendUserTo", {kSite}}};
  };
  auto browser = h.browser();
  ASSERT_TRUE(signs_in(browser.open(continue_url(send_away(browser)))));
  auto methods = methods_of(browser);
  ASSERT_EQ(methods.size(), 2u);
  EXPECT_EQ(json::find_string(methods[1].as_object(), "name"), kMethod);
  // A later sign-in is told of it, and what is gone through again stands once.
  h.world.clock.advance(1min);
  const auto away = h.open(browser);
  EXPECT_THAT(runner.in_event("authentication.methods"), HasSubstr(kMethod));
  ASSERT_TRUE(signs_in(browser.open(continue_url(away))));
  methods = methods_of(browser);
  ASSERT_EQ(methods.size(), 2u);
  EXPECT_EQ(json::find_string(methods[1].as_object(), "timestamp"), base::to_iso8601(h.world.clock.now()));
}

TEST_F(ActionRedirect, records_no_method_before_it_and_none_that_is_no_url) {
  played.scripts["First"] = [](const auto&, bool) -> Commands {
    return {{"authentication.recordMethod", {"https://a.example/m"}}};
  };
  auto browser = h.browser();
  const auto page = send_away(browser);
  EXPECT_TRUE(tells(page, "access_denied"));
  EXPECT_THAT(page.parameter("error_description"), HasSubstr("onContinuePostLogin only"));
  played.scripts.erase("First");
  played.scripts["Terms"] = [](const auto&, bool continues) -> Commands {
    if (continues) return {{"authentication.recordMethod", {"face"}}};
    return {{"redirect.sendUserTo", {kSite}}};
  };
  auto other = h.browser();
  EXPECT_TRUE(tells(other.open(continue_url(send_away(other))), "access_denied"));
}

TEST_F(ActionRedirect, keeps_transaction_metadata_within_its_limits) {
  played.scripts["First"] = [](const auto&, bool) -> Commands {
    return {{"transaction.setMetadata", {"a", std::string(8000, 'x')}},
            {"transaction.setMetadata", {"b", std::string(8000, 'x')}}};
  };
  auto browser = h.browser();
  ASSERT_TRUE(is_away(send_away(browser)));
  played.scripts["First"] = [](const auto&, bool) -> Commands {
    return {{"transaction.setMetadata", {std::string(65, 'k'), 1}}};
  };
  auto other = h.browser();
  EXPECT_TRUE(tells(send_away(other), "access_denied"));
}

// --- What changes while the person is away. ---

TEST_F(ActionRedirect, runs_an_action_that_was_bound_meanwhile_wherever_it_stands) {
  auto browser = h.browser();
  const auto away = send_away(browser);
  const auto list = h.world.node().product().tenants().snapshot(h.world.tenant())->bindings("post-login");
  // bind() makes new Actions; the old ones keep their ids here.
  h.world.node().product().tenants().change(h.world.tenant(), [&](const store::Writer& w) {
    model::Action action;
    action.action_id = "action-strict", action.name = "Strict-1", action.trigger_id = "post-login";
    action.draft.code = "exports.onExecutePostLogin = async () => {};", action.draft.runtime = "node22";
    action.created_at = action.updated_at = h.world.clock.now();
    store::actions::insert(w, action);
    store::actions::deploy(w, {.action_id = action.action_id,
                               .version_id = "version-strict",
                               .number = 1,
                               .source = action.draft,
                               .created_at = h.world.clock.now()});
    std::vector<model::ActionBinding> bindings;
    const auto add = [&](const std::string& action_id) {
      bindings.push_back({.binding_id = "b-" + action_id,
                          .trigger_id = "post-login",
                          .action_id = action_id,
                          .display_name = action_id,
                          .created_at = h.world.clock.now(),
                          .updated_at = h.world.clock.now()});
    };
    add("action-strict");
    for (const auto& bound : *list) add(bound.action.action_id);
    store::trigger_bindings::replace(w, "post-login", bindings);
    return true;
  });
  played.scripts["Strict"] = [](const auto&, bool) -> Commands { return {{"access.deny", {"Closed."}}}; };
  EXPECT_TRUE(tells(browser.open(continue_url(away)), "access_denied"));
  EXPECT_THAT(played.ran, ElementsAre("First", "Terms", "Terms goes on", "Strict"));
}

TEST_F(ActionRedirect, goes_on_without_an_action_that_is_bound_no_more) {
  auto browser = h.browser();
  const auto away = send_away(browser);
  rebind({"Another"});
  EXPECT_TRUE(signs_in(browser.open(continue_url(away))));
  EXPECT_THAT(played.ran, ElementsAre("First", "Terms", "Another"));
  rebind({"Terms"});
  auto other = h.browser();
  const auto second = send_away(other);
  rebind({});
  EXPECT_TRUE(signs_in(other.open(continue_url(second))));
}

TEST_F(ActionRedirect, ends_when_the_user_was_blocked_or_has_another_password) {
  auto browser = h.browser();
  auto away = send_away(browser);
  h.world.managed(http::Method::patch, "users/" + h.ada.user_id, {{"blocked", true}});
  EXPECT_TRUE(tells(browser.open(continue_url(away)), "unauthorized"));
  h.world.managed(http::Method::patch, "users/" + h.ada.user_id, {{"blocked", false}});
  away = send_away(browser);
  ASSERT_TRUE(is_away(away));
  h.world.clock.advance(1s);
  h.world.managed(http::Method::patch, "users/" + h.ada.user_id, {{"password", "Another-Passw0rd!"}});
  EXPECT_TRUE(tells(browser.open(continue_url(away)), "login_required"));
  EXPECT_THAT(played.ran, ElementsAre("First", "Terms", "First", "Terms"));
  EXPECT_FALSE(browser.cookies().contains("auth0"));
}

TEST_F(ActionRedirect, ends_when_the_session_that_goes_on_was_revoked) {
  rebind({});
  auto browser = h.browser_of(h.ada);
  const auto sid = h.stored_session(browser).sid;
  rebind({"Terms"});
  const auto away = h.open(browser);
  h.world.managed(http::Method::delete_, "sessions/" + sid);
  EXPECT_TRUE(tells(browser.open(continue_url(away)), "login_required"));
  EXPECT_THAT(played.ran, ElementsAre("Terms"));
}

// --- Beside the other stages. ---

TEST_F(ActionRedirect, comes_before_consent) {
  auto browser = h.browser();
  const auto away = send_away(browser, parameters({{"prompt", "consent"}}));
  ASSERT_TRUE(is_away(away));
  const auto told = runner.in_event("session.id");
  const auto consent = browser.open(continue_url(away));
  ASSERT_THAT(consent.url, HasSubstr("/u/consent?state="));
  EXPECT_FALSE(browser.cookies().contains("auth0"));
  const auto page = browser.submit(
      consent, parameters({{"state", consent.field("state")}, {"csrf", consent.field("csrf")}, {"action", "accept"}}));
  ASSERT_TRUE(signs_in(page)) << page.response.body;
  EXPECT_EQ(h.stored_session(browser).sid, told);
  EXPECT_EQ(browser.open(continue_url(away)).status, 400);
}

TEST_F(ActionRedirect, keeps_the_login_page_from_being_stopped_by_its_own_policy) {
  auto browser = h.browser();
  EXPECT_THAT(header_of(h.open(browser).response, "content-security-policy"),
              HasSubstr("form-action 'self' https://app.example https: http:;"));
  rebind({});
  EXPECT_THAT(header_of(h.open(browser).response, "content-security-policy"),
              HasSubstr("form-action 'self' https://app.example;"));
}

// --- The handoff. ---

struct RedirectedHandoff : ActionRedirect {
  std::string refresh_token, token;
  RedirectedHandoff() {
    rebind({});
    refresh_token = h.sign_in();
    token = h.transfer_of(refresh_token);
    rebind({"First", "Terms", "Last"});
    played.ran.clear();
  }
};

TEST_F(RedirectedHandoff, spends_the_transfer_and_opens_its_session_when_the_person_is_back) {
  auto browser = h.browser();
  const auto away = h.redeem(browser, token);
  ASSERT_TRUE(is_away(away)) << away.url;
  EXPECT_EQ(away.url.find(token), std::string::npos);
  EXPECT_FALSE(browser.cookies().contains("auth0"));
  auto second = h.browser();
  EXPECT_TRUE(h.redeem(second, token).is_login_page());

  ASSERT_TRUE(signs_in(browser.open(continue_url(away))));
  EXPECT_EQ(runner.in_event("session_transfer_token.client_id"), h.native.client_id);
  const auto session = h.stored_session(browser);
  EXPECT_TRUE(session.opened_by_transfer);
  EXPECT_FALSE(session.ancestry.transfer_id.empty());
  EXPECT_EQ(detail_of(h.only_row("s"), "triggered_by_session_transfer_token"), "true");
}

TEST_F(RedirectedHandoff, ends_when_the_parent_was_revoked_while_the_person_was_away) {
  auto browser = h.browser();
  const auto away = h.redeem(browser, token);
  h.revoke(refresh_token, true);
  EXPECT_TRUE(tells(browser.open(continue_url(away)), "login_required"));
  EXPECT_THAT(played.ran, ElementsAre("First", "Terms"));
  EXPECT_FALSE(browser.cookies().contains("auth0"));
  EXPECT_EQ(detail_of(h.only_row("f"), "triggered_by_session_transfer_token"), "true");
}

TEST_F(RedirectedHandoff, ends_when_the_parent_is_revoked_while_the_last_action_runs) {
  played.scripts["Last"] = [&](const auto&, bool) -> Commands {
    h.revoke(refresh_token, true);
    return {};
  };
  auto browser = h.browser();
  const auto away = h.redeem(browser, token);
  EXPECT_TRUE(tells(browser.open(continue_url(away)), "login_required"));
  EXPECT_FALSE(browser.cookies().contains("auth0"));
}

TEST_F(ActionRedirect, is_no_factor_that_a_handoff_carries_over) {
  played.scripts["Terms"] = [](const auto&, bool continues) -> Commands {
    if (continues) return {{"authentication.recordMethod", {"https://site.example/face"}}};
    return {{"redirect.sendUserTo", {kSite}}};
  };
  constexpr const char* kAppCallback = "https://native.example/callback";
  h.world.managed(http::Method::patch, "clients/" + h.native.client_id, {{"callbacks", json::array{kAppCallback}}});
  auto browser = h.browser();
  const std::string verifier(43, 'v');
  const auto challenge = base::base64url(crypto::sha256(verifier));
  const auto login = browser.open(authorize_url(
      h.native, kAppCallback,
      parameters({{"scope", "openid offline_access"}, {"code_challenge", challenge}, {"code_challenge_method", "S256"}})));
  const auto page = browser.open(continue_url(browser.submit_login(login, h.ada)));
  ASSERT_TRUE(signs_in(page)) << page.url;
  EXPECT_EQ(methods_of(browser).size(), 2u);
  const auto refresh_token = h.world
                                 .token_request(parameters({{"grant_type", "authorization_code"},
                                                            {"client_id", h.native.client_id},
                                                            {"code", page.parameter("code")},
                                                            {"code_verifier", verifier},
                                                            {"redirect_uri", kAppCallback}}))
                                 .refresh_token();
  rebind({});
  auto second = h.browser();
  ASSERT_TRUE(signs_in(h.redeem(second, h.transfer_of(refresh_token))));
  ASSERT_EQ(methods_of(second).size(), 1u);
  EXPECT_EQ(json::find_string(methods_of(second)[0].as_object(), "name"), "pwd");
}

}  // namespace
}  // namespace segue::test
