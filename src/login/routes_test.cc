#include "login/routes.h"
#include "http/parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "sql/database.h"
#include "store/schema.h"
#include "store/users.h"
#include "support/manual_clock.h"
#include "support/seeded_random.h"

namespace segue::login {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr crypto::PasswordCost kCheap{.operations = 1, .memory_bytes = 8192};

class FakeFlow final : public interaction::AuthorizationFlow {
 public:
  base::Result<interaction::PendingLogin> pending(const http::Call&, std::string_view state) override {
    if (state == "stale") return base::Error{.kind = base::ErrorKind::invalid_input, .code = "expired", .description = "expired"};
    if (state != login.state) {
      return base::Error{
          .kind = base::ErrorKind::invalid_input, .code = "invalid_request", .description = "This browser did not begin it."};
    }
    return login;
  }
  base::Result<http::Response> complete(const http::Call&, const interaction::PendingLogin& pending,
                                        const model::User& user) override {
    return http::redirect_response(pending.redirect_origin + "/callback?who=" + user.user_id);
  }
  base::Result<interaction::PendingConsent> pending_consent(const http::Call&, std::string_view) override {
    return base::Error{.kind = base::ErrorKind::invalid_input, .code = "expired", .description = "expired"};
  }
  base::Result<http::Response> answer_consent(const http::Call&, const interaction::PendingConsent&, bool) override {
    return base::Error{.kind = base::ErrorKind::invalid_input, .code = "expired", .description = "expired"};
  }
  std::string initiate_login_uri(const http::Call&, std::string_view) override { return initiate; }
  http::Response begin_foreign(http::Call&, const std::shared_ptr<const tenancy::Snapshot>&,
                               interaction::ForeignRequest) override {
    return http::empty_response(204);
  }

  interaction::PendingLogin login;
  std::string initiate;
};

class LoginRoutesTest : public ::testing::Test {
 protected:
  LoginRoutesTest() {
    EXPECT_TRUE(tenancy::create_tenant(store, key_file, random, clock.now(), {.domain = "id.example.com"}).ok());
    tenants.refresh();
    tenant = tenants.list().front();
    flow.login.state = "s1/+";
    flow.login.csrf = "csrf1";
    flow.login.redirect_origin = "https://app.example.com";
    flow.login.login_hint = "ada@example.com";
    auto client = std::make_shared<model::Client>();
    client->client_id = "client1";
    client->name = "Acme <Travel>";
    flow.login.client = client;
    flow.login.connection = tenants.snapshot(tenant)->default_directory();
    model::User ada{.user_id = "auth0|ada", .connection_id = flow.login.connection->connection_id, .email = "ada@example.com"};
    ada.password_hash = crypto::hash_password(crypto::Secret("right"), kCheap);
    store.write(tenant, [&](const store::Writer& w) { return store::users::insert(w, ada); });
    add_routes(router, flow, password_login, tenants);
    router.add_before([this](http::Call& call, const http::Route&) -> base::Result<std::optional<http::Response>> {
      call.tenant = tenant;
      call.domain = "id.example.com";
      call.caller_address = "203.0.113.7";
      return std::optional<http::Response>();
    });
  }

  http::Response get(std::string query, http::Method method = http::Method::get) {
    http::Request request{.method = method, .path = "/u/login", .query = std::move(query)};
    return router.respond(request, http::Lane::quick, clock.now(), "req1");
  }
  static http::Parameters form(std::string password, std::string csrf = "csrf1", std::string state = "s1/+") {
    http::Parameters out;
    out.add("state", std::move(state));
    out.add("csrf", std::move(csrf));
    out.add("username", "ada@example.com");
    out.add("password", std::move(password));
    return out;
  }
  http::Response post(const http::Parameters& fields, const http::Headers& more = {}, std::string query = "state=s1%2F%2B") {
    http::Request request{.method = http::Method::post, .path = "/u/login", .query = std::move(query), .headers = more};
    if (!request.headers.find("content-type")) request.headers.add("content-type", "application/x-www-form-urlencoded");
    request.body = fields.encode();
    return router.respond(request, http::Lane::hashing, clock.now(), "req1");
  }
  static http::Headers header(std::string name, std::string value) {
    http::Headers out;
    out.add(std::move(name), std::move(value));
    return out;
  }

  std::unique_ptr<sql::Database> database = [] {
    auto opened = sql::open_database("sqlite::memory:");
    sql::migrate(*opened, store::migrations());
    return opened;
  }();
  test::ManualClock clock;
  test::SeededRandom random;
  base::IdGenerator ids{clock, 1, clock.now()};
  store::Store store{*database, ids};
  tenancy::KeyFile key_file = tenancy::KeyFile::generate(random);
  tenancy::Tenants tenants{store, key_file};
  base::TenantId tenant{};
  protection::BruteForce brute_force{store, clock};
  audit::FailureQueue failures{store, clock};
  connections::PasswordLogin password_login{tenants, brute_force, failures, clock, kCheap};
  FakeFlow flow;
  http::Router router;
};

TEST_F(LoginRoutesTest, shows_the_page_of_the_request_in_progress) {
  const auto page = get("state=s1%2F%2B");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, AllOf(HasSubstr("Acme &lt;Travel&gt;"), HasSubstr("action=\"/u/login?state=s1%2F%2B\""),
                               HasSubstr("value=\"csrf1\""), HasSubstr("value=\"ada@example.com\"")));
  EXPECT_THAT(std::string(*page.headers.find("content-security-policy")),
              HasSubstr("form-action 'self' https://app.example.com;"));
  EXPECT_EQ(get("state=s1%2F%2B", http::Method::head).status, 200);
}

