// Text that means harm, from whoever may send some (callers, users, applications' owners, Actions), in every place where it comes
// out again: rows, files, webhooks, the operator's log, pages, redirects, mails. It stays a value there: one line, one document,
// no markup.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "base/log.h"
#include "base/text.h"
#include "support/actions.h"
#include "support/called_server.h"
#include "support/handoff.h"
#include "support/smtp_receiver.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct Hostile {
  const char* what;
  std::string text;
};
const std::vector<Hostile>& hostile() {
  static const std::vector<Hostile> kAll = {
      {"a second line", "x\n{\"type\":\"forged\",\"log_id\":\"forged\"}"},
      {"a second header", "x\r\nSet-Cookie: evil=1\r\nBcc: eve@example.com\r\n\r\n<script>evil()</script>"},
      {"the end of a string", "\"},{\"type\":\"forged\",\"log_id\":\"forged\"},{\"x\":\""},
      {"an escape of terminals", "\x1b[2J\x1b]0;evil\x07\b\x7f"},
      {"an escape of one character",
       "\xc2\x9b"
       "31mred\xc2\x85next"},
      {"lines of other alphabets", "x\xe2\x80\xa8{\"type\":\"forged\"}\xe2\x80\xa9y"},
      {"markup", "</title></script><script>evil()</script><img src=x onerror=evil()>"},
      {"an attribute", "\" autofocus onfocus=\"evil()\" x='"},
      {"templates", "${evil()} {{7*7}} <%= evil() %> %s%n {0}"},
      {"text from right to left",
       "\xe2\x80\xae"
       "moc.live"},
      {"bytes of no alphabet", "\xff\xfe\xc0\xaf\xed\xa0\x80 <script>evil()</script>"},
      {"an end of text", std::string("x\0<script>evil()</script>", 25)},
      {"ten thousand bytes", std::string(10'000, '<')},
  };
  return kAll;
}

std::filesystem::path stream_file() {
  return std::filesystem::temp_directory_path() / ("segue-injection-" + std::to_string(::getpid()) + ".ndjson");
}

// What a terminal or a reader of lines would obey. ASCII controls, U+007F to U+009F, U+2028, U+2029.
bool is_one_line(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7f) return false;
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
    if (c == 0xc2 && next < 0xa0) return false;
    if (text.substr(i).starts_with("\xe2\x80\xa8") || text.substr(i).starts_with("\xe2\x80\xa9")) return false;
  }
  return base::is_valid_utf8(text);
}

