#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "interaction/pages.h"
#include "interaction/pages/document.h"

namespace segue::interaction::pages {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string policy(const http::Response& response) {
  return std::string(response.headers.find("content-security-policy").value_or(""));
}

// What a browser hashes: the characters between the tags.
std::string between(std::string_view text, std::string_view opening, std::string_view closing) {
  const auto from = text.find(opening) + opening.size();
  return std::string(text.substr(from, text.find(closing, from) - from));
}
std::string browser_hash(std::string_view text) { return "'sha256-" + base::base64(crypto::sha256(text)) + "'"; }

LoginPage example() {
  return {.client_name = "Acme Travel",
          .tenant_name = "login.acme.example",
          .action = "/u/login?state=s1",
          .state = "s1",
          .csrf = "c1",
          .redirect_origin = "https://app.acme.example"};
}

TEST(LoginPage, works_without_scripts_and_names_its_fields) {
  const auto page = login_page(example());
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body,
              AllOf(HasSubstr("<form method=\"post\" action=\"/u/login?state=s1\">"), HasSubstr("<label for=\"username\">"),
                    HasSubstr("autocomplete=\"username\""), HasSubstr("<label for=\"password\">"),
                    HasSubstr("type=\"password\" autocomplete=\"current-password\""), HasSubstr("name=\"csrf\" value=\"c1\"")));
  EXPECT_THAT(page.body, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("style=\"")), Not(HasSubstr("role=\"alert\""))));
}

TEST(SignOutPage, shows_images_of_other_sites_and_goes_on_by_itself) {
  const auto page = sign_out_page({.images = {"https://a.example/x?q=\"&wa=1", "https://a.example/y", "http://b.example:8080/"},
                                   .goes_on_at = "/u/logout?state=s"});
  EXPECT_THAT(policy(page), HasSubstr("img-src 'self' data: https://a.example http://b.example:8080;"));
  EXPECT_THAT(page.body, AllOf(HasSubstr("src=\"https://a.example/x?q=&quot;&amp;wa=1\""),
                               HasSubstr("<meta http-equiv=\"refresh\" content=\"3;url=/u/logout?state=s\">"),
                               HasSubstr("href=\"/u/logout?state=s\""), Not(HasSubstr("<script"))));
  const auto bare = sign_out_page({.images = {}, .goes_on_at = "/u/logout?state=s"});
  EXPECT_THAT(bare.body, HasSubstr("content=\"0;url="));
  EXPECT_THAT(policy(bare), HasSubstr("img-src 'self' data:;"));
}

TEST(LoginPage, starts_where_there_is_something_to_type) {
  auto page = example();
  EXPECT_THAT(between(login_page(page).body, "<input id=\"username\"", ">"), HasSubstr(" autofocus"));
  page.username = "ada@example.com";
  EXPECT_THAT(between(login_page(page).body, "<input id=\"username\"", ">"), Not(HasSubstr(" autofocus")));
  EXPECT_THAT(between(login_page(page).body, "<input id=\"password\"", ">"), HasSubstr(" autofocus"));
}

TEST(LoginPage, leads_to_the_sign_up_page_where_there_is_one) {
  auto page = example();
  EXPECT_THAT(login_page(page).body, Not(HasSubstr("class=\"aside\"")));
  page.sign_up_path = "/u/signup?state=s1&x=\"";
  EXPECT_THAT(login_page(page).body, HasSubstr("<a href=\"/u/signup?state=s1&amp;x=&quot;\">Sign up</a>"));
}

TEST(LoginPage, ties_the_alert_to_the_fields) {
  auto page = example();
  page.alert = "Wrong email or password.";
  const auto shown = login_page(page, 400);
  EXPECT_EQ(shown.status, 400);
  EXPECT_THAT(shown.body, AllOf(HasSubstr("<title>Error: Sign in"), HasSubstr("role=\"alert\""),
                                HasSubstr("<p id=\"alert\">Wrong email or password.</p>")));
  for (const auto field : {"<input id=\"username\"", "<input id=\"password\""}) {
    EXPECT_THAT(between(shown.body, field, ">"), HasSubstr("aria-invalid=\"true\" aria-describedby=\"alert\""));
  }
}

TEST(LoginPage, shows_hostile_text_as_text) {
  const std::string hostile = "\"'><script>alert(1)</script><!--&";
  const auto page = login_page({.client_name = hostile,
                                .tenant_name = hostile,
                                .action = hostile,
                                .state = hostile,
                                .csrf = hostile,
                                .username = hostile,
                                .alert = hostile,
                                .redirect_origin = hostile});
  EXPECT_THAT(page.body, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("<!--")), Not(HasSubstr("\"'>"))));
  EXPECT_THAT(page.body, HasSubstr("value=\"&quot;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;!--&amp;\""));
  EXPECT_THAT(policy(page), HasSubstr("form-action 'self';"));
}

