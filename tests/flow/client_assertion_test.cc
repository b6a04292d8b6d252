// private_key_jwt (RFC 7523, contract §3.2): who signs is believed once per signature, and nobody else is.
#include <atomic>
#include <barrier>
#include <thread>

#include "jose/jwt.h"
#include "signing_client.h"
#include "store/one_time_identifiers.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

using ClientAssertion = SigningClient;

TEST_F(ClientAssertion, redeems_a_code) {
  const auto code = sign_in(signer).parameter("code");
  const auto tokens =
      redeem(signer, code,
             parameters({{"client_secret", ""}, {"client_assertion_type", kAssertionType}, {"client_assertion", assertion()}}));
  EXPECT_EQ(tokens.status, 200) << json::write(tokens.body);
  EXPECT_NE(tokens.access_token(), "");
}

TEST_F(ClientAssertion, names_its_client_with_or_without_a_client_id_beside_it) {
  EXPECT_TRUE(is_believed(knock(assertion())));
  EXPECT_TRUE(is_believed(knock(assertion(), parameters({{"client_id", signer.client_id}}))));
  expect_disbelieved(knock(assertion(), parameters({{"client_id", web.client_id}})), kUnverified);
  const auto other =
      world.web_client("https://b.example", {{"client_authentication_methods", by_key({new_credential(client_key())})}});
  expect_disbelieved(knock(assertion(), parameters({{"client_id", other.client_id}})), "iss must be the client_id");
}

TEST_F(ClientAssertion, is_for_this_server_alone) {
  world.add_domain("login.example");
  world.node().product().refresh_tenants();
  for (const json::value& aud :
       {json::value(kIssuer), json::value(std::string(kIssuer) + "oauth/token"), json::value(std::string(kIssuer) + "oauth/par"),
        json::value("https://login.example/"), json::value(json::array{kIssuer})}) {
    EXPECT_TRUE(is_believed(knock(assertion({{"aud", aud}})))) << aud;
  }
  const std::string issuer = kIssuer;
  for (const json::value& aud : {json::value(nullptr), json::value(""), json::value(issuer.substr(0, issuer.size() - 1)),
                                 json::value("https://evil.example/"), json::value(json::array{kIssuer, "https://evil.example/"}),
                                 json::value(json::array{}), json::value(7), json::value(json::array{json::array{kIssuer}}),
                                 json::value(issuer + "authorize"), json::value("http://tenant.example/")}) {
    expect_disbelieved(knock(assertion({{"aud", aud}})), "aud must be one value, the issuer with its slash: " + issuer);
  }
}

TEST_F(ClientAssertion, says_who_it_is_twice) {
  expect_disbelieved(knock(assertion({{"iss", "somebody"}})), "iss must be the client_id");
  expect_disbelieved(knock(assertion({{"iss", nullptr}})), "iss must be the client_id");
  expect_disbelieved(knock(assertion({{"iss", json::array{signer.client_id}}})), "iss must be the client_id");
  const auto with_id = parameters({{"client_id", signer.client_id}});
  expect_disbelieved(knock(assertion({{"sub", "somebody"}}), with_id), "sub must be the client_id");
  expect_disbelieved(knock(assertion({{"sub", nullptr}}), with_id), "sub must be the client_id");
}

TEST_F(ClientAssertion, lives_five_minutes_at_most) {
  const auto now = seconds_of(world.clock.now());
  const auto at = [&](const char* name, json::value value) { return knock(assertion({{name, std::move(value)}})); };
  EXPECT_TRUE(is_believed(at("exp", now + 1)));
  EXPECT_TRUE(is_believed(at("exp", now + 300)));
  EXPECT_TRUE(is_believed(at("exp", now + 310)));
  expect_disbelieved(at("exp", now + 311), "exp is more than 5 minutes ahead");
  expect_disbelieved(at("exp", 253402300799), "exp is more than 5 minutes ahead");
  expect_disbelieved(at("exp", now), "it has expired (exp)");
  expect_disbelieved(at("exp", nullptr), "exp is missing: give it a minute");
  for (const json::value& bad :
       {json::value("1795747696"), json::value(-1), json::value(1.5), json::value(1e300), json::value(true),
        json::value(9'223'372'036'854'775'807), json::value(18'446'744'073'709'551'615U), json::value(json::array{})}) {
    expect_disbelieved(at("exp", bad), "exp must be a whole number of seconds");
    expect_disbelieved(at("nbf", bad), "nbf must be a whole number of seconds");
    expect_disbelieved(at("iat", bad), "iat must be a whole number of seconds");
  }
}

