// What a row of each type says (contract §7.1, §7.4): the members that the live service's schema names for it, as far as this
// server can know them, are there and not empty.
#include <gtest/gtest.h>

#include "base/text.h"
#include "support/actions.h"
#include "support/handoff.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

struct Expected {
  const char* type;
  const char* members;  // of the row, not empty
  const char* details;  // with dots into objects
};
constexpr Expected kTable[] = {
    {"s", "connection connection_id strategy strategy_type client_id client_name user_id user_name hostname ip client_ip scope",
     "session_id session.cookie.mode requested_client_id triggered_by_session_transfer_token actions.executions"},
    {"ssa", "connection user_id user_name client_id client_name hostname scope",
     "session_id session.cookie.mode requested_client_id actions.executions"},
    {"f", "connection connection_id strategy strategy_type client_id client_name user_id user_name hostname scope description",
     "error.message error.oauthError requested_client_id actions.executions"},
    {"fsa", "client_id client_name hostname description", "error.message error.oauthError"},
    {"fp", "connection connection_id strategy strategy_type client_id client_name user_id user_name description",
     "error.message"},
    {"fu", "connection connection_id strategy strategy_type client_id client_name user_name description", "error.message"},
    {"w", "connection connection_id client_id client_name user_id scope description transfer_id", "reason"},
    {"sepft", "connection connection_id client_id client_name user_id user_name scope client_ip",
     "access_token_jti actions.executions"},
    {"fepft", "connection connection_id client_id client_name user_id user_name hostname scope client_ip description",
     "actions.executions"},
    {"seacft", "connection connection_id client_id client_name user_id user_name hostname description client_ip",
     "access_token_jti requested_client_id"},
    {"feacft", "connection connection_id client_id client_name user_id hostname description client_ip",
     "requested_client_id code"},
    {"sertft", "client_id client_name user_id user_name scope client_ip",
     "access_token_jti familyId policy_used refresh_token.access requested_client_id tokenCounter actions.executions"},
    {"sertft", "client_id client_name user_id user_name scope client_ip audience transfer_id",
     "familyId policy_used refresh_token.access requested_audience requested_client_id tokenCounter"},
    {"fertft", "connection connection_id client_id client_name user_id user_name hostname scope client_ip description",
     "familyId refresh_token.access requested_client_id actions.executions"},
    {"ferrt", "connection connection_id client_id client_name user_id hostname scope client_ip description",
     "familyId tokenCounter latestCounter"},
    {"seccft", "client_id client_name hostname audience scope client_ip description", "access_token_jti"},
    {"feccft", "client_id client_name hostname audience scope client_ip description", ""},
    {"slo", "connection connection_id client_id client_name user_id user_name hostname",
     "allowed_logout_url initiated_by protocol return_to session_id"},
    {"flo", "client_id client_name hostname description", "allowed_logout_url initiated_by protocol return_to"},
    {"srrt", "connection connection_id client_id client_name user_id user_name hostname", "credential_id refresh_token.access"},
    {"ss", "connection connection_id strategy strategy_type client_id client_name user_id user_name hostname",
     "body.client_id body.connection body.email"},
    {"fs", "connection connection_id strategy strategy_type client_id client_name user_name description", ""},
    {"scpr", "connection connection_id strategy strategy_type client_id client_name user_id user_name", "body.email"},
    {"fcpr", "connection connection_id strategy strategy_type client_id client_name user_name description", "body.email"},
    {"fcp", "connection connection_id strategy strategy_type user_id user_name description", ""},
    {"scp", "connection connection_id strategy strategy_type client_id client_name user_id user_name", "email"},
    {"fn", "connection client_id client_name user_id description", "email_type error notification_type to"},
    {"actions_execution_failed",
     "connection connection_id strategy strategy_type client_id user_id user_name hostname description",
     "action_error.message action_id action_name binding_id error_class execution_id trigger_id version_id"},
    {"sapi", "client_id client_name hostname description", "request.method request.path request.auth response.statusCode"},
};

const json::value* at(const json::object& o, std::string_view path) {
  const auto dot = path.find('.');
  const auto* const found = json::find(o, path.substr(0, dot));
  if (found == nullptr || dot == std::string_view::npos) return found;
  return found->is_object() ? at(found->as_object(), path.substr(dot + 1)) : nullptr;
}

bool is_empty(const json::value* v) { return v == nullptr || v->is_null() || (v->is_string() && v->as_string().empty()); }

struct LogDetails : ::testing::Test {
  FakeRunner runner;
  Handoff h{{.world = {.run_actions = runner.run()}}};

  // "" to let everybody pass.
  void act(const std::string& denies, bool throws = false) {
    runner.answer = [denies, throws](const actions::Invocation& call) {
      actions::Outcome out{.status = throws ? actions::Status::thrown : actions::Status::ok};
      actions::ActionResult result{.version_id = call.actions.front().version_id, .ok = !throws};
      if (throws) result.thrown = {"Error", denies, "at line 1"};
      if (!throws && !denies.empty()) result.commands = {{"access.deny", {denies}}};
      out.results.push_back(std::move(result));
      return out;
    };
  }
  http::Response to_database(const std::string& path, json::object more) {
    more["client_id"] = h.native.client_id;
    more["connection"] = kPasswordRealm;
    return h.world.send(json_request(http::Method::post, "/dbconnections/" + path, more));
  }
  Page submit_reset(const std::string& password) {
    h.world.send_mails();
    const auto mail = h.world.inbox().text();
    const auto begin = mail.find("https://" + std::string(kDomain));
    Browser browser(h.world.node());
    const auto page = browser.open(mail.substr(begin, mail.find_first_of("\r\n", begin) - begin));
    return browser.submit(page,
                          parameters({{"csrf", page.field("csrf")}, {"new_password", password}, {"confirm_password", password}}));
  }

