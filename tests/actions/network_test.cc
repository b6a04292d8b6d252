// What Actions may call, and through what: the proxy checks every target as the outbound client does.
#include <gmock/gmock.h>

#include "actions/runtime.h"
#include "support/called_server.h"

namespace segue::test {
namespace {

using testing::StartsWith;

http::Response hello(const http::Request& request) {
  http::Response out;
  out.body = "hello " + request.path;
  return out;
}

struct Network : testing::Test {
  CalledServer secure{hello}, plain{hello, {"localhost"}, false};

  Runtime runtime{Sandboxed::yes, [this](auto& options, auto&) {
                    options.sandbox.ca_file = secure.ca_file();
                    options.proxy.allow_private = true;
                    options.proxy.names = {"plain.test:" + std::to_string(plain.port()) + ":127.0.0.1"};
                    options.limits.call = std::chrono::seconds(60);
                  }};
  void SetUp() override {
    if (!runtime.runner->problem().empty()) GTEST_SKIP() << runtime.runner->problem();
  }
  static std::string logged(Runtime& at, const std::string& body) {
    const auto outcome =
        at.run(invocation({post_login("try {" + body + "} catch (e) { console.log('failed', e.cause?.message ?? e.message) }")}));
    return outcome.results.empty() ? summary(outcome) : outcome.results[0].log;
  }
  std::string logged(const std::string& body) { return logged(runtime, body); }
  std::string plain_url(const std::string& path) const { return "http://plain.test:" + std::to_string(plain.port()) + path; }
};

TEST_F(Network, fetch_reaches_https_and_http) {
  EXPECT_EQ(logged("const r = await fetch('" + secure.url("/a") + "'); console.log(r.status, await r.text())"), "200 hello /a");
  EXPECT_EQ(
      logged("const r = await fetch('" + secure.url("/b") + "', {method: 'POST', body: 'x'.repeat(1e5)}); console.log(r.status)"),
      "200");
  EXPECT_EQ(logged("const r = await fetch('" + plain_url("/c") + "'); console.log(await r.text())"), "hello /c");
  EXPECT_EQ(secure.requests().size(), 2U);
}

TEST_F(Network, the_modules_http_and_https_reach_it_too) {
  const std::string get = "console.log(await new Promise((yes, no) => require('";
  const std::string rest = "', (r) => { let t = ''; r.on('data', (d) => t += d).on('end', () => yes(t)) }).on('error', no)))";
  EXPECT_EQ(logged(get + "https').get('" + secure.url("/d") + rest), "hello /d");
  EXPECT_EQ(logged(get + "http').get('" + plain_url("/e") + rest), "hello /e");
}

TEST_F(Network, calls_of_several_sign_ins_use_one_process_and_its_connection) {
  for (int i = 1; i <= 5; ++i)
    EXPECT_EQ(logged("globalThis.n = (globalThis.n || 0) + 1; const r = await fetch('" + secure.url("/a") +
                     "'); console.log(await r.text(), n)"),
              "hello /a " + std::to_string(i));
  EXPECT_EQ(secure.connections(), 1U);
}

TEST_F(Network, private_addresses_low_ports_and_strangers_are_refused) {
  Runtime strict(Sandboxed::yes, [this](auto& options, auto&) {
    options.sandbox.ca_file = secure.ca_file();
    options.proxy.names = {"evil.test:443:169.254.169.254"};
  });
  for (const auto& url : {secure.url("/"), std::string("https://evil.test/"), std::string("http://169.254.169.254/latest"),
                          std::string("https://[::1]:8443/"), std::string("http://0x7f.1:8080/")}) {
    SCOPED_TRACE(url);
    EXPECT_THAT(logged(strict, "await fetch('" + url + "')"),
                StartsWith("a call was refused: the name leads to an address that is not public\nfailed "));
  }
  EXPECT_THAT(logged(strict, "await fetch('https://example.com:81/')"), StartsWith("a call was refused: only the ports 80, 443"));
  EXPECT_TRUE(secure.requests().empty());
}

TEST_F(Network, without_it_nothing_is_reached) {
  Runtime closed(Sandboxed::yes, [](auto& options, auto&) { options.allow_network = false; });
  EXPECT_THAT(logged(closed, "await fetch('" + secure.url("/") + "')"), StartsWith("failed "));
  EXPECT_TRUE(secure.requests().empty());
}

TEST_F(Network, one_process_holds_so_many_connections) {
  Runtime few(Sandboxed::yes, [this](auto& options, auto&) {
    options.sandbox.ca_file = secure.ca_file();
    options.proxy.allow_private = true;
    options.proxy.connections_per_process = 2;
  });
  EXPECT_THAT(logged(few, "await Promise.all([1, 2, 3, 4, 5].map(() => fetch('" + secure.url("/") + "')))"),
              StartsWith("a call was refused: too many connections at once"));
  EXPECT_EQ(logged("console.log((await fetch('" + secure.url("/a") + "')).status)"), "200");
}

}  // namespace
}  // namespace segue::test