void expect_record(const json::object& record) {
  static const std::set<std::string> kMembers = {"date",
                                                 "type",
                                                 "description",
                                                 "connection",
                                                 "connection_id",
                                                 "client_id",
                                                 "client_name",
                                                 "ip",
                                                 "client_ip",
                                                 "details",
                                                 "user_agent",
                                                 "hostname",
                                                 "user_id",
                                                 "user_name",
                                                 "audience",
                                                 "organization_id",
                                                 "scope",
                                                 "log_id",
                                                 "strategy",
                                                 "_id",
                                                 "strategy_type",
                                                 "id",
                                                 "$event_schema",
                                                 "isMobile",
                                                 "tenant_name",
                                                 "references",
                                                 "transfer_id",
                                                 "auth0_client",
                                                 "organization_name"};
  for (const auto& member : record) EXPECT_TRUE(kMembers.contains(std::string(member.key()))) << member.key();
  EXPECT_NE(text_of(record, "type"), "forged");
  EXPECT_NE(text_of(record, "log_id"), "forged");
  EXPECT_LT(json::write(record).size(), 64'000U);
}

// A person signs in by password at an application; every text is hostile, and so are the Action's.
struct Injection : ::testing::Test {
  FakeRunner runner;
  CalledServer webhook{[](const http::Request&) { return http::empty_response(204); }, {"receiver.example.com"}};
  Handoff h{{.world = options()}};

  WorldOptions options() {
    WorldOptions out;
    out.run_actions = runner.run();
    out.product.log_stream = stream_file().string();
    out.product.outbound = {.allow_private = true, .ca_file = webhook.ca_file()};
    out.product.outbound.names = {"receiver.example.com:" + std::to_string(webhook.port()) + ":127.0.0.1"};
    return out;
  }
  ~Injection() override { std::filesystem::remove(stream_file()); }

  void act(const std::string& text, bool throws) {
    runner.answer = [text, throws](const actions::Invocation& call) {
      actions::Outcome out{.status = throws ? actions::Status::thrown : actions::Status::ok};
      actions::ActionResult result{.version_id = call.actions.front().version_id, .ok = !throws, .log = text.substr(0, 256)};
      if (throws) {
        result.thrown = {text, text, text};
      } else {
        result.commands = {{"access.deny", {text}}};
      }
      out.results.push_back(std::move(result));
      return out;
    };
  }
  // A client and a user of that name; those whom the API refuses are the harmless ones.
  std::optional<Client> client_named(const std::string& name) {
    if (!base::is_valid_utf8(name)) return std::nullopt;
    const auto made = h.world.manage(http::Method::patch, "clients/" + h.native.client_id, json::object{{"name", name}});
    EXPECT_THAT(made.status, AnyOf(200, 400)) << made.body;
    return made.status == 200 ? std::optional(h.native) : std::nullopt;
  }
  void name_user(const std::string& name) {
    if (!base::is_valid_utf8(name)) return;
    const auto made = h.world.manage(http::Method::patch, "users/" + h.ada.user_id, json::object{{"name", name}});
    EXPECT_THAT(made.status, AnyOf(200, 400)) << made.body;
  }
  http::Response sign_in(const std::string& agent, const std::string& client_id, const std::string& username) {
    auto request = form_request("/oauth/token", parameters({{"grant_type", "password"},
                                                            {"client_id", client_id},
                                                            {"username", username},
                                                            {"password", h.ada.password},
                                                            {"scope", "openid"}}));
    request.headers.set("user-agent", agent);
    request.headers.set("auth0-client", agent);
    return h.world.send(std::move(request));
  }
  // An Action's text comes as JSON: it cannot be anything but UTF-8.
  void attack_with(const std::string& text) {
    client_named(text);
    name_user(text);
    for (const bool throws : {false, true}) {
      act(base::is_valid_utf8(text) ? text : "x", throws);
      const auto refused = sign_in(text, h.native.client_id, h.ada.email);
      EXPECT_EQ(refused.status, 403) << refused.body;
      EXPECT_TRUE(json::parse(refused.body).ok()) << refused.body;
      EXPECT_TRUE(base::is_valid_utf8(refused.body));
    }
    sign_in(text, h.native.client_id, text);
    sign_in(text, text, h.ada.email);
  }
};

TEST_F(Injection, ends_in_the_log_as_values_of_rows) {
  bind(h.world, "post-login", {{"Gate", "exports.onExecutePostLogin = async () => {};"}});
  h.world.deliver_logs();  // switches the file on
  for (const auto* format : {"JSONLINES", "JSONARRAY", "JSONOBJECT"}) {
    h.world.managed(
        http::Method::post, "log-streams",
        json::object{{"name", format},
                     {"type", "http"},
                     {"sink", json::object{{"httpEndpoint", webhook.url(std::string("/") + format, "receiver.example.com")},
                                           {"httpContentType", "application/x-of-the-siem"},
                                           {"httpContentFormat", format}}}});
  }
  h.world.clock.advance(1s);
  for (const auto& [what, text] : hostile()) {
    SCOPED_TRACE(what);
    attack_with(text);
  }
  h.world.node().product().failures().flush();
  h.world.clock.advance(1s);
  h.world.deliver_logs();

  const auto answer = h.world.manage(http::Method::get, "logs?per_page=100");
  ASSERT_EQ(answer.status, 200);
  EXPECT_TRUE(base::is_valid_utf8(answer.body));
  const auto rows = json::parse(answer.body).value().as_array();
  std::multiset<std::string> types;
  for (const auto& row : rows) {
    expect_record(row.as_object());
    types.insert(text_of(row.as_object(), "type"));
  }
  EXPECT_GE(types.count("actions_execution_failed"), hostile().size() - 1) << "the same text is told once";
  EXPECT_GE(types.count("fepft"), hostile().size());

  std::ifstream file(stream_file());
  std::size_t lines = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    EXPECT_TRUE(is_one_line(line)) << line;
    const auto record = json::parse(line);
    ASSERT_TRUE(record.ok()) << line;
    expect_record(record->as_object());
  }
  EXPECT_GE(lines, rows.size() - 5);

  std::map<std::string, std::size_t> events;
  for (const auto& call : webhook.requests()) {
    EXPECT_EQ(call.headers.find("content-type"), "application/x-of-the-siem");
    const auto take = [&](const json::value& event) {
      ASSERT_TRUE(event.is_object());
      EXPECT_EQ(event.as_object().size(), 2U);
      EXPECT_EQ(text_of(event.as_object(), "log_id"), text_of(event.at("data").as_object(), "log_id"));
      expect_record(event.at("data").as_object());
      ++events[call.path];
    };
    if (call.path == "/JSONLINES") {
      for (const auto& line : base::split(call.body, '\n')) {
        EXPECT_TRUE(is_one_line(line)) << line;
        take(json::parse(line).value());
      }
    } else {
      EXPECT_TRUE(is_one_line(call.body)) << call.body;
      const auto body = json::parse(call.body).value();
      if (body.is_object()) {
        take(body);
      } else {
        for (const auto& event : body.as_array()) take(event);
      }
    }
  }
  EXPECT_GT(events["/JSONLINES"], 4 * hostile().size() - 5);
  EXPECT_EQ(events["/JSONLINES"], events["/JSONARRAY"]);
  EXPECT_EQ(events["/JSONLINES"], events["/JSONOBJECT"]);
}

