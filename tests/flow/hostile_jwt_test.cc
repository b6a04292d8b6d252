// What a client that holds a good key may still try in what it signs (issue "Bad input"): numbers that no clock knows, and
// members that stand twice, of which two readers could take different ones. The signature is right in every case.
#include "signing_client.h"

namespace segue::test {
namespace {

// Nothing a time can be: too large for an integer or for a double, no number, no whole number.
const std::vector<std::string> kNoTimes = {
    "1e400", "-1e400", "1e300", "18446744073709551616", "9223372036854775808", "0.5", "true", "\"60\"", "[60]",
    "{}",    "null",   "NaN"};

struct HostileJwt : SigningClient {
  // A JWT of `claims` in which the text `member` stands last, as it is.
  static std::string with(const json::object& claims, const std::string& member) {
    auto text = json::write(claims);
    text.back() = ',';
    return client_key().jws("RS256", R"({"alg":"RS256"})", text + member + '}');
  }
  static std::string number(const std::string& name, const std::string& value) { return '"' + name + "\":" + value; }
  static void expect_unheard(const Tokens& answer) {
    EXPECT_EQ(answer.status, 401) << json::write(answer.body);
    EXPECT_EQ(answer.error(), "invalid_client");
  }

  Client asker = world.web_client(
      kApp, {{"signed_request_object", json::object{{"credentials", json::array{new_credential(client_key())}}}}});
  json::object request_claims(const json::object& changes = {}) const {
    static int count = 0;
    return changed({{"iss", asker.client_id},
                    {"aud", kIssuer},
                    {"client_id", asker.client_id},
                    {"exp", seconds_of(world.clock.now()) + 60},
                    {"jti", "request-" + std::to_string(++count)},
                    {"response_type", "code"},
                    {"redirect_uri", kCallback},
                    {"scope", "openid"},
                    {"state", "s-1"}},
                   changes);
  }
  Page ask(const std::string& request) {
    return browser.open("/authorize?" + parameters({{"client_id", asker.client_id}, {"request", request}}).encode());
  }
  Tokens prove(const std::string& proof) {
    auto request = form_request("/oauth/token", parameters({{"grant_type", "refresh_token"},
                                                            {"refresh_token", "rt_nothing"},
                                                            {"client_id", web.client_id},
                                                            {"client_secret", web.client_secret}}));
    request.headers.set("dpop", proof);
    const auto response = world.send(request);
    return {response.status, object_of(response)};
  }
  static std::string proof_with(const json::object& claims, const std::string& member) {
    auto text = json::write(claims);
    text.back() = ',';
    const json::object header{{"typ", "dpop+jwt"}, {"alg", "RS256"}, {"jwk", client_key().jwk()}};
    return client_key().jws("RS256", json::write(header), text + member + '}');
  }
  json::object proof_claims(const json::object& changes = {}) const {
    static int count = 0;
    return changed({{"jti", "proof-" + std::to_string(++count)},
                    {"htm", "POST"},
                    {"htu", std::string(kIssuer) + "oauth/token"},
                    {"iat", seconds_of(world.clock.now())}},
                   changes);
  }
};

TEST_F(HostileJwt, with_times_that_are_none_proves_no_client) {
  for (const auto* const name : {"exp", "nbf", "iat"}) {
    for (const auto& value : kNoTimes) {
      SCOPED_TRACE(number(name, value));
      expect_unheard(knock(with(assertion_claims({{name, nullptr}}), number(name, value))));
    }
  }
  // The limits of what an integer holds.
  for (const auto* const value : {"9223372036854775807", "-9223372036854775808", "253402300800"})
    expect_unheard(knock(with(assertion_claims({{"exp", nullptr}}), number("exp", value))));
  EXPECT_TRUE(is_believed(knock(with(assertion_claims(), number("extra", "1")))));
}

TEST_F(HostileJwt, with_a_member_twice_proves_no_client) {
  for (const auto* const name : {"iss", "sub", "aud", "exp", "jti", "iat", "extra"}) {
    SCOPED_TRACE(name);
    for (const auto& again : {number(name, "1") + ',' + number(name, "1"), number(name, "\"x\"")})
      expect_unheard(knock(with(assertion_claims({{"extra", 1}}), again)));
  }
  const auto text = json::write(assertion_claims());
  expect_unheard(knock(client_key().jws("RS256", R"({"alg":"none","alg":"RS256"})", text)));
  expect_unheard(knock(client_key().jws("RS256", R"({"alg":"RS256","kid":"a","kid":"b"})", text)));
}

TEST_F(HostileJwt, of_hostile_numbers_asks_for_nothing) {
  ASSERT_TRUE(ask(with(request_claims(), number("extra", "1"))).is_login_page());
  for (const auto* const name : {"exp", "nbf", "iat"}) {
    for (const auto& value : kNoTimes) {
      SCOPED_TRACE(number(name, value));
      expect_page(ask(with(request_claims({{name, nullptr}}), number(name, value))), 400, "The request object is refused: ");
    }
  }
  for (const std::string value : {"18446744073709551615", "9223372036854775808", "-1", "1e300", "0.5", "\"1e3\"", "true"}) {
    const auto page = ask(with(request_claims(), number("max_age", value)));
    EXPECT_FALSE(page.is_login_page()) << value;
    EXPECT_EQ(page.parameter("code"), "") << value;
  }
  for (const auto* const name : {"redirect_uri", "client_id", "scope", "state", "aud", "exp"}) {
    SCOPED_TRACE(name);
    expect_page(ask(with(request_claims(), number(name, "\"https://evil.example/\""))), 400, "The request object is refused: ");
  }
}

TEST_F(HostileJwt, of_hostile_numbers_proves_no_possession) {
  EXPECT_EQ(prove(proof_with(proof_claims(), number("extra", "1"))).error(), "invalid_grant");
  for (const auto& value : kNoTimes) {
    SCOPED_TRACE(value);
    EXPECT_EQ(prove(proof_with(proof_claims({{"iat", nullptr}}), number("iat", value))).error(), "invalid_dpop_proof");
  }
  for (const auto* const name : {"jti", "htm", "htu", "iat"}) {
    EXPECT_EQ(prove(proof_with(proof_claims(), number(name, "\"POST\""))).error(), "invalid_dpop_proof") << name;
  }
}

}  // namespace
}  // namespace segue::test
