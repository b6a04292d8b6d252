// The binary as an operator meets it: init, serve over TLS, signals, doctor; and segue-test-server's controls.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "json/value.h"
#include "process.h"
#include "raw_client.h"
#include "support/world.h"

namespace segue::test {
namespace {
namespace fs = std::filesystem;

struct ProcessTest : ::testing::Test {
  ProcessTest() {
    static int made = 0;
    root = fs::temp_directory_path() / ("segue-process-" + std::to_string(::getpid()) + "-" + std::to_string(++made));
    fs::create_directories(root);
    data = root / "data";
    // Parallel tests must not meet on the operator's default port.
    ::setenv("SEGUE_OPERATOR_LISTEN", "127.0.0.1:0", 1);
  }
  ~ProcessTest() override { fs::remove_all(root); }

  struct Ended {
    int status;
    std::string errors;
  };
  Ended run(std::vector<std::string> arguments, const char* binary = SEGUE_BINARY) {
    arguments.insert(arguments.begin(), binary);
    Process process(std::move(arguments), root / "command.log");
    std::string line;
    while (!(line = process.read_line()).empty()) output += line + "\n";
    const int status = process.wait();
    return {status, process.errors()};
  }
  std::vector<std::string> serve(const char* binary = SEGUE_BINARY) const {
    return {binary, "serve", "--data", data, "--listen", "127.0.0.1:0"};
  }
  static unsigned short port_of(const Process& server, const char* field = "port") {
    return static_cast<unsigned short>(std::stoi(server.logged(field)));
  }

