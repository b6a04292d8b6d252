// JWT-secured authorization requests (RFC 9101, contract §2.8): what a client signed is what it asked for.
#include "jose/jwt.h"
#include "signing_client.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

struct RequestObject : OpenId {
  Client signer = world.web_client(
      kApp, {{"signed_request_object", json::object{{"credentials", json::array{new_credential(client_key())}}}}});

  json::object claims(const json::object& changes = {}) {
    static int count = 0;
    return changed({{"iss", signer.client_id},
                    {"aud", kIssuer},
                    {"client_id", signer.client_id},
                    {"exp", seconds_of(world.clock.now()) + 60},
                    {"jti", "jti-" + std::to_string(++count)},
                    {"response_type", "code"},
                    {"redirect_uri", kCallback},
                    {"scope", "openid"},
                    {"state", "s-1"},
                    {"nonce", "n-1"}},
                   changes);
  }
  std::string object(const json::object& changes = {}, const json::object& header = {{"typ", "oauth-authz-req+jwt"}}) {
    return client_key().jwt("RS256", header, claims(changes));
  }
  Page ask(const std::string& request, const http::Parameters& more = {}) {
    auto query = parameters({{"client_id", signer.client_id}, {"request", request}});
    for (const auto& [name, value] : more.pairs()) query.add(name, value);
    return browser.open("/authorize?" + query.encode());
  }
  void require_signature() { patch_client(signer, {{"signed_request_object", json::object{{"required", true}}}}); }
  void expect_refused_page(const Page& page, const std::string& why) {
    expect_page(page, 400, "The request object is refused: " + why + ".");
  }
  Page finish(const Page& page) { return page.is_login_page() ? browser.submit_login(page, ada) : page; }
};

TEST_F(RequestObject, asks_for_what_it_says) {
  const auto page = finish(ask(object({{"state", "signed"}})));
  EXPECT_EQ(page.parameter("state"), "signed");
  const auto tokens = redeem(signer, page.parameter("code"));
  EXPECT_EQ(tokens.status, 200) << json::write(tokens.body);
  EXPECT_EQ(claim(tokens.text("id_token"), "nonce"), "n-1");
}

TEST_F(RequestObject, overrides_what_stands_beside_it) {
  const auto page =
      finish(ask(object(), parameters({{"state", "forged"}, {"nonce", "forged"}, {"redirect_uri", "https://evil.example/"}})));
  EXPECT_EQ(page.parameter("state"), "s-1");
  EXPECT_EQ(claim(redeem(signer, page.parameter("code")).text("id_token"), "nonce"), "n-1");
}

TEST_F(RequestObject, leaves_what_it_does_not_say_to_the_query) {
  const auto page = finish(ask(object({{"state", nullptr}}), parameters({{"state", "outside"}})));
  EXPECT_EQ(page.parameter("state"), "outside");
}

TEST_F(RequestObject, when_required_is_all_that_counts) {
  require_signature();
  const auto page = finish(ask(object({{"state", nullptr}}), parameters({{"state", "outside"}, {"prompt", "none"}})));
  EXPECT_EQ(page.parameter("state"), "");
  EXPECT_NE(page.parameter("code"), "");
  const auto unsigned_request = browser.open(authorize_url(signer, kCallback));
  expect_refused_page(unsigned_request, "there is none, and this client must sign its requests (signed_request_object.required)");
  EXPECT_EQ(world.logs("type:f").size(), 1U);
}

TEST_F(RequestObject, reads_numbers_as_their_text) {
  const auto page = finish(ask(object({{"max_age", 600}})));
  const auto tokens = redeem(signer, page.parameter("code"));
  EXPECT_TRUE(json::find_integer(claims_of(tokens.text("id_token")), "auth_time").has_value());
}

TEST_F(RequestObject, is_accepted_once_when_it_has_a_jti) {
  const auto once = object();
  EXPECT_TRUE(ask(once).is_login_page());
  expect_refused_page(ask(once), "it was presented before (jti): go back to the application and sign in again");
  const auto without_exp = object({{"exp", nullptr}});
  EXPECT_TRUE(ask(without_exp).is_login_page());
  world.clock.advance(24h * 365);
  expect_refused_page(ask(without_exp), "it was presented before (jti): go back to the application and sign in again");
  const auto again = object({{"jti", nullptr}});
  EXPECT_TRUE(ask(again).is_login_page());
  EXPECT_TRUE(ask(again).is_login_page());
}

TEST_F(RequestObject, is_looked_at_by_no_prefetch) {
  const auto once = object();
  auto request =
      request_for(http::Method::get, "/authorize?" + parameters({{"client_id", signer.client_id}, {"request", once}}).encode());
  request.headers.add("sec-purpose", "prefetch");
  EXPECT_EQ(world.send(request).status, 204);
  EXPECT_TRUE(ask(once).is_login_page());
}

