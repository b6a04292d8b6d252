// An Action sends the person to another site, and the sign-in goes on at /continue where it stopped (contract §2.6, §8.3).
#include "action_redirect_flow.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

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
  // The page before it is over, and its state is nobody's any more.
  EXPECT_EQ(browser.open("/u/login?state=" + login.field("state")).status, 400);
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

}  // namespace
}  // namespace segue::test