TEST_F(ClientAssertion, forgives_ten_seconds_of_a_clock_that_is_ahead) {
  const auto now = seconds_of(world.clock.now());
  for (const auto* const name : {"iat", "nbf"}) {
    EXPECT_TRUE(is_believed(knock(assertion({{name, now + 10}}))));
    EXPECT_TRUE(is_believed(knock(assertion({{name, nullptr}}))));
    expect_disbelieved(knock(assertion({{name, now + 11}})),
                       std::string(name) + " lies in the future: check the clock of the client");
  }
}

TEST_F(ClientAssertion, is_believed_once) {
  const auto first = assertion();
  EXPECT_TRUE(is_believed(knock(first)));
  const auto again = "it was presented before (jti): sign a new one for each request";
  expect_disbelieved(knock(first), again);
  EXPECT_TRUE(is_believed(knock(assertion({{"jti", "one"}}))));
  expect_disbelieved(knock(assertion({{"jti", "one"}, {"exp", seconds_of(world.clock.now()) + 90}})), again);
  EXPECT_TRUE(is_believed(knock(assertion({{"jti", std::string(64, 'j')}}))));
  expect_disbelieved(knock(assertion({{"jti", nullptr}})), "jti is missing: give each assertion a random one");
  for (const json::value& bad :
       {json::value(""), json::value(std::string(65, 'j')), json::value(7), json::value(json::array{"a"})})
    expect_disbelieved(knock(assertion({{"jti", bad}})), "jti must be a text of 1 to 64 bytes");
}

TEST_F(ClientAssertion, that_fails_a_check_is_not_spent) {
  expect_disbelieved(knock(assertion({{"jti", "kept"}, {"aud", "https://evil.example/"}})),
                     std::string("aud must be one value, the issuer with its slash: ") + kIssuer);
  EXPECT_TRUE(is_believed(knock(assertion({{"jti", "kept"}}))));
}

TEST_F(ClientAssertion, is_forgotten_a_minute_after_nobody_would_believe_it) {
  EXPECT_TRUE(is_believed(knock(assertion())));
  const auto is_remembered = [&] {
    world.sweep();
    return world.node().product().store().read(world.tenant(), [&](const store::Reader& r) {
      return store::one_time_identifiers::has_expired(r, world.clock.now() + 24h);
    });
  };
  EXPECT_TRUE(is_remembered());
  world.clock.advance(119s);
  EXPECT_TRUE(is_remembered());
  world.clock.advance(121s);
  EXPECT_FALSE(is_remembered());
}

TEST_F(ClientAssertion, counts_its_jti_for_each_client_apart) {
  const auto other =
      world.web_client("https://b.example", {{"client_authentication_methods", by_key({new_credential(client_key())})}});
  EXPECT_TRUE(is_believed(knock(assertion({{"jti", "same"}}))));
  EXPECT_TRUE(is_believed(knock(assertion({{"jti", "same"}, {"iss", other.client_id}, {"sub", other.client_id}}))));
}

TEST_F(ClientAssertion, cannot_choose_its_algorithm_or_its_key) {
  const auto claims = [&] { return json::write(assertion_claims()); };
  const auto refused = [&](const std::string& token) {
    expect_disbelieved(knock(token, parameters({{"client_id", signer.client_id}})), kUnverified);
  };
  refused(client_key().jwt("PS256", {}, assertion_claims()));
  refused(client_key().jwt("RS384", {}, assertion_claims()));
  refused(client_key().jwt("RS512", {}, assertion_claims()));
  refused(client_key().jws("PS256", R"({"alg":"RS256"})", claims()));
  refused(other_key().jwt("RS256", {}, assertion_claims()));
  refused(jose::sign_jwt_hs256(client_key().public_pem(), "JWT", assertion_claims()));
  refused(base::base64url(R"({"alg":"none"})") + '.' + base::base64url(claims()) + '.');
  for (const auto& header :
       {json::object{{"jwk", other_key().jwk()}}, json::object{{"jwk", client_key().jwk()}},
        json::object{{"jku", "https://evil.example/"}}, json::object{{"x5u", "https://evil.example/"}},
        json::object{{"crit", json::array{"exp"}}}, json::object{{"kid", 7}}, json::object{{"kid", "another-key"}}})
    refused(assertion({}, header));
  refused(client_key().jws("RS256", R"({"alg":"RS256"})", R"({"iss":"a","iss":"b"})"));
  for (const auto* const nothing : {"a", "..", "e30.e30.e30"}) refused(nothing);
  EXPECT_TRUE(is_believed(knock(assertion()))) << "none of this locks anybody out";
}