TEST(LoginPage, allows_only_its_own_stylesheet_and_the_way_to_the_redirect) {
  const auto page = login_page(example());
  EXPECT_EQ(policy(page),
            "default-src 'none'; style-src " + browser_hash(between(page.body, "<style>", "</style>")) +
                "; img-src 'self' data:; form-action 'self' https://app.acme.example; base-uri 'none'; frame-ancestors 'none'");
  EXPECT_EQ(page.headers.find("referrer-policy"), "no-referrer");
  EXPECT_EQ(page.headers.find("cache-control"), "no-store");
  EXPECT_EQ(page.headers.find("x-content-type-options"), "nosniff");
}

TEST(SourceOf, covers_a_redirect_uri_and_nothing_more) {
  EXPECT_EQ(source_of("https://app.example.com/callback?x=1"), "https://app.example.com");
  EXPECT_EQ(source_of("HTTPS://App.Example.com:8443"), "https://app.example.com:8443");
  EXPECT_EQ(source_of("http://localhost:3000/callback"), "http://localhost:3000");
  EXPECT_EQ(source_of("http://[::1]:3000/callback"), "http:");
  EXPECT_EQ(source_of("com.example.app://login.example.com/ios/callback"), "com.example.app:");
  EXPECT_EQ(source_of("com.example.app:"), "com.example.app:");
  for (const auto bad :
       {"", "nonsense", "https:/x", "https://", "https://a b/", "https://a;script-src *", "https://a,b/", "1x://a", "a\r\nb:c"}) {
    EXPECT_EQ(source_of(bad), "") << bad;
  }
}

TEST(FormPostPage, carries_the_parameters_and_lets_only_its_script_run) {
  http::Parameters parameters;
  parameters.add("id_token", "a.b.c");
  parameters.add("state", "\"><script>alert(1)</script>");
  const auto page = form_post_page("https://app.example.com/callback?a=1&b=2", parameters);
  EXPECT_THAT(page.body, AllOf(HasSubstr("<form method=\"post\" action=\"https://app.example.com/callback?a=1&amp;b=2\">"),
                               HasSubstr("<input type=\"hidden\" name=\"id_token\" value=\"a.b.c\">"),
                               HasSubstr("value=\"&quot;&gt;&lt;script&gt;alert(1)"),
                               HasSubstr("<button class=\"button\" type=\"submit\">")));
  EXPECT_THAT(policy(page), AllOf(HasSubstr("form-action https://app.example.com https: http:;"),
                                  HasSubstr("script-src " + browser_hash(between(page.body, "<script>", "</script>")))));
}

TEST(RepostPage, posts_to_this_server_whose_answer_may_lead_anywhere) {
  http::Parameters parameters;
  parameters.add("session_token", "\"><script>alert(1)</script>");
  const auto page = repost_page("/continue?state=a&x=\"", parameters, "com.example.app:");
  EXPECT_THAT(page.body, AllOf(HasSubstr("action=\"/continue?state=a&amp;x=&quot;\""), Not(HasSubstr("<script>alert"))));
  EXPECT_THAT(policy(page), HasSubstr("form-action 'self' com.example.app: https: http:;"));
}

TEST(WebMessagePage, lets_one_origin_frame_it_and_one_script_run) {
  http::Parameters parameters;
  parameters.add("code", "c1");
  parameters.add("state", "</script><script>alert(1)</script>\"'");
  const auto page = web_message_page("https://app.example.com:8443", parameters);
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, AllOf(HasSubstr("data-target=\"https://app.example.com:8443\""),
                               HasSubstr("data-response=\"{&quot;code&quot;:&quot;c1&quot;,"), Not(HasSubstr("<script>alert"))));
  EXPECT_THAT(policy(page), AllOf(HasSubstr("frame-ancestors https://app.example.com:8443;"), HasSubstr("form-action 'none'"),
                                  HasSubstr("script-src " + browser_hash(between(page.body, "<script>", "</script>")))));
  EXPECT_FALSE(page.headers.find("x-frame-options"));
}

TEST(MessagePage, explains_and_names_the_request) {
  const auto page = message_page(400, "A <b>heading</b>", "Some <i>text</i>", "req<1>");
  EXPECT_EQ(page.status, 400);
  EXPECT_THAT(page.body, AllOf(HasSubstr("A &lt;b&gt;heading"), HasSubstr("Some &lt;i&gt;text"), HasSubstr("req&lt;1&gt;")));
  EXPECT_THAT(policy(page), HasSubstr("form-action 'none'"));
}