TEST_F(RequestObject, names_its_client_and_this_server) {
  const std::string aud = std::string("aud must be one value, the issuer with its slash: ") + kIssuer;
  struct Case {
    const char* name;
    json::value value;
    std::string why;
  };
  const Case cases[] = {{"iss", "somebody", "iss must be the client_id"},
                        {"iss", nullptr, "iss must be the client_id"},
                        {"client_id", json::value(web.client_id), "client_id must be in it, and the same as outside"},
                        {"client_id", nullptr, "client_id must be in it, and the same as outside"},
                        {"sub", json::value(signer.client_id), "sub must not be the client_id"},
                        {"aud", "https://evil.example/", aud},
                        {"aud", nullptr, aud},
                        {"aud", json::array{kIssuer, "https://evil.example/"}, aud},
                        {"aud", json::value(std::string(kIssuer) + "oauth/token"), aud},
                        {"exp", seconds_of(world.clock.now()), "it has expired (exp)"},
                        {"exp", 1e300, "exp must be a whole number of seconds"},
                        {"exp", 18'446'744'073'709'551'615U, "exp must be a whole number of seconds"},
                        {"nbf", seconds_of(world.clock.now()) + 11, "nbf lies in the future: check the clock of the client"},
                        {"iat", "now", "iat must be a whole number of seconds"},
                        {"jti", json::value(std::string(65, 'j')), "jti must be a text of 1 to 64 bytes"},
                        {"request", "e30", "request cannot be in it"},
                        {"request_uri", "urn:ietf:params:oauth:request_uri:x", "request_uri cannot be in it"},
                        {"x", 1.5, "x must be a text"}};
  for (const auto& [name, value, why] : cases) expect_refused_page(ask(object({{name, value}})), why);
}

TEST_F(RequestObject, is_a_page_when_no_key_of_the_client_verifies_it) {
  const auto text = json::write(claims());
  for (const auto& broken :
       {std::string("nonsense"), std::string("a.b.c"), other_key().jwt("RS256", {}, claims()),
        client_key().jwt("PS256", {}, claims()), base::base64url(R"({"alg":"none"})") + '.' + base::base64url(text) + '.',
        jose::sign_jwt_hs256(client_key().public_pem(), "JWT", claims()), object({}, {{"crit", json::array{"exp"}}}),
        object({}, {{"jwk", client_key().jwk()}}), object({}, {{"kid", "another-key"}}),
        client_key().jws("RS256", R"({"alg":"RS256"})", R"({"iss":"a","iss":"b"})")}) {
    expect_refused_page(ask(broken), kUnverified);
  }
  expect_refused_page(ask(object({}, {{"typ", "client-authentication+jwt"}})),
                      "the header typ is none of: JWT, oauth-authz-req+jwt");
  expect_refused_page(ask(""), "the parameter request must stand once, with a value");
  expect_refused_page(ask(object(), parameters({{"request", object()}})), "the parameter request must stand once, with a value");
}

TEST_F(RequestObject, that_no_key_verifies_is_explained_in_the_log) {
  ask(other_key().jwt("RS256", {}, claims()));
  const auto rows = world.logs("type:f");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(json::find_string(rows.at(0), "description"), "The request object is refused: the signature is wrong.");
}

TEST_F(RequestObject, of_a_key_that_is_for_authentication_is_not_taken) {
  const auto made =
      world.managed(http::Method::post, "clients/" + signer.client_id + "/credentials", new_credential(other_key()));
  const auto id = made.as_object().at("id");
  patch_client(signer, {{"client_authentication_methods", by_key({json::object{{"id", id}}})}});
  expect_refused_page(ask(other_key().jwt("RS256", {}, claims())), kUnverified);
}

TEST_F(RequestObject, goes_nowhere_but_to_a_registered_address) {
  expect_page(ask(object({{"redirect_uri", "https://evil.example/"}})), 403, "is not in the list of allowed callback URLs");
}

TEST_F(RequestObject, with_a_parameter_that_is_refused_tells_the_application) {
  expect_told(ask(object({{"response_type", "nothing"}})), "unsupported_response_type",
              "Unsupported response type: use code, or a combination of code, token and id_token.");
}

TEST_F(RequestObject, of_a_client_without_a_key_for_it_is_not_supported) {
  expect_told(authorize(web, parameters({{"request", object()}})), "request_not_supported",
              "The parameter request is not supported for this client: send the parameters themselves, or register a key in its "
              "signed_request_object.");
}

TEST_F(RequestObject, carries_a_session_transfer_token) {
  const auto native = world.native_client();
  const auto token = world.exchange(native, world.password_tokens(native, ada).refresh_token()).access_token();
  const auto page = ask(object({{"session_transfer_token", token}}));
  EXPECT_NE(page.parameter("code"), "") << page.response.body;
}

TEST_F(RequestObject, is_pushed) {
  require_signature();
  const auto push = [&](const http::Parameters& more) {
    auto form = parameters({{"client_id", signer.client_id}, {"client_secret", signer.client_secret}});
    for (const auto& [name, value] : more.pairs()) form.add(name, value);
    return world.send(form_request("/oauth/par", form));
  };
  const auto unsigned_push = push(parameters({{"response_type", "code"}, {"redirect_uri", kCallback}}));
  EXPECT_EQ(unsigned_push.status, 400);
  EXPECT_EQ(json::find_string(object_of(unsigned_push), "error"), "invalid_request_object");
  const auto once = object({{"state", "pushed"}});
  const auto pushed = push(parameters({{"request", once}, {"state", "forged"}}));
  ASSERT_EQ(pushed.status, 201) << pushed.body;
  EXPECT_EQ(push(parameters({{"request", once}})).status, 400) << "once";
  const auto query =
      parameters({{"client_id", signer.client_id}, {"request_uri", json::find_string(object_of(pushed), "request_uri").value()}});
  const auto page = finish(browser.open("/authorize?" + query.encode()));
  EXPECT_EQ(page.parameter("state"), "pushed");
  EXPECT_NE(page.parameter("code"), "");
}

TEST_F(RequestObject, is_in_the_discovery_document) {
  const auto document = object_of(world.send(request_for(http::Method::get, "/.well-known/openid-configuration")));
  EXPECT_EQ(json::find_bool(document, "request_parameter_supported"), true);
  EXPECT_EQ(json::find_strings(document, "request_object_signing_alg_values_supported"),
            (std::vector<std::string>{"RS256", "RS384", "PS256"}));
}

}  // namespace
}  // namespace segue::test