TEST_F(ClientAssertion, of_another_kind_of_token_is_refused) {
  for (const auto* const typ : {"JWT", "jwt", "client-authentication+jwt"})
    EXPECT_TRUE(is_believed(knock(assertion({}, {{"typ", typ}}))));
  for (const auto* const typ : {"at+jwt", "dpop+jwt", "oauth-authz-req+jwt", "logout+jwt"})
    expect_disbelieved(knock(assertion({}, {{"typ", typ}})), "the header typ is none of: JWT, client-authentication+jwt");
}

TEST_F(ClientAssertion, is_verified_by_the_algorithm_of_its_credential) {
  for (const auto* const alg : {"RS384", "PS256"}) {
    signer = world.web_client("https://" + base::ascii_lower(alg) + ".example",
                              {{"client_authentication_methods", by_key({new_credential(client_key(), {{"alg", alg}})})}});
    EXPECT_TRUE(is_believed(knock(client_key().jwt(alg, {}, assertion_claims())))) << alg;
    expect_disbelieved(knock(assertion()), kUnverified);
  }
}

TEST_F(ClientAssertion, finds_its_key_among_several_with_or_without_a_kid) {
  const auto created = world.managed(http::Method::post, "clients/" + signer.client_id + "/credentials",
                                     new_credential(other_key(), {{"kid", "the-other-one"}}));
  const auto by_other = [&](const json::object& header) { return knock(other_key().jwt("RS256", header, assertion_claims())); };
  expect_disbelieved(by_other({}), kUnverified);  // it is there, but not for authentication
  const auto listed = world.managed(http::Method::get, "clients/" + signer.client_id + "/credentials");
  json::array ids;
  for (const auto& item : listed.as_array()) ids.push_back(json::object{{"id", item.as_object().at("id")}});
  EXPECT_EQ(ids.size(), 2U);
  patch_client(signer, {{"client_authentication_methods", by_key(ids)}});
  EXPECT_TRUE(is_believed(by_other({})));
  EXPECT_TRUE(is_believed(by_other({{"kid", "the-other-one"}})));
  expect_disbelieved(by_other({{"kid", listed.as_array().front().as_object().at("kid")}}), kUnverified);
  EXPECT_TRUE(is_believed(knock(assertion())));
}

TEST_F(ClientAssertion, is_verified_by_one_of_eight_keys_at_most) {
  const auto path = "clients/" + signer.client_id + "/credentials";
  for (int k = 0; k < 7; ++k) world.managed(http::Method::post, path, new_credential(other_key()));
  const auto refused = world.manage(http::Method::post, path, new_credential(other_key()));
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("A client has at most 8 credentials: delete one"), std::string::npos) << refused.body;
  const auto listed = world.managed(http::Method::get, path).as_array();
  EXPECT_EQ(listed.size(), 8U);
  const std::string unused(json::to_view(listed.back().as_object().at("id").as_string()));
  EXPECT_EQ(world.manage(http::Method::delete_, path + "/" + unused).status, 204);
  world.managed(http::Method::post, path, new_credential(other_key()));

  json::array nine(9, new_credential(other_key()));
  const auto client = world.manage(http::Method::post, "clients",
                                   json::object{{"name", "many keys"}, {"client_authentication_methods", by_key(nine)}});
  EXPECT_EQ(client.status, 400) << client.body;
}