TEST_F(Injection, is_one_line_of_the_operators_log) {
  testing::internal::CaptureStderr();
  for (const auto& [what, text] : hostile()) base::log::error(text, {{"what", text}});
  std::size_t count = 0;
  const auto written = testing::internal::GetCapturedStderr();
  for (const auto& line : base::split(written, '\n')) {
    if (line.empty()) continue;
    EXPECT_TRUE(json::parse(line).ok()) << line;
    EXPECT_TRUE(is_one_line(line)) << line;
    ++count;
  }
  EXPECT_EQ(count, hostile().size());
}

// --- Pages and redirects. ---

struct InjectionOfPages : Injection {
  static void expect_harmless(const Page& page) {
    const auto& response = page.response;
    for (const auto& [name, value] : response.headers.fields()) {
      EXPECT_TRUE(base::is_free_of_controls(value)) << name << ": " << value;
      if (name != "location") {
        EXPECT_THAT(value, Not(HasSubstr("evil"))) << name;
      }
    }
    if (page.left) return;
    EXPECT_EQ(header_of(response, "content-type"), "text/html; charset=utf-8") << response.body;
    const auto policy = header_of(response, "content-security-policy");
    EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
    EXPECT_THAT(policy, HasSubstr("base-uri 'none'"));
    EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
    EXPECT_THAT(policy, Not(HasSubstr("unsafe-inline")));
    EXPECT_TRUE(base::is_valid_utf8(response.body));
    for (const auto* markup : {"<script>evil", "<img", "onfocus=\"", "</title></script", "<<<<"})
      EXPECT_THAT(response.body, Not(HasSubstr(markup)));
    EXPECT_EQ(response.body.find('\0'), std::string::npos);
    EXPECT_EQ(response.body.find('\x1b'), std::string::npos);
  }
};