TEST(MessagePage, links_only_to_the_web) {
  EXPECT_THAT(message_page(400, "h", "t", "", {"https://app.example.com/\"", "Go"}).body,
              HasSubstr("<a class=\"button\" href=\"https://app.example.com/&quot;\">Go</a>"));
  EXPECT_THAT(message_page(400, "h", "t", "", {"javascript:alert(1)", "Go"}).body, Not(HasSubstr("<a ")));
}

TEST(ConsentPage, says_who_asks_for_what_and_escapes_it) {
  const auto response = consent_page({.client_name = "<b>Partner</b>",
                                      .user_name = "ada@example.com",
                                      .tenant_name = "Acme",
                                      .api_name = "Books & more",
                                      .action = "/u/consent?state=s1",
                                      .state = "s\"1",
                                      .csrf = "c1",
                                      .profile = {"See your email address"},
                                      .api_scopes = {"books: <read>"},
                                      .redirect_origin = "com.example.app:"});
  EXPECT_THAT(response.body,
              AllOf(HasSubstr("&lt;b&gt;Partner&lt;/b&gt;"), HasSubstr("ada@example.com"), HasSubstr("Books &amp; more"),
                    HasSubstr("books: &lt;read&gt;"), HasSubstr("value=\"s&quot;1\""), Not(HasSubstr("<b>"))));
  // Works without scripts, and neither button is pressed by accident.
  EXPECT_THAT(response.body, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("autofocus"))));
  EXPECT_THAT(response.body, AllOf(HasSubstr("value=\"accept\""), HasSubstr("value=\"deny\"")));
  EXPECT_THAT(policy(response), HasSubstr("form-action 'self' com.example.app:;"));
  EXPECT_EQ(response.headers.find("cache-control"), "no-store");
}

TEST(FormPage, escapes_everything_and_sends_only_where_it_should) {
  FormPage page{
      .heading = "<b>1", .lead = "<b>2", .subject = "<b>3", .code = "<b>4", .note = "<b>5", .alert = "<b>6", .action = "/a\"b"};
  page.hidden.add("<n", "\"v");
  page.field = {.name = "\"f", .label = "<b>7", .value = "\"x"};
  page.buttons = {{.label = "<b>8", .name = "d", .value = "\"y"}, {.label = "No", .quiet = true}};
  page.redirect_origin = "https://app.example";
  const auto response = form_page(page, 400);
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body,
              AllOf(Not(HasSubstr("<b>")), Not(HasSubstr("\"\"")), Not(HasSubstr("<script")), HasSubstr("&lt;b&gt;8")));
  EXPECT_THAT(response.body, HasSubstr("<form method=\"post\" action=\"/a&quot;b\">"));
  EXPECT_THAT(policy(response), AllOf(HasSubstr("form-action 'self' https://app.example"), HasSubstr("frame-ancestors 'none'")));
}

SignUpPage sign_up_example() {
  return {.client_name = "Acme <Travel>",
          .tenant_name = "login.acme.example",
          .action = "/u/signup?state=s1",
          .state = "s1",
          .csrf = "c1",
          .rules = "* At least 8 characters\n* <b>",
          .login_path = "/u/login?state=s1",
          .redirect_origin = "https://app.acme.example"};
}

TEST(SignUpPage, names_its_fields_escapes_and_may_post_to_where_the_login_page_may) {
  auto page = sign_up_example();
  page.email = "\"><script>";
  const auto shown = sign_up_page(page);
  EXPECT_THAT(shown.body,
              AllOf(HasSubstr("<form method=\"post\" action=\"/u/signup?state=s1\">"), HasSubstr("<label for=\"email\">"),
                    HasSubstr("value=\"&quot;&gt;&lt;script&gt;\""), HasSubstr("type=\"password\" autocomplete=\"new-password\""),
                    HasSubstr("* At least 8 characters<br>* &lt;b&gt;"), HasSubstr("Acme &lt;Travel&gt;"),
                    HasSubstr("name=\"csrf\" value=\"c1\"")));
  EXPECT_THAT(shown.body, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("for=\"username\""))));
  EXPECT_EQ(policy(shown), policy(login_page(example())));
}

TEST(SignUpPage, fixes_the_address_of_who_is_invited_and_starts_behind_it) {
  auto page = sign_up_example();
  page.email = "ada@example.com";
  page.email_is_fixed = page.asks_username = true;
  page.alert = "This username is taken.";
  const auto body = sign_up_page(page, 400).body;
  EXPECT_THAT(between(body, "<input id=\"email\"", ">"), AllOf(HasSubstr(" readonly "), Not(HasSubstr("aria-invalid"))));
  EXPECT_THAT(between(body, "<input id=\"username\"", ">"),
              AllOf(HasSubstr(" autofocus"), HasSubstr("aria-describedby=\"alert\"")));
  EXPECT_THAT(between(body, "<input id=\"password\"", ">"), HasSubstr("aria-describedby=\"alert rules\""));
}

}  // namespace
}  // namespace segue::interaction::pages
