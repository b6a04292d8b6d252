// Device binding behind real proxies, with the configurations of docs/guides/behind_a_proxy.md: the caller is who connects to the
// proxy, whatever a header says.
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <thread>

#include "deployment.h"
#include "openid.h"

namespace segue::test {
namespace {

namespace fs = std::filesystem;
using Replacements = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kPhone = "127.0.0.2";
constexpr const char* kElsewhere = "127.0.0.3";

struct Arrangement {
  const char* name;
  const char* program;
  const char* proxy_block;  // of the guide
  const char* segue_block;
  const char* loopback;  // between the proxy and Segue
};

std::string read_text(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The code block of the guide whose fence ends with this name. Every replacement must have something to replace.
std::string block(const std::string& name, const Replacements& replacements) {
  const auto guide = read_text(fs::path(SEGUE_SOURCE_DIR) / "docs/guides/behind_a_proxy.md");
  const auto fence = " " + name + "\n";
  const auto begin = guide.find(fence);
  if (begin == std::string::npos) throw std::runtime_error("the guide has no block " + name);
  auto text = guide.substr(begin + fence.size());
  text.resize(text.find("```"));
  for (const auto& [from, to] : replacements) {
    auto at = text.find(from);
    if (at == std::string::npos) throw std::runtime_error(name + " has no " + from);
    for (; at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  }
  return text;
}

unsigned short free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(probe, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(probe);
  return ntohs(address.sin_port);
}

struct BehindAProxy : ::testing::TestWithParam<Arrangement> {
  static void SetUpTestSuite() { deployment = std::make_unique<Deployment>(); }
  static void TearDownTestSuite() { deployment.reset(); }
  void SetUp() override {
    const auto& arranged = GetParam();
    ASSERT_TRUE(fs::exists(arranged.program)) << "tools/install.sh test installs it";
    const auto data = deployment->data();
    const auto config = write("segue.toml", block(arranged.segue_block, arranged.loopback == std::string("[::1]")
                                                                            ? Replacements{{R"(["127.0.0.1"])", R"(["::1"])"}}
                                                                            : Replacements{}));
    segue = deployment->start(std::string(arranged.loopback) + ":0", {"--config", config});
    port = free_port();
    start_proxy(arranged, data);
    // The proxy says nothing when it is ready.
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!RawClient(port, RawClient::Security::plain).connected()) {
      ASSERT_LT(std::chrono::steady_clock::now(), patience) << proxy->errors();
      std::this_thread::yield();
    }
  }

  void start_proxy(const Arrangement& arranged, const fs::path& data) {
    const auto listen = "127.0.0.1:" + std::to_string(port);
    Replacements replacements{{"127.0.0.1:8443", std::string(arranged.loopback) + ":" + std::to_string(segue->port())}};
    const std::string name = arranged.proxy_block;
    const bool ends_tls = name.ends_with("forwarded-for");
    if (name.starts_with("nginx")) {
      replacements.insert(replacements.end(), {{"listen 443", "listen " + listen},
                                               {"/etc/ssl/login.example.com/chain.pem", data / "tls-certificate.pem"},
                                               {"/etc/ssl/login.example.com/key.pem", data / "tls-key.pem"},
                                               {"/var/lib/segue", data},
                                               {"login.example.com", kDomain}});
      std::string text = "master_process off; pid " + (data / "nginx.pid").string() + "; events {} http { access_log off;\n";
      for (const auto* place : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
        text += std::string(place) + "_temp_path " + (data / place).string() + ";\n";
      const auto file = write("nginx.conf", text + block(name, replacements) + "}\n");
      proxy = std::make_unique<Process>(
          std::vector<std::string>{arranged.program, "-p", data, "-c", file, "-e", "stderr", "-g", "daemon off;"},
          data / "proxy.log");
      return;
    }
    replacements.emplace_back("bind :443", "bind " + listen);
    if (ends_tls) {
      const auto both = write("chain-and-key.pem", read_text(data / "tls-certificate.pem") + read_text(data / "tls-key.pem"));
      replacements.insert(
          replacements.end(),
          {{"/etc/ssl/login.example.com/chain-and-key.pem", both}, {"/var/lib/segue", data}, {"login.example.com", kDomain}});
    }
    const auto file = write("haproxy.cfg", block(name, replacements));
    proxy = std::make_unique<Process>(std::vector<std::string>{arranged.program, "-db", "-f", file}, data / "proxy.log");
  }

  std::string write(const std::string& name, const std::string& text) const {
    const auto path = deployment->data() / name;
    std::ofstream(path) << text;
    return path;
  }

  http::Response send(http::Request request, const char* from) const {
    RawClient client(port, RawClient::Security::tls, "http/1.1", {.from = from});
    return send_over(client, request);
  }
  Tokens token(const http::Parameters& form, const char* from) const {
    const auto response = send(form_request("/oauth/token", form), from);
    EXPECT_EQ(response.status, 200) << response.body << proxy->errors();
    return {response.status, object_of(response)};
  }
  // Signs in at the native app and asks for a session transfer token, all from the phone's address.
  std::string transfer() const {
    const auto signed_in = token(parameters({{"grant_type", "password"},
                                             {"client_id", deployment->native.client_id},
                                             {"username", deployment->ada.email},
                                             {"password", deployment->ada.password},
                                             {"scope", "openid offline_access"}}),
                                 kPhone);
    return token(parameters({{"grant_type", "refresh_token"},
                             {"client_id", deployment->native.client_id},
                             {"refresh_token", signed_in.refresh_token()},
                             {"audience", std::string("urn:") + kDomain + ":session_transfer"}}),
                 kPhone)
        .access_token();
  }
  Page open_from(const char* from, const std::vector<std::pair<std::string, std::string>>& headers = {}) const {
    Browser browser([this, from](const http::Request& request) { return send(request, from); }, kDomain);
    for (const auto& [name, value] : headers) browser.extra.add(name, value);
    browser.plant("auth0_session_transfer_token", transfer());
    return browser.open(authorize_url(deployment->web, kCallback));
  }

  static std::unique_ptr<Deployment> deployment;
  std::unique_ptr<ServerProcess> segue;
  std::unique_ptr<Process> proxy;
  unsigned short port = 0;
};
std::unique_ptr<Deployment> BehindAProxy::deployment;
INSTANTIATE_TEST_SUITE_P(
    Proxies, BehindAProxy,
    ::testing::Values(Arrangement{"nginx", "/usr/sbin/nginx", "nginx-forwarded-for", "segue-forwarded-for", "127.0.0.1"},
                      Arrangement{"nginx_over_ipv6", "/usr/sbin/nginx", "nginx-forwarded-for", "segue-forwarded-for", "[::1]"},
                      Arrangement{"haproxy", "/usr/sbin/haproxy", "haproxy-forwarded-for", "segue-forwarded-for", "127.0.0.1"},
                      Arrangement{"haproxy_tcp", "/usr/sbin/haproxy", "haproxy-proxy-protocol", "segue-proxy-protocol",
                                  "127.0.0.1"}),
    [](const auto& arranged) { return arranged.param.name; });

TEST_P(BehindAProxy, a_token_opens_the_web_from_the_address_that_it_was_made_for) {
  EXPECT_FALSE(open_from(kPhone).parameter("code").empty());
}

TEST_P(BehindAProxy, a_token_is_refused_from_another_address_behind_the_same_proxy) {
  const auto page = open_from(kElsewhere);
  EXPECT_TRUE(page.is_login_page());
  EXPECT_TRUE(page.parameter("code").empty());
}

TEST_P(BehindAProxy, a_caller_cannot_choose_its_address_with_headers_of_its_own) {
  for (const auto* name : {"x-forwarded-for", "forwarded", "x-real-ip", "true-client-ip", "auth0-forwarded-for"}) {
    const std::string value = name == std::string("forwarded") ? "for=127.0.0.2" : kPhone;
    EXPECT_TRUE(open_from(kElsewhere, {{name, value}}).is_login_page()) << name;
  }
  // Nor does what it writes cost it the address that it has.
  EXPECT_FALSE(
      open_from(kPhone, {{"x-forwarded-for", "nonsense, 198.51.100.7"}, {"forwarded", "for=\""}}).parameter("code").empty());
}

}  // namespace
}  // namespace segue::test