TEST_F(InjectionOfPages, shows_what_the_address_bar_brings_as_text) {
  for (const auto& [what, text] : hostile()) {
    SCOPED_TRACE(what);
    const auto given = base::percent_encode(text);
    for (const auto& url :
         {"/authorize?client_id=" + given, "/authorize?client_id=" + h.web.client_id + "&redirect_uri=" + given,
          "/authorize?" + given + "=" + given, "/continue?state=" + given, "/continue?" + given, "/u/login?state=" + given,
          "/activate?user_code=" + given, "/v2/logout?returnTo=" + given, "/v2/logout?client_id=" + given,
          "/oidc/logout?id_token_hint=" + given, "/u/reset-password?ticket=" + given, "/lo/reset?ticket=" + given, "/" + given}) {
      SCOPED_TRACE(url.substr(0, 60));
      auto browser = h.browser();
      browser.extra.set("user-agent", text);
      const auto page = browser.open(url);
      const auto type = header_of(page.response, "content-type");
      if (page.status == 404 || type.starts_with("application/json") || type.starts_with("text/plain")) continue;
      expect_harmless(page);
    }
  }
}

TEST_F(InjectionOfPages, shows_names_and_what_was_typed_as_text) {
  for (const auto& [what, text] : hostile()) {
    SCOPED_TRACE(what);
    if (base::is_valid_utf8(text)) {
      h.world.manage(http::Method::patch, "clients/" + h.web.client_id, json::object{{"name", text}});
      h.world.manage(http::Method::patch, "tenants/settings", json::object{{"friendly_name", text}});
    }
    auto browser = h.browser();
    const auto login = h.open(browser, parameters({{"login_hint", text}}));
    const auto is_too_long = [](const Page& page) { return page.status == 413 || page.status == 414; };
    if (is_too_long(login)) continue;
    expect_harmless(login);
    if (!login.is_login_page()) continue;
    const auto again = browser.submit_login(login, text, text);
    if (!is_too_long(again)) expect_harmless(again);
  }
}

// RFC 6749 §4.1.2.1: an error is told to the application in the query, by one parameter, and the page that is shown instead shows
// it.
TEST_F(InjectionOfPages, tells_the_application_what_an_action_said_in_one_parameter) {
  bind(h.world, "post-login", {{"Gate", "exports.onExecutePostLogin = async () => {};"}});
  for (const auto& [what, text] : hostile()) {
    SCOPED_TRACE(what);
    // An Action's text comes as JSON: it cannot be anything but UTF-8.
    if (!base::is_valid_utf8(text)) continue;
    act(text, false);
    auto browser = h.browser();
    const auto page = browser.submit_login(h.open(browser, parameters({{"state", "mine"}})), h.ada);
    ASSERT_TRUE(page.left) << page.response.body;
    expect_harmless(page);
    const auto location = header_of(page.response, "location");
    EXPECT_EQ(location.find_first_of(" \"<>\\^`{|}\r\n"), std::string::npos) << location;
    EXPECT_EQ(page.parameter("error"), "access_denied");
    EXPECT_EQ(page.parameter("state"), "mine");
    EXPECT_EQ(query_of(page.url).pairs().size(), 4U) << "error, error_description, iss and state: " << page.url;
    auto posted = h.browser();
    const auto form = posted.submit_login(h.open(posted, parameters({{"response_mode", "form_post"}})), h.ada);
    EXPECT_FALSE(form.left);
    EXPECT_THAT(form.response.body, Not(HasSubstr("<script>evil")));
    EXPECT_THAT(form.response.body, Not(HasSubstr("onfocus=\"")));
  }
}

// --- Mails. ---

std::string names_of_headers(const std::string& mime) {
  std::string out;
  for (const auto& line : base::split(mime.substr(0, mime.find("\r\n\r\n")), '\n')) {
    if (!line.starts_with(" ")) out += std::string(line.substr(0, line.find(':'))) + "\n";
  }
  return out;
}