TEST_F(LoginRoutesTest, a_right_password_completes_the_request) {
  const auto done = post(form("right"));
  EXPECT_EQ(done.status, 302);
  EXPECT_EQ(done.headers.find("location"), "https://app.example.com/callback?who=auth0|ada");
}

TEST_F(LoginRoutesTest, a_wrong_password_shows_the_page_again_and_never_the_password) {
  const auto again = post(form("hunter2-secret"));
  EXPECT_EQ(again.status, 400);
  EXPECT_THAT(again.body,
              AllOf(HasSubstr("Wrong email or password."), HasSubstr("value=\"ada@example.com\""), Not(HasSubstr("hunter2"))));
  EXPECT_EQ(post(form("")).status, 400);
  EXPECT_THAT(post(form("")).body, HasSubstr("Enter your email or username and your password."));
}

TEST_F(LoginRoutesTest, too_many_attempts_are_answered_with_429_on_the_page) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(post(form("wrong")).status, 400);
  const auto blocked = post(form("right"));
  EXPECT_EQ(blocked.status, 429);
  EXPECT_THAT(blocked.body, HasSubstr("role=\"alert\""));
  EXPECT_THAT(blocked.body, HasSubstr("Your account has been blocked after multiple consecutive login attempts."));
}

TEST_F(LoginRoutesTest, a_form_of_another_page_or_site_is_refused) {
  EXPECT_EQ(post(form("right", "csrf2")).status, 400);
  EXPECT_EQ(post(form("right", "")).status, 400);
  EXPECT_EQ(post(form("right", "csrf1", "other")).status, 400);
  EXPECT_EQ(post(form("right"), {}, "").status, 400);
  EXPECT_EQ(post(form("right"), header("origin", "https://evil.example")).status, 400);
  EXPECT_EQ(post(form("right"), header("origin", "http://id.example.com")).status, 400);
  EXPECT_EQ(post(form("right"), header("sec-fetch-site", "cross-site")).status, 400);
  EXPECT_EQ(post(form("right"), header("content-type", "text/plain")).status, 400);
  auto twice = form("right");
  twice.add("password", "right");
  EXPECT_EQ(post(twice).status, 400);
  flow.login.csrf.clear();
  EXPECT_EQ(post(form("right", "")).status, 400) << "a request without a CSRF value accepts none";
}

TEST_F(LoginRoutesTest, a_form_of_this_site_is_accepted_as_browsers_send_it) {
  EXPECT_EQ(post(form("right"), header("origin", "https://id.example.com")).status, 302);
  auto headers = header("origin", "null");
  headers.add("sec-fetch-site", "same-origin");
  headers.add("content-type", "application/x-www-form-urlencoded; charset=UTF-8");
  EXPECT_EQ(post(form("right"), headers).status, 302) << "what Chromium sends under Referrer-Policy: no-referrer";
}

TEST_F(LoginRoutesTest, a_stale_page_leads_to_the_clients_login) {
  flow.initiate = "https://app.example.com/login?iss=https%3A%2F%2Fid.example.com%2F";
  const auto away = get("state=stale");
  EXPECT_EQ(away.status, 302);
  EXPECT_EQ(away.headers.find("location"), flow.initiate);
  const auto told = post(form("right", "csrf1", "stale"), {}, "state=stale");
  EXPECT_EQ(told.status, 400);
  EXPECT_THAT(told.body, HasSubstr("href=\"https://app.example.com/login?iss="));
}

TEST_F(LoginRoutesTest, a_stale_page_without_such_a_client_explains) {
  const auto page = get("state=stale");
  EXPECT_EQ(page.status, 400);
  EXPECT_THAT(page.body, AllOf(HasSubstr("This sign-in page has expired"), HasSubstr("sign in again"), HasSubstr("req1")));
}

TEST_F(LoginRoutesTest, a_missing_doubled_or_foreign_state_is_explained) {
  EXPECT_EQ(get("").status, 400);
  EXPECT_EQ(get("state=a&state=b").status, 400);
  EXPECT_EQ(get("state=%zz").status, 400);
  const auto foreign = get("state=foreign");
  EXPECT_EQ(foreign.status, 400);
  EXPECT_THAT(foreign.body, HasSubstr("This browser did not begin it."));
}

TEST_F(LoginRoutesTest, passwords_are_checked_on_the_hashing_lane) {
  EXPECT_EQ(router.find(http::Method::post, "/u/login")->lane, http::Lane::hashing);
  EXPECT_EQ(router.find(http::Method::get, "/u/login")->lane, http::Lane::quick);
}

TEST_F(LoginRoutesTest, a_favicon_is_nothing) {
  const http::Request request{.path = "/favicon.ico"};
  EXPECT_EQ(router.respond(request, http::Lane::quick, clock.now(), "req1").status, 204);
}

}  // namespace
}  // namespace segue::login