  void sign_ins() {
    act("");
    const auto native = h.sign_in();
    const auto token = h.transfer_of(native);
    auto browser = h.browser();
    const auto page = h.redeem(browser, token);
    EXPECT_EQ(h.exchange_code(page).status, 200);
    EXPECT_EQ(h.exchange_code(page).status, 403);
    auto other = h.browser();
    h.redeem(other, token);
    EXPECT_TRUE(h.open(browser, parameters({{"prompt", "none"}})).left);
    EXPECT_TRUE(h.open(other, parameters({{"prompt", "none"}})).left);
    other.submit_login(h.open(other), h.ada.email, "wrong");
    other.submit_login(h.open(other), "nobody@example.com", "wrong");
    act("no");
    EXPECT_EQ(h.world.password_tokens(h.native, h.ada).status, 403);
    other.submit_login(h.open(other), h.ada);
    act("why", true);
    EXPECT_EQ(h.world.password_tokens(h.native, h.ada).status, 403);
    act("");
    const auto logout = [&](const std::string& to) {
      browser.open("/v2/logout?client_id=" + h.web.client_id + "&returnTo=" + base::percent_encode(to));
    };
    logout("https://elsewhere.example/");
    logout("https://app.example");
  }
  void refreshes() {
    const auto first = h.sign_in();
    act("no");
    EXPECT_EQ(h.world.refresh(h.native, first).status, 403);
    act("");
    EXPECT_EQ(h.world.refresh(h.native, first).status, 200);
    h.world.clock.advance(1h);
    h.world.refresh(h.native, first);
    h.world.send(form_request("/oauth/revoke", parameters({{"client_id", h.native.client_id}, {"token", h.sign_in()}})));
  }
  void machines() {
    const auto machine = h.world.create_client(
        {{"name", "machine"}, {"app_type", "non_interactive"}, {"grant_types", json::array{"client_credentials"}}});
    h.world.token_request(parameters({{"grant_type", "client_credentials"},
                                      {"client_id", machine.client_id},
                                      {"client_secret", machine.client_secret},
                                      {"audience", "https://no.such.example"},
                                      {"scope", "read:all"}}));
  }
  void accounts() {
    EXPECT_EQ(to_database("signup", {{"email", "grace@example.com"}, {"password", "Correct-horse-7"}}).status, 200);
    EXPECT_EQ(to_database("signup", {{"email", "eve@example.com"}, {"password", "x"}}).status, 400);
    to_database("change_password", {{"email", "nobody@example.com"}});
    to_database("change_password", {{"email", h.ada.email}});
    EXPECT_EQ(submit_reset("x").status, 400);
    to_database("change_password", {{"email", h.ada.email}});
    EXPECT_EQ(submit_reset("Another-horse-8").status, 200);
    h.world.inbox().set_answer({mail::Handover::refused, "550 no"});
    to_database("change_password", {{"email", "grace@example.com"}});
    h.world.send_mails();
  }
};

TEST_F(LogDetails, stand_in_the_rows_of_each_type) {
  h.world.managed(http::Method::patch, "clients/" + h.web.client_id,
                  json::object{{"allowed_logout_urls", json::array{"https://app.example"}}});
  bind(h.world, "post-login", {{"Gate", "exports.onExecutePostLogin = async () => {};"}});
  sign_ins();
  refreshes();
  machines();
  accounts();
  for (const auto& [type, members, details] : kTable) {
    SCOPED_TRACE(type);
    // The fullest of them: strangers, of whom less is known, cause rows of the same types.
    const auto rows = h.world.logs(std::string("type:") + type);
    ASSERT_FALSE(rows.empty());
    std::string missing;
    std::size_t fewest = 1000;
    for (const auto& row : rows) {
      std::string lacks;
      std::size_t count = 0;
      const auto need = [&](const json::object& o, const char* list, const std::string& prefix) {
        for (const auto& name : base::split(list, ' ')) {
          if (!name.empty() && is_empty(at(o, name))) lacks += " " + prefix + name, ++count;
        }
      };
      need(row, members, "");
      need(row.at("details").as_object(), details, "details.");
      if (count < fewest) fewest = count, missing = lacks + "\n" + json::write(row);
    }
    EXPECT_EQ(fewest, 0U) << "the fullest row lacks" << missing;
  }
}

TEST_F(LogDetails, name_no_user_where_a_machine_asks_for_itself) {
  h.world.management_token();
  for (const auto& row : h.world.logs("type:seccft")) EXPECT_EQ(text_of(row, "user_id"), "");
}

}  // namespace
}  // namespace segue::test