TEST_F(Injection, begins_no_header_of_a_mail) {
  const SmtpReceiver receiver({});
  const auto folder = std::filesystem::temp_directory_path() / ("segue-injection-mails-" + std::to_string(::getpid()));
  auto smtp = mail::smtp_sender({.url = "smtp://127.0.0.1:" + std::to_string(receiver.port())});
  auto files = mail::folder_sender(folder.string());
  const auto expected = std::string("Date\nFrom\nTo\nSubject\nMessage-ID\nAuto-Submitted\nMIME-Version\nContent-Type\n");
  std::size_t sent = 0;
  for (const auto& [what, text] : hostile()) {
    SCOPED_TRACE(what);
    client_named(text);
    name_user(text);
    if (base::is_valid_utf8(text)) h.world.manage(http::Method::patch, "tenants/settings", json::object{{"friendly_name", text}});
    h.world.clock.advance(std::chrono::hours(25));  // few mails go to one account
    const auto asked = h.world.send(
        json_request(http::Method::post, "/dbconnections/change_password",
                     json::object{{"client_id", h.native.client_id}, {"connection", kPasswordRealm}, {"email", h.ada.email}}));
    ASSERT_EQ(asked.status, 200) << asked.body;
    h.world.send_mails();
    ASSERT_EQ(h.world.inbox().mails().size(), ++sent);
    const auto mail = h.world.inbox().mails().back();
    EXPECT_EQ(names_of_headers(mail.text), expected) << mail.text;
    ASSERT_EQ(smtp->send(mail).handover, mail::Handover::taken);
    ASSERT_EQ(receiver.mails().size(), sent);
    EXPECT_EQ(receiver.mails().back().to, h.ada.email);
    EXPECT_EQ(names_of_headers(receiver.mails().back().data), expected);
    ASSERT_EQ(files->send(mail).handover, mail::Handover::taken);
    std::ifstream file(folder / (mail.name + ".eml"));
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), mail.text);
  }
  std::filesystem::remove_all(folder);
}

TEST_F(Injection, is_no_address) {
  for (const auto& [what, text] : hostile()) {
    SCOPED_TRACE(what);
    for (const auto& address : {text + "@example.com", "ada@" + text, "ada@example.com" + text, text}) {
      if (!base::is_valid_utf8(address)) continue;
      EXPECT_EQ(h.world
                    .manage(http::Method::post, "users",
                            json::object{{"connection", kPasswordRealm}, {"email", address}, {"password", "Correct-horse-7"}})
                    .status,
                400)
          << address.substr(0, 80);
    }
  }
}

// --- What calls out. ---

TEST_F(Injection, is_no_header_of_a_call_to_a_log_stream) {
  for (const auto& [what, text] : hostile()) {
    SCOPED_TRACE(what);
    const auto sink = [&](json::object more) {
      more["httpEndpoint"] = webhook.url("/logs", "receiver.example.com");
      return json::object{{"name", "siem"}, {"type", "http"}, {"sink", std::move(more)}};
    };
    const auto header = [](const std::string& name, const std::string& value) {
      return json::object{{"httpCustomHeaders", json::array{json::object{{"header", name}, {"value", value}}}}};
    };
    std::vector<json::object> wrong{header(text, "x")};
    // Other bytes are a header's business (RFC 9110 §5.5).
    if (!base::is_free_of_controls(text) || text.size() > 4096) {
      wrong.push_back({{"httpAuthorization", text}});
      wrong.push_back({{"httpContentType", text}});
      wrong.push_back(header("X-Tenant", text));
    }
    for (const auto& members : wrong) {
      const auto refused = h.world.manage(http::Method::post, "log-streams", sink(members));
      EXPECT_EQ(refused.status, 400) << json::write(members).substr(0, 200);
    }
  }
}

}  // namespace
}  // namespace segue::test
