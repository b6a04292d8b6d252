#include "deployment.h"

#include <atomic>

#include "base/text.h"
#include "openid.h"

namespace segue::test {
namespace {
namespace fs = std::filesystem;

std::string text_of(const http::Request& request) {
  auto text = std::string(http::to_text(request.method)) + " " + request.path +
              (request.query.empty() ? "" : "?" + request.query) + " HTTP/1.1\r\n";
  for (const auto& [name, value] : request.headers.fields()) text += name + ": " + value + "\r\n";
  if (!request.body.empty()) text += "content-length: " + std::to_string(request.body.size()) + "\r\n";
  return text + "connection: close\r\n\r\n" + request.body;
}

http::Response response_from(const RawResponse& raw) {
  http::Response out;
  out.status = raw.status;
  out.body = raw.body;
  auto lines = base::split(raw.head, '\n');
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto line = std::string_view(lines[i]).substr(0, lines[i].find('\r'));
    const auto colon = line.find(": ");
    if (colon != std::string_view::npos)
      out.headers.add(base::ascii_lower(line.substr(0, colon)), std::string(line.substr(colon + 2)));
  }
  return out;
}

fs::path new_root() {
  static std::atomic<int> made{0};
  auto path = fs::temp_directory_path() / ("segue-deployment-" + std::to_string(::getpid()) + "-" + std::to_string(++made));
  fs::create_directories(path);
  return path;
}

std::vector<std::string> with_database(std::vector<std::string> arguments, const std::string& database) {
  if (!database.empty()) arguments.insert(arguments.end(), {"--database", database});
  return arguments;
}

std::vector<std::string> with_more(std::vector<std::string> arguments, const std::vector<std::string>& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

json::object management_client(const fs::path& data) {
  std::ifstream file(data / "management-client.json");
  return json::parse(std::string(std::istreambuf_iterator<char>(file), {})).value().as_object();
}

}  // namespace

http::Response send_over(RawClient& client, const http::Request& request) {
  if (!client.connected()) return http::empty_response(0);
  return response_from(client.ask(text_of(request)));
}

ServerProcess::ServerProcess(const fs::path& data, const std::string& database, const fs::path& log, const std::string& listen,
                             const std::vector<std::string>& more)
    : process_(with_more(with_database({SEGUE_TEST_SERVER, "serve", "--data", data, "--listen", listen}, database), more), log) {
  if (process_.read_line().find("segue ready") != 0) throw std::runtime_error("the server did not start: " + process_.errors());
  port_ = static_cast<unsigned short>(std::stoi(process_.logged("port")));
  operator_port_ = static_cast<unsigned short>(std::stoi(process_.logged("operator_port")));
}

http::Response ServerProcess::send(const http::Request& request) const {
  RawClient client(port_, RawClient::Security::tls);
  return send_over(client, request);
}

Tokens ServerProcess::token(const http::Parameters& form) const {
  const auto response = send(form_request("/oauth/token", form));
  return {response.status, object_of(response)};
}

Browser ServerProcess::browser() const {
  return Browser([this](const http::Request& request) { return send(request); }, kDomain);
}

void ServerProcess::die_at(const std::string& point, int passing) const {
  RawClient controls(operator_port_, RawClient::Security::plain);
  const auto request =
      json_request(http::Method::post, "/test/failpoint", json::object{{"point", point}, {"action", "kill"}, {"after", passing}});
  if (controls.ask(text_of(request)).status != 200) throw std::runtime_error("the failpoint was not armed");
}

void ServerProcess::advance(std::chrono::seconds by) const {
  RawClient controls(operator_port_, RawClient::Security::plain);
  const auto request = json_request(http::Method::post, "/test/clock", json::object{{"advance_seconds", by.count()}});
  if (controls.ask(text_of(request)).status != 200) throw std::runtime_error("the clock was not moved");
}

void ServerProcess::kill() {
  process_.signal(SIGKILL);
  process_.wait();
}

bool ServerProcess::died() { return process_.wait() == 128 + SIGKILL; }

Deployment::Deployment(std::string database) : database_(std::move(database)), root_(new_root()) {
  ::setenv("SEGUE_OPERATOR_LISTEN", "127.0.0.1:0", 1);
  Process init(with_database({SEGUE_TEST_SERVER, "init", "--data", root_ / "data", "--domain", kDomain}, database_),
               root_ / "init.log");
  while (!init.read_line().empty()) {
  }
  if (init.wait() != 0) throw std::runtime_error("init failed: " + init.errors());
  const auto server = start();
  fill(*server);
}

Deployment::~Deployment() {
  std::error_code ignored;
  fs::remove_all(root_, ignored);
}

std::unique_ptr<ServerProcess> Deployment::start(const std::string& listen, const std::vector<std::string>& more) const {
  static std::atomic<int> started{0};
  return std::make_unique<ServerProcess>(root_ / "data", database_, root_ / ("serve-" + std::to_string(++started) + ".log"),
                                         listen, more);
}

std::string Deployment::management_token(const ServerProcess& server) const {
  const auto credentials = management_client(data());
  const auto text = [&](const char* name) { return json::find_string(credentials, name).value(); };
  return server
      .token(parameters({{"grant_type", "client_credentials"},
                         {"client_id", text("client_id")},
                         {"client_secret", text("client_secret")},
                         {"audience", text("audience")}}))
      .access_token();
}

json::value Deployment::managed(const ServerProcess& server, http::Method method, const std::string& path,
                                const json::value& body) const {
  auto request = json_request(method, "/api/v2/" + path, body);
  request.headers.set("authorization", "Bearer " + management_token(server));
  const auto response = server.send(request);
  if (response.status / 100 != 2) throw std::runtime_error(path + ": " + std::to_string(response.status) + " " + response.body);
  return response.body.empty() ? json::value(nullptr) : json::parse(response.body).value();
}

void Deployment::fill(const ServerProcess& server) {
  using enum http::Method;
  const auto connections = managed(server, get, std::string("connections?name=") + kPasswordRealm);
  const auto connection = json::find_string(connections.as_array().at(0).as_object(), "id").value();
  const auto make = [&](const json::object& fields) {
    const auto made = managed(server, post, "clients", fields).as_object();
    Client out{json::find_string(made, "client_id").value(), json::find_string(made, "client_secret").value_or("")};
    managed(server, patch, "connections/" + connection + "/clients",
            json::array{json::object{{"client_id", out.client_id}, {"status", true}}});
    return out;
  };
  const auto native_fields = [](int leeway) {
    return json::object{
        {"name", "native"},
        {"app_type", "native"},
        {"token_endpoint_auth_method", "none"},
        {"grant_types", json::array{"refresh_token", "password"}},
        {"refresh_token", json::object{{"rotation_type", "rotating"}, {"expiration_type", "expiring"}, {"leeway", leeway}}},
        {"session_transfer", json::object{{"can_create_session_transfer_token", true}}}};
  };
  native = make(native_fields(0));
  patient = make(native_fields(30));
  web = make({{"name", "web"},
              {"app_type", "regular_web"},
              {"callbacks", json::array{kCallback}},
              {"grant_types", json::array{"authorization_code", "refresh_token"}},
              {"session_transfer",
               json::object{{"allowed_authentication_methods", json::array{"cookie", "query"}}, {"allow_refresh_token", true}}}});
  ada = {"", "ada@example.com", "Correct-horse-7-battery"};
  const auto made = managed(server, post, "users",
                            json::object{{"connection", kPasswordRealm}, {"email", ada.email}, {"password", ada.password}});
  ada.user_id = json::find_string(made.as_object(), "user_id").value();
}

}  // namespace segue::test