  static std::string get_text(const std::string& path, const std::string& host = "localhost:9443") {
    return "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
  }
  static std::string post_text(const std::string& path, const std::string& body) {
    return "POST " + path +
           " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }

  static std::string text_of_file(const fs::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  fs::path root, data;
  std::string output;
};

TEST_F(ProcessTest, init_serve_and_stop) {
  const auto made = run({"init", "--data", data, "--domain", "localhost:9443"});
  ASSERT_EQ(made.status, 0) << made.errors;
  for (const auto* name : {"segue.key", "management-client.json", "tls-key.pem", "ca-key.pem"}) {
    EXPECT_EQ(fs::status(data / name).permissions(), fs::perms::owner_read | fs::perms::owner_write) << name;
  }
  EXPECT_TRUE(fs::exists(data / "ca.pem"));

  Process server(serve(), root / "serve.log");
  ASSERT_EQ(server.read_line(), "segue ready https://localhost:9443") << server.errors();
  RawClient client(port_of(server), RawClient::Security::tls);
  EXPECT_EQ(client.ask(get_text("/.well-known/openid-configuration")).status, 200);
  EXPECT_EQ(client.ask(get_text("/.well-known/openid-configuration", "elsewhere.example")).status, 421);

  RawClient health(port_of(server, "operator_port"), RawClient::Security::plain);
  const auto answer = health.ask(get_text("/health"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"status":"ready"})");
  EXPECT_NE(health.ask(get_text("/metrics")).body.find("segue_requests_total"), std::string::npos);
  // The release binary has no test controls.
  EXPECT_EQ(health.ask(post_text("/test/clock", R"({"advance_seconds":1})")).status, 404);

  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0) << server.errors();
}

TEST_F(ProcessTest, init_never_overwrites_and_leaves_nothing_when_it_fails) {
  ASSERT_EQ(run({"init", "--data", data, "--domain", "localhost:9443"}).status, 0);
  const auto again = run({"init", "--data", data, "--domain", "localhost:9443"});
  EXPECT_EQ(again.status, 1);
  EXPECT_NE(again.errors.find("refuses to overwrite"), std::string::npos);

  const auto other = (root / "other").string();
  const auto failed = run({"init", "--data", other, "--domain", "not a domain"});
  EXPECT_EQ(failed.status, 1);
  EXPECT_NE(failed.errors.find("--domain must be HOST"), std::string::npos) << failed.errors;
  EXPECT_FALSE(fs::exists(other));
}

TEST_F(ProcessTest, a_command_that_is_missing_or_unknown_is_told_which_there_are) {
  for (const auto& arguments : {std::vector<std::string>{}, {"help"}}) {
    const auto ended = run(arguments);
    EXPECT_EQ(ended.status, 2);
    EXPECT_NE(ended.errors.find("Commands of segue: init, tenant, serve, "), std::string::npos) << ended.errors;
  }
  EXPECT_NE(run({"key", "change"}).errors.find("Commands of key: rotate."), std::string::npos);
}

TEST_F(ProcessTest, serve_says_what_is_missing) {
  const auto nothing = run({"serve", "--data", (root / "none").string()});
  EXPECT_EQ(nothing.status, 1);
  EXPECT_NE(nothing.errors.find("run `segue init` first"), std::string::npos) << nothing.errors;
  ASSERT_EQ(run({"init", "--data", data, "--domain", "localhost:9443"}).status, 0);
  fs::remove(data / "segue.db");
  const auto no_database = run({"serve", "--data", data});
  EXPECT_EQ(no_database.status, 1);
  EXPECT_NE(no_database.errors.find("--database"), std::string::npos) << no_database.errors;
}

TEST_F(ProcessTest, tenants_can_be_added_and_the_certificate_names_them) {
  ASSERT_EQ(run({"init", "--data", data, "--domain", "localhost:9443"}).status, 0);
  const auto added = run({"tenant", "add", "--data", data, "--domain", "login.example.com"});
  ASSERT_EQ(added.status, 0) << added.errors;
  EXPECT_TRUE(fs::exists(data / "tenants/login.example.com/management-client.json"));
  EXPECT_TRUE(fs::exists(data / "tenants/login.example.com/ca.pem"));
  output.clear();
  EXPECT_EQ(run({"tenant", "list", "--data", data}).status, 0);
  EXPECT_NE(output.find("login.example.com"), std::string::npos);
  EXPECT_EQ(run({"tenant", "add", "--data", data, "--domain", "login.example.com"}).status, 1);
  output.clear();
  EXPECT_EQ(run({"doctor", "--data", data}).status, 0) << output;
  EXPECT_EQ(output.find("MEND"), std::string::npos) << output;
}

TEST_F(ProcessTest, doctor_says_what_to_mend) {
  ASSERT_EQ(run({"init", "--data", data, "--domain", "localhost:9443"}).status, 0);
  std::ofstream(data / "segue.key") << "broken";
  fs::permissions(data / "segue.key", fs::perms::owner_all | fs::perms::group_read);
  const auto found = run({"doctor", "--data", data});
  EXPECT_EQ(found.status, 1);
  EXPECT_NE(output.find("chmod 600"), std::string::npos) << output;
  EXPECT_NE(output.find("is not one that `segue init` wrote"), std::string::npos) << output;
}

TEST_F(ProcessTest, every_command_says_what_is_wrong_with_the_key_file) {
  ASSERT_EQ(run({"init", "--data", data, "--domain", "localhost:9443"}).status, 0);
  const auto path = data / "segue.key";
  const auto good = text_of_file(path);
  const auto everybody_says = [&](const std::string& what) {
    for (const auto* const command : {"serve", "migrate", "doctor"}) {
      output.clear();
      const auto ended = run({command, "--data", data});
      EXPECT_EQ(ended.status, 1) << command;
      const auto said = std::string(command) == "doctor" ? output : ended.errors;
      EXPECT_NE(said.find(path.string()), std::string::npos) << command << ": " << said;
      EXPECT_NE(said.find(what), std::string::npos) << command << ": " << said;
      EXPECT_EQ(said.find(what), said.rfind(what)) << command << " says it once: " << said;
    }
  };
  std::ofstream(path) << "";
  everybody_says("is empty. Restore it from your backup");
  std::ofstream(path) << good.substr(0, good.size() / 2);
  everybody_says("is cut short or damaged. Restore it");
  std::ofstream(path) << "another file";
  everybody_says("is not one that `segue init` wrote");
  std::ofstream(path) << "segue-key-1:" + std::string(43, 'A') + "\n";
  everybody_says("does not open what the database holds");
  std::ofstream(path) << good;
  fs::permissions(path, fs::perms::others_read, fs::perm_options::add);
  everybody_says("can be read by every user");
  fs::remove(path);
  everybody_says("there is no key file");
  std::ofstream(path) << good;
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(run({"migrate", "--data", data}).status, 0);
}

TEST_F(ProcessTest, the_key_file_is_rotated_in_one_command_or_in_steps) {
  ASSERT_EQ(run({"init", "--data", data, "--domain", "localhost:9443"}).status, 0);
  const auto path = data / "segue.key";
  const auto first = text_of_file(path);
  const auto serves = [&] {
    Process server(serve(), root / "serve.log");
    const auto line = server.read_line();
    server.signal(SIGTERM);
    return server.wait() == 0 && line == "segue ready https://localhost:9443";
  };
  ASSERT_EQ(run({"key", "rotate", "--data", data}).status, 0);
  const auto second = text_of_file(path);
  EXPECT_NE(second, first);
  EXPECT_EQ(second.size(), first.size());
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_TRUE(serves());

  EXPECT_NE(run({"key", "rotate", "--data", data, "--step", "finish"}).errors.find("begin with --step prepare"),
            std::string::npos);
  for (const auto* const step : {"prepare", "switch", "switch", "finish"}) {
    EXPECT_EQ(run({"key", "rotate", "--data", data, "--step", step}).status, 0) << step;
    EXPECT_TRUE(serves()) << "after " << step;
  }
  EXPECT_NE(text_of_file(path), second);
  // What was begun in steps, one command ends.
  ASSERT_EQ(run({"key", "rotate", "--data", data, "--step", "prepare"}).status, 0);
  EXPECT_EQ(run({"key", "rotate", "--data", data, "--step", "prepare"}).status, 1);
  ASSERT_EQ(run({"key", "rotate", "--data", data}).status, 0);
  EXPECT_TRUE(serves());

  std::ofstream(path) << first;
  const auto old = run({"key", "rotate", "--data", data});
  EXPECT_EQ(old.status, 1);
  EXPECT_NE(old.errors.find("does not open what the database holds"), std::string::npos) << old.errors;
}

TEST_F(ProcessTest, the_key_file_is_rotated_under_a_running_node_on_postgresql) {
  const auto server_url = FreshDatabase::server_url();
  if (!server_url) GTEST_SKIP() << "no PostgreSQL";
  const FreshDatabase database(*server_url);
  ASSERT_EQ(run({"init", "--data", data, "--domain", "localhost:9443", "--database", database.url()}).status, 0);
  auto arguments = serve();
  arguments.insert(arguments.end(), {"--database", database.url()});
  Process server(arguments, root / "serve.log");
  ASSERT_EQ(server.read_line(), "segue ready https://localhost:9443") << server.errors();

  RawClient client(port_of(server), RawClient::Security::tls);
  int reloads = 0;
  const auto reload = [&] {
    server.signal(SIGHUP);
    ++reloads;
    for (int asked = 0; asked < 10'000; ++asked) {
      client.ask(get_text("/.well-known/jwks.json"));
      const auto log = server.errors();
      int seen = 0;
      for (auto at = log.find("\"reloaded\""); at != std::string::npos; at = log.find("\"reloaded\"", at + 1)) ++seen;
      if (seen >= reloads) return true;
    }
    return false;
  };
  const auto rotate = [&](std::vector<std::string> more) {
    std::vector<std::string> all{"key", "rotate", "--data", data, "--database", database.url()};
    all.insert(all.end(), more.begin(), more.end());
    return run(all);
  };
  const auto refused = rotate({});
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.errors.find("1 node(s) run on this database"), std::string::npos) << refused.errors;
  for (const auto* const step : {"prepare", "switch", "finish"}) {
    const auto ended = rotate({"--step", step});
    ASSERT_EQ(ended.status, 0) << step << ended.errors;
    ASSERT_TRUE(reload()) << step << server.errors();
  }
  std::ifstream file(data / "management-client.json");
  const auto credentials = json::parse(std::string(std::istreambuf_iterator<char>(file), {})).value().as_object();
  const json::object request{{"grant_type", "client_credentials"},
                             {"client_id", credentials.at("client_id")},
                             {"client_secret", credentials.at("client_secret")},
                             {"audience", credentials.at("audience")}};
  auto text = post_text("/oauth/token", json::write(request));
  text.replace(text.find("Host: localhost"), 15, "Host: localhost:9443");
  EXPECT_EQ(client.ask(text).status, 200);

