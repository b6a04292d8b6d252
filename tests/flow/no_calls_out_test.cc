// Server-side request forgery (issue "Bad input"): whatever address a caller or an administrator names, the server opens no
// connection to it. A listener stands at that address; tools/rules.toml and tools/layers.toml keep the means to connect out of
// the source.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "signing_client.h"

namespace segue::test {
namespace {

// A TCP port of this machine that notices whoever connects. The kernel completes a connection without anybody accepting it, so
// one that was made is there to be accepted.
class Trap {
 public:
  Trap() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const at = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (::bind(descriptor_, at, size) != 0 || ::listen(descriptor_, 16) != 0 || ::getsockname(descriptor_, at, &size) != 0)
      throw std::system_error(errno, std::generic_category());
    port_ = ntohs(address.sin_port);
  }
  ~Trap() { ::close(descriptor_); }
  Trap(const Trap&) = delete;
  Trap& operator=(const Trap&) = delete;

  int port() const { return port_; }
  bool was_called() const { return ::accept(descriptor_, nullptr, nullptr) >= 0 || errno != EAGAIN; }

 private:
  int descriptor_;
  int port_ = 0;
};

struct NoCallsOut : OpenId {
  ~NoCallsOut() override {
    world.logs();  // what waits in queues is done, too
    EXPECT_FALSE(trap.was_called());
  }
  std::string address(const std::string& scheme, const std::string& path) const {
    return scheme + "://127.0.0.1:" + std::to_string(trap.port()) + path;
  }
  int status_of_new_client(json::object fields) {
    fields["name"] = "names addresses";
    return world.manage(http::Method::post, "clients", fields).status;
  }
  Trap trap;
};

TEST_F(NoCallsOut, to_a_request_uri) {
  for (const std::string scheme : {"http", "https"}) {
    const auto uri = address(scheme, "/request.jwt");
    expect_told(authorize(parameters({{"request_uri", uri}})), "request_uri_not_supported",
                "The parameter request_uri is not supported: send the parameters themselves.");
    const auto pushed = world.send(form_request("/oauth/par", parameters({{"client_id", web.client_id},
                                                                          {"client_secret", web.client_secret},
                                                                          {"response_type", "code"},
                                                                          {"redirect_uri", kCallback},
                                                                          {"request_uri", uri}})));
    EXPECT_EQ(pushed.status, 400);
    EXPECT_EQ(json::find_string(object_of(pushed), "error"), "invalid_request");
  }
}

TEST_F(NoCallsOut, to_where_a_client_says_its_keys_and_sectors_are) {
  for (const std::string name : {"jwks_uri", "sector_identifier_uri", "request_uris", "userinfo_uri", "software_statement"}) {
    EXPECT_EQ(status_of_new_client({{name, address("https", "/keys")}}), 400) << name;
  }
  EXPECT_EQ(
      status_of_new_client({{"oidc_logout", json::object{{"backchannel_logout_urls", json::array{address("https", "/")}}}}}),
      400);
}

TEST_F(NoCallsOut, to_logos_callbacks_and_addresses_after_a_logout) {
  const auto here = address("http", "/here");
  const auto named = world.web_client(kApp, {{"logo_uri", address("http", "/logo.png")},
                                             {"callbacks", json::array{kCallback, here}},
                                             {"allowed_logout_urls", json::array{here}},
                                             {"initiate_login_uri", address("https", "/login")},
                                             {"web_origins", json::array{address("http", "")}}});
  const auto end = sign_in(named);
  EXPECT_FALSE(end.parameter("code").empty());
  const auto idle = browser.open("/v2/logout?client_id=" + named.client_id + "&returnTo=" + base::percent_encode(here));
  EXPECT_EQ(idle.url, here);  // a redirect: the browser goes there
  const auto login = authorize(named);
  ASSERT_TRUE(login.is_login_page());
  EXPECT_EQ(login.response.body.find("logo.png"), std::string::npos);  // no browser fetches it from our page either
}

TEST_F(NoCallsOut, to_keys_that_a_token_points_to) {
  const auto signer = world.web_client(
      kApp, {{"signed_request_object", json::object{{"credentials", json::array{new_credential(client_key())}}}}});
  for (const std::string name : {"jku", "x5u"}) {
    const json::object header{{"typ", "JWT"}, {name, address("https", "/jwks.json")}};
    const json::object claims{
        {"iss", signer.client_id},   {"sub", signer.client_id}, {"aud", kIssuer}, {"client_id", signer.client_id},
        {"redirect_uri", kCallback}, {"response_type", "code"}, {"jti", "j"},     {"exp", seconds_of(world.clock.now()) + 60}};
    const auto jwt = client_key().jwt("RS256", header, claims);
    expect_page(browser.open("/authorize?" + parameters({{"client_id", signer.client_id}, {"request", jwt}}).encode()), 400,
                "The request object is refused: ");
    EXPECT_EQ(world
                  .token_request(parameters({{"grant_type", "client_credentials"},
                                             {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
                                             {"client_assertion", jwt}}))
                  .error(),
              "invalid_client");
    auto userinfo = request_for(http::Method::get, "/userinfo");
    userinfo.headers.set("authorization", "Bearer " + jwt);
    EXPECT_EQ(world.send(userinfo).status, 401);
  }
}

}  // namespace
}  // namespace segue::test