TEST_F(ClientAssertion, is_worth_nothing_when_its_credential_has_expired_or_was_taken_away) {
  const auto listed = world.managed(http::Method::get, "clients/" + signer.client_id + "/credentials").as_array();
  const std::string id(json::to_view(listed.front().as_object().at("id").as_string()));
  const auto path = "clients/" + signer.client_id + "/credentials/" + id;
  world.managed(http::Method::patch, path, json::object{{"expires_at", base::to_iso8601(world.clock.now() + 60s)}});
  EXPECT_TRUE(is_believed(knock(assertion())));
  world.clock.advance(60s);
  expect_disbelieved(knock(assertion()), kUnverified);
  world.managed(http::Method::patch, path, json::object{{"expires_at", nullptr}});
  EXPECT_TRUE(is_believed(knock(assertion())));
  const auto other =
      world.managed(http::Method::post, "clients/" + signer.client_id + "/credentials", new_credential(other_key())).as_object();
  patch_client(signer, {{"client_authentication_methods", by_key({json::object{{"id", other.at("id")}}})}});
  expect_disbelieved(knock(assertion()), kUnverified);
}

TEST_F(ClientAssertion, is_the_only_way_in_for_a_client_that_signs) {
  const auto with_secret = [&](const Client& client) {
    return world.token_request(parameters({{"grant_type", "refresh_token"},
                                           {"refresh_token", "rt_nothing"},
                                           {"client_id", client.client_id},
                                           {"client_secret", client.client_secret}}));
  };
  EXPECT_EQ(signer.client_secret, "") << "it is not shown";
  signer.client_secret = "Horse-staple-of-the-client-that-signs";
  patch_client(signer, {{"client_secret", signer.client_secret}});
  expect_refused(with_secret(signer), 401, "access_denied", "Unauthorized");
  EXPECT_TRUE(is_believed(with_secret(web)));
  patch_client(signer, {{"token_endpoint_auth_method", "client_secret_post"}});
  EXPECT_TRUE(is_believed(with_secret(signer)));
  expect_disbelieved(knock(assertion()), kUnverified);
}