  // A file of another database is refused, and the node goes on with what it has.
  const auto good = text_of_file(data / "segue.key");
  std::ofstream(data / "segue.key") << "segue-key-1:" + std::string(43, 'A') + "\n";
  server.signal(SIGHUP);
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
  EXPECT_NE(server.errors().find("the reload was refused"), std::string::npos) << server.errors();
  EXPECT_EQ(server.errors().find("a background job failed"), std::string::npos) << server.errors();
}

TEST_F(ProcessTest, a_reload_that_is_invalid_keeps_what_was) {
  ASSERT_EQ(run({"init", "--data", data, "--domain", "localhost:9443"}).status, 0);
  const auto config = root / "segue.toml";
  std::ofstream(config) << "[log]\nlevel = 'info'\n";
  auto arguments = serve();
  arguments.insert(arguments.end(), {"--config", config});
  Process server(arguments, root / "serve.log");
  ASSERT_EQ(server.read_line(), "segue ready https://localhost:9443") << server.errors();
  std::ofstream(config) << "[log]\nlevel = 'loud'\n";
  server.signal(SIGHUP);
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
}

TEST_F(ProcessTest, a_proxy_that_nobody_named_is_reported_by_the_log_the_doctor_and_the_next_start) {
  ASSERT_EQ(run({"init", "--data", data, "--domain", "localhost:9443"}).status, 0);
  const std::string mend = "add \\\"127.0.0.1\\\" to http.trusted_proxies";
  {
    Process server(serve(), root / "serve.log");
    ASSERT_EQ(server.read_line(), "segue ready https://localhost:9443") << server.errors();
    RawClient proxy(port_of(server), RawClient::Security::tls);
    auto text = get_text("/.well-known/jwks.json");
    text.insert(text.find("Host:"), "X-Forwarded-For: 198.51.100.7\r\n");
    EXPECT_EQ(proxy.ask(text).status, 200);
    // The note is written within a second; doctor looks beside the running server until it is there.
    std::string told = "add \"127.0.0.1\" to http.trusted_proxies";
    for (int tries = 0; tries < 100 && output.find(told) == std::string::npos; ++tries) run({"doctor", "--data", data});
    EXPECT_NE(output.find(told), std::string::npos) << output;
    EXPECT_NE(output.find("a server runs on it"), std::string::npos) << output;
    output.clear();
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait(), 0);
    EXPECT_NE(server.errors().find(mend), std::string::npos) << server.errors();
  }
  EXPECT_EQ(run({"doctor", "--data", data}).status, 1);
  EXPECT_NE(output.find("add \"127.0.0.1\" to http.trusted_proxies"), std::string::npos) << output;
  {
    Process server(serve(), root / "serve.log");
    ASSERT_EQ(server.read_line(), "segue ready https://localhost:9443") << server.errors();
    EXPECT_NE(server.errors().find(mend), std::string::npos) << server.errors();
  }
  const auto config = root / "segue.toml";
  std::ofstream(config) << "[http]\ntrusted_proxies = ['127.0.0.0/8']\n";
  output.clear();
  EXPECT_EQ(run({"doctor", "--data", data, "--config", config}).status, 0) << output;
}

TEST_F(ProcessTest, serves_on_an_ipv6_address) {
  ASSERT_EQ(run({"init", "--data", data, "--domain", "localhost:9443"}).status, 0);
  Process server({SEGUE_BINARY, "serve", "--data", data, "--listen", "[::1]:0"}, root / "serve.log");
  ASSERT_EQ(server.read_line(), "segue ready https://localhost:9443") << server.errors();
  RawClient client(port_of(server), RawClient::Security::tls, "http/1.1", {.family = RawClient::Family::ipv6});
  EXPECT_EQ(client.ask(get_text("/.well-known/jwks.json")).status, 200);
}

TEST_F(ProcessTest, the_proxy_protocol_is_required_where_it_is_on) {
  ASSERT_EQ(run({"init", "--data", data, "--domain", "localhost:9443"}).status, 0);
  const auto config = root / "segue.toml";
  std::ofstream(config) << "[http]\nproxy_protocol = true\ntrusted_proxies = ['127.0.0.1']\n";
  auto arguments = serve();
  arguments.insert(arguments.end(), {"--config", config});
  Process server(arguments, root / "serve.log");
  ASSERT_EQ(server.read_line(), "segue ready https://localhost:9443") << server.errors();
  EXPECT_FALSE(RawClient(port_of(server), RawClient::Security::tls).connected());
  const std::string header("\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0C\xC6\x33\x64\x07\x7F\x00\x00\x01\x12\x67\x01\xBB", 28);
  RawClient proxy(port_of(server), RawClient::Security::tls, "http/1.1", {.opening = header});
  EXPECT_EQ(proxy.ask(get_text("/.well-known/jwks.json")).status, 200);
  // From the reload on, a peer that is no longer named is closed; the connection that stands goes on.
  std::ofstream(config) << "[http]\nproxy_protocol = true\ntrusted_proxies = ['127.0.0.9']\n";
  server.signal(SIGHUP);
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (RawClient(port_of(server), RawClient::Security::tls, "http/1.1", {.opening = header}).connected()) {
    ASSERT_LT(std::chrono::steady_clock::now(), patience) << server.errors();
  }
  EXPECT_EQ(proxy.ask(get_text("/.well-known/jwks.json")).status, 200);
  EXPECT_NE(server.errors().find("is not named in http.trusted_proxies"), std::string::npos) << server.errors();
  // The operator port is not behind the proxy.
  EXPECT_EQ(RawClient(port_of(server, "operator_port"), RawClient::Security::plain).ask(get_text("/health")).status, 200);
}

TEST_F(ProcessTest, says_at_start_and_in_the_doctor_that_asn_binding_refuses_without_a_file) {
  ASSERT_EQ(run({"init", "--data", data, "--domain", "localhost:9443"}).status, 0);
  {
    Process server(serve(), root / "serve.log");
    ASSERT_EQ(server.read_line(), "segue ready https://localhost:9443") << server.errors();
    EXPECT_NE(server.errors().find("device binding by asn refuses every session transfer token"), std::string::npos);
  }
  EXPECT_EQ(run({"doctor", "--data", data}).status, 0);
  EXPECT_NE(output.find("device binding by asn refuses every session transfer token"), std::string::npos) << output;
}

TEST_F(ProcessTest, the_test_server_moves_time_and_dies_at_failpoints) {
  ASSERT_EQ(run({"init", "--data", data, "--domain", "localhost:9443"}, SEGUE_TEST_SERVER).status, 0);
  Process server(serve(SEGUE_TEST_SERVER), root / "serve.log");
  ASSERT_EQ(server.read_line(), "segue ready https://localhost:9443") << server.errors();
  RawClient controls(port_of(server, "operator_port"), RawClient::Security::plain);
  EXPECT_EQ(controls.ask(post_text("/test/clock", R"({"advance_seconds":3600})")).status, 200);
  // Time that passes is no jump: the node stays ready.
  EXPECT_EQ(controls.ask(get_text("/health")).status, 200);
  EXPECT_EQ(controls.ask(post_text("/test/failpoint", R"({"point":"elsewhere","action":"kill"})")).status, 400);
  EXPECT_EQ(controls.ask(post_text("/test/failpoint", R"({"point":"before_commit","action":"kill"})")).status, 200);

  std::ifstream file(data / "management-client.json");
  const auto credentials = json::parse(std::string(std::istreambuf_iterator<char>(file), {})).value().as_object();
  const json::object request{{"grant_type", "client_credentials"},
                             {"client_id", credentials.at("client_id")},
                             {"client_secret", credentials.at("client_secret")},
                             {"audience", credentials.at("audience")}};
  RawClient client(port_of(server), RawClient::Security::tls);
  auto text = post_text("/oauth/token", json::write(request));
  text.replace(text.find("Host: localhost"), 15, "Host: localhost:9443");
  EXPECT_EQ(client.ask(text).status, 0);
  EXPECT_EQ(server.wait(), 128 + SIGKILL);
}

}  // namespace
}  // namespace segue::test