TEST_F(ClientAssertion, comes_alone_and_with_its_type) {
  const auto refused = [&](const http::Parameters& more, const std::string& why) {
    expect_refused(knock(assertion(), more), 400, "invalid_request", why);
  };
  refused(parameters({{"client_secret", "s"}}), "client_assertion beside a client secret: authenticate in one way.");
  for (const auto* const type : {"", "jwt", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"}) {
    refused(parameters({{"client_assertion_type", type}}),
            "client_assertion_type must be urn:ietf:params:oauth:client-assertion-type:jwt-bearer.");
  }
  refused(parameters({{"client_assertion", ""}}), "Missing required parameter: client_assertion");
  auto request = form_request("/oauth/token", parameters({{"grant_type", "refresh_token"},
                                                          {"refresh_token", "rt_nothing"},
                                                          {"client_assertion_type", kAssertionType},
                                                          {"client_assertion", assertion()}}));
  request.headers.add("authorization", "Basic " + base::base64(signer.client_id + ":x"));
  const auto response = world.send(request);
  EXPECT_EQ(response.status, 400);
}

TEST_F(ClientAssertion, of_a_stranger_says_no_more_than_a_wrong_signature) {
  const auto stranger = assertion({{"iss", "stranger"}, {"sub", "stranger"}});
  expect_disbelieved(knock(stranger), kUnverified);
  expect_disbelieved(knock(assertion(), parameters({{"client_id", world.native_client().client_id}})), kUnverified);
}

TEST_F(ClientAssertion, that_is_refused_leaves_a_row_in_the_log) {
  knock(other_key().jwt("RS256", {}, assertion_claims()), parameters({{"client_id", signer.client_id}}));
  const auto rows = world.logs("type:fertft");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(json::find_string(rows.front(), "client_id"), signer.client_id);
  EXPECT_EQ(json::find_string(rows.front(), "description"), std::string("The client_assertion is refused: ") + kUnverified + ".");
}

TEST_F(ClientAssertion, that_is_refused_leaves_the_client_it_names_in_the_log) {
  knock(other_key().jwt("RS256", {}, assertion_claims()));
  ASSERT_EQ(world.logs("type:fertft").size(), 1U);
  EXPECT_EQ(json::find_string(world.logs("type:fertft").front(), "client_id"), signer.client_id);
  // So does Basic; what the header says of the secret stays out.
  auto request = form_request("/oauth/token", parameters({{"grant_type", "client_credentials"}, {"audience", kApi}}));
  request.headers.set("authorization", "Basic " + base::base64(web.client_id + ":wrong"));
  EXPECT_EQ(world.send(request).status, 401);
  ASSERT_EQ(world.logs("type:feccft").size(), 1U);
  EXPECT_EQ(json::find_string(world.logs("type:feccft").front(), "client_id"), web.client_id);
  EXPECT_EQ(json::write(world.logs("type:feccft").front()).find("wrong"), std::string::npos);
}

TEST_F(ClientAssertion, that_names_nobody_is_refused_as_an_assertion) {
  for (const auto* text : {"nonsense", "a.b.c", "e30.e30.e30"}) {
    expect_refused(knock(text), 401, "invalid_client",
                   "The client_assertion is refused: it is no JWT whose sub is the client_id.");
  }
  // A member that stands twice makes it no JWT: two readers could take different ones.
  const auto twice = R"({"sub":")" + signer.client_id + R"(","sub":"another"})";
  EXPECT_EQ(knock(client_key().jws("RS256", R"({"alg":"RS256"})", twice)).error(), "invalid_client");
}

TEST_F(ClientAssertion, pushes_an_authorization_request) {
  const auto response = world.send(form_request("/oauth/par", parameters({{"response_type", "code"},
                                                                          {"redirect_uri", kCallback},
                                                                          {"client_id", signer.client_id},
                                                                          {"scope", "openid"},
                                                                          {"client_assertion_type", kAssertionType},
                                                                          {"client_assertion", assertion()}})));
  EXPECT_EQ(response.status, 201) << response.body;
}

TEST_F(ClientAssertion, gives_a_refresh_token_back) {
  const auto revoke = [&](const std::string& client_assertion) {
    return world
        .send(form_request("/oauth/revoke", parameters({{"token", "rt_nothing"},
                                                        {"client_assertion_type", kAssertionType},
                                                        {"client_assertion", client_assertion}})))
        .status;
  };
  const auto once = assertion();
  EXPECT_EQ(revoke(once), 200);
  EXPECT_EQ(revoke(once), 401);
}

TEST_F(ClientAssertion, is_in_the_discovery_document) {
  const auto document = object_of(world.send(request_for(http::Method::get, "/.well-known/openid-configuration")));
  EXPECT_TRUE(base::contains(json::find_strings(document, "token_endpoint_auth_methods_supported"), "private_key_jwt"));
  EXPECT_EQ(json::find_strings(document, "token_endpoint_auth_signing_alg_values_supported"),
            (std::vector<std::string>{"RS256", "RS384", "PS256"}));
  EXPECT_TRUE(base::contains(json::find_strings(document, "revocation_endpoint_auth_methods_supported"), "private_key_jwt"));
  EXPECT_FALSE(json::find_strings(document, "dpop_signing_alg_values_supported").empty());
}

// Through two nodes on one PostgreSQL, which share nothing but the database, or through one on SQLite.
void expect_one_of_64_believed(WorldOptions options, bool two_nodes) {
  struct Race : SigningClient {
    using SigningClient::SigningClient;
    void TestBody() override {}
  } race(options);
  std::vector<Node*> nodes{&race.world.node()};
  if (two_nodes) nodes.push_back(&race.world.add_node());
  const auto token = race.assertion();
  std::atomic<int> believed = 0;
  std::barrier start(64);
  std::vector<std::jthread> threads;
  for (int k = 0; k < 64; ++k) {
    threads.emplace_back([&, k] {
      start.arrive_and_wait();
      if (SigningClient::is_believed(race.knock(token, {}, nodes[static_cast<std::size_t>(k) % nodes.size()]))) ++believed;
    });
  }
  threads.clear();
  EXPECT_EQ(believed, 1);
}

TEST(ClientAssertionRace, is_won_by_one_of_64_requests) { expect_one_of_64_believed({}, false); }

TEST(ClientAssertionRace, is_won_by_one_of_64_requests_at_two_nodes) {
  if (!FreshDatabase::server_url()) GTEST_SKIP() << "no PostgreSQL";
  WorldOptions options;
  options.engine = Engine::postgres;
  expect_one_of_64_believed(options, true);
}

}  // namespace
}  // namespace segue::test
