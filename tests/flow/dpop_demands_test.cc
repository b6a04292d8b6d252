// Where bound tokens are taken, and who demands them: /userinfo, the Management API, clients and APIs; and the RFC 9068 dialect.
#include "dpop_flow.h"

namespace segue::test {
namespace {

using http::Method;
constexpr const char* kUserinfoUrl = "https://tenant.example/userinfo";

struct DpopDemands : DpopFlow {
  http::Response ask(const std::string& authorization, const std::vector<std::string>& proofs, Method method = Method::get) {
    auto request = request_for(method, "/userinfo");
    request.headers.add("authorization", authorization);
    for (const auto& proof : proofs) request.headers.add("dpop", proof);
    return world.send(std::move(request));
  }
  std::string user_proof(const std::string& token, const DpopKey& by, const std::string& nonce = {}) {
    return by.proof("GET", kUserinfoUrl, world.clock.now(), nonce, token);
  }
  void patch_api(json::object fields) {
    world.managed(Method::patch, "resource-servers/" + base::percent_encode(kApi), std::move(fields));
  }
  static json::object header_members(const std::string& jwt) {
    return json::parse(*base::from_base64url(jwt.substr(0, jwt.find('.')))).value().as_object();
  }
};

TEST_F(DpopDemands, userinfo_takes_a_bound_token_with_its_proof) {
  for (const auto& tokens : {bound(), prove(password_form(native, "openid", ""), key)}) {
    const auto token = tokens.access_token();
    const auto answer = ask("DPoP " + token, {user_proof(token, key)});
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(json::find_string(object_of(answer), "sub"), ada.user_id);
    EXPECT_FALSE(header_of(answer, "dpop-nonce").empty());
    EXPECT_EQ(ask("dpop " + token, {user_proof(token, key, nonce())}).status, 200);
  }
}

TEST_F(DpopDemands, userinfo_refuses_a_bound_token_as_bearer_and_a_bearer_token_as_bound) {
  const auto token = bound().access_token();
  const auto as_bearer = ask("Bearer " + token, {});
  EXPECT_EQ(as_bearer.status, 401);
  EXPECT_EQ(header_of(as_bearer, "www-authenticate"), "Bearer error=\"invalid_token\"");
  EXPECT_EQ(ask("Bearer " + token, {user_proof(token, key)}).status, 401);
  const auto opaque = prove(password_form(native, "openid", ""), key).access_token();
  EXPECT_EQ(ask("Bearer " + opaque, {}).status, 401);
  const auto bearer = tokens_of(send(password_form(native), {})).access_token();
  EXPECT_EQ(ask("DPoP " + bearer, {user_proof(bearer, key)}).status, 401);
  EXPECT_EQ(ask("Bearer " + bearer, {}).status, 200);
}

TEST_F(DpopDemands, userinfo_says_what_is_wrong_with_a_proof) {
  const auto token = bound().access_token();
  const auto expect = [&](const http::Response& answer, const std::string& error) {
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(header_of(answer, "www-authenticate"), "DPoP error=\"" + error + "\", algs=\"ES256 RS256 PS256\"");
  };
  expect(ask("DPoP " + token, {}), "invalid_dpop_proof");
  expect(ask("DPoP " + token, {user_proof(token, key), user_proof(token, key)}), "invalid_dpop_proof");
  expect(ask("DPoP " + token, {user_proof("another token", key)}), "invalid_dpop_proof");
  expect(ask("DPoP " + token, {key.proof("GET", kUserinfoUrl, world.clock.now())}), "invalid_dpop_proof");
  expect(ask("DPoP " + token, {user_proof(token, key)}, Method::post), "invalid_dpop_proof");
  expect(ask("DPoP " + token, {user_proof(token, other_key)}), "invalid_token");
  const auto stale = ask("DPoP " + token, {user_proof(token, key, "stale")});
  expect(stale, "use_dpop_nonce");
  EXPECT_FALSE(header_of(stale, "dpop-nonce").empty());
  const auto once = user_proof(token, key);
  EXPECT_EQ(ask("DPoP " + token, {once}).status, 200);
  expect(ask("DPoP " + token, {once}), "invalid_dpop_proof");
}

TEST_F(DpopDemands, the_management_api_takes_no_bound_token) {
  const auto form = parameters({{"grant_type", "client_credentials"},
                                {"client_id", "management"},
                                {"client_secret", "management-secret-of-the-tests"},
                                {"audience", "https://tenant.example/api/v2/"}});
  const auto tokens = tokens_of(send(form, {key.proof("POST", kTokenUrl, world.clock.now())}));
  ASSERT_EQ(tokens.text("token_type"), "DPoP");
  auto request = request_for(Method::get, "/api/v2/clients");
  request.headers.set("authorization", "Bearer " + tokens.access_token());
  EXPECT_EQ(world.send(std::move(request)).status, 401);
}

TEST_F(DpopDemands, a_client_that_demands_possession_gets_nothing_without_a_proof) {
  const auto tokens = tokens_of(send(password_form(native), {}));
  patch_client(native, json::object{{"require_proof_of_possession", true}});
  expect_refused(tokens_of(send(password_form(native), {})), "invalid_dpop_proof", "This client must prove possession");
  expect_refused(tokens_of(send(refresh_form(tokens.refresh_token()), {})), "invalid_dpop_proof");
  expect_refused(tokens_of(send(refresh_form(tokens.refresh_token(), "urn:tenant.example:session_transfer"), {})),
                 "invalid_dpop_proof");
  const auto code = native_code();
  expect_refused(tokens_of(send(native_code_form(code), {})), "invalid_dpop_proof");
  EXPECT_EQ(prove(native_code_form(code), key).status, 200) << "the code was not touched";
  EXPECT_EQ(prove(refresh_form(tokens.refresh_token()), key).text("token_type"), "DPoP");
  // Nor at /authorize, where no proof can be.
  patch_client(native, json::object{{"grant_types", json::array{"authorization_code", "implicit"}}});
  EXPECT_EQ(authorize(native, parameters({{"response_type", "token"}})).response.headers.find("location")->find("access_token"),
            std::string::npos);
  EXPECT_NE(sign_in(native, parameters({{"response_type", "token"}})).url.find("cannot%20be%20bound"), std::string::npos);
}

TEST_F(DpopDemands, an_api_that_demands_possession_gets_bound_tokens_only) {
  const auto earlier = tokens_of(send(password_form(native), {}));
  const auto code = native_code(parameters({{"audience", kApi}}));
  patch_api(json::object{{"proof_of_possession", json::object{{"mechanism", "dpop"}, {"required", true}}}});
  expect_refused(tokens_of(send(password_form(native), {})), "invalid_dpop_proof", kApi);
  expect_refused(tokens_of(send(refresh_form(earlier.refresh_token()), {})), "invalid_dpop_proof");
  EXPECT_EQ(prove(refresh_form(earlier.refresh_token()), key).text("token_type"), "DPoP") << "what was refused stayed as it was";
  expect_refused(tokens_of(send(native_code_form(code), {})), "invalid_dpop_proof");
  EXPECT_EQ(prove(password_form(native), key).text("token_type"), "DPoP");
  // Tokens of other APIs are as before.
  EXPECT_EQ(tokens_of(send(password_form(native, "openid", ""), {})).status, 200);
}

TEST_F(DpopDemands, an_api_may_demand_possession_of_public_clients_alone) {
  patch_client(web, json::object{{"grant_types", json::array{"password"}}});
  const auto demand = [&](const char* whom) {
    patch_api(
        json::object{{"proof_of_possession", json::object{{"mechanism", "dpop"}, {"required", true}, {"required_for", whom}}}});
  };
  demand("public_clients");
  expect_refused(tokens_of(send(password_form(native), {})), "invalid_dpop_proof");
  EXPECT_EQ(tokens_of(send(password_form(web), {})).status, 200);
  demand("all_clients");
  expect_refused(tokens_of(send(password_form(web), {})), "invalid_dpop_proof");
}

TEST_F(DpopDemands, machines_meet_the_demand_too_and_certificates_are_refused_when_they_are_written) {
  const auto machine = world.create_client(
      json::object{{"name", "m"}, {"app_type", "non_interactive"}, {"grant_types", json::array{"client_credentials"}}});
  world.managed(Method::post, "client-grants",
                json::object{{"client_id", machine.client_id}, {"audience", kApi}, {"scope", json::array{"read:books"}}});
  patch_api(json::object{{"proof_of_possession", json::object{{"mechanism", "dpop"}, {"required", true}}}});
  const auto form = parameters({{"grant_type", "client_credentials"},
                                {"client_id", machine.client_id},
                                {"client_secret", machine.client_secret},
                                {"audience", kApi}});
  expect_refused(tokens_of(send(form, {})), "invalid_dpop_proof");
  const auto tokens = tokens_of(send(form, {key.proof("POST", kTokenUrl, world.clock.now())}));
  EXPECT_EQ(tokens.text("token_type"), "DPoP");
  EXPECT_EQ(jkt_of(tokens.access_token()), key.thumbprint());
  const auto mtls = world.manage(Method::patch, "resource-servers/" + base::percent_encode(kApi),
                                 json::object{{"proof_of_possession", json::object{{"mechanism", "mtls"}, {"required", true}}}});
  EXPECT_EQ(mtls.status, 400);
  EXPECT_NE(mtls.body.find("use mechanism dpop"), std::string::npos) << mtls.body;
}

TEST_F(DpopDemands, discovery_names_the_algorithms_of_proofs_and_each_is_taken) {
  const auto document = object_of(world.send(request_for(Method::get, "/.well-known/openid-configuration")));
  EXPECT_EQ(json::find_strings(document, "dpop_signing_alg_values_supported"),
            (std::vector<std::string>{"ES256", "RS256", "PS256"}));
  const DpopKey rsa(crypto::SignatureAlgorithm::RS256);
  EXPECT_EQ(prove(password_form(native), rsa).text("token_type"), "DPoP");
}

TEST_F(DpopDemands, the_rfc_9068_dialect_has_its_type_and_claims) {
  patch_api(json::object{{"token_dialect", "rfc9068_profile"}});
  const auto token = tokens_of(send(password_form(native), {})).access_token();
  EXPECT_EQ(json::find_string(header_members(token), "typ"), "at+jwt");
  const auto claims = claims_of(token);
  EXPECT_EQ(json::find_string(claims, "client_id"), native.client_id);
  EXPECT_EQ(json::find_string(claims, "sub"), ada.user_id);
  EXPECT_EQ(json::find_string(claims, "scope"), "openid offline_access read:books");
  EXPECT_EQ(json::find_string(claims, "iss"), kIssuer);
  EXPECT_FALSE(json::find_string(claims, "jti").value_or("").empty());
  EXPECT_TRUE(json::find_integer(claims, "iat") && json::find_integer(claims, "exp"));
  for (const auto* const name : {"azp", "gty"}) EXPECT_EQ(json::find(claims, name), nullptr) << name;
  EXPECT_EQ(ask("Bearer " + token, {}).status, 200) << "our own verification takes both";
  EXPECT_EQ(jkt_of(bound().access_token()), key.thumbprint());

  patch_api(json::object{{"token_dialect", "access_token"}});
  const auto ours = tokens_of(send(password_form(native), {})).access_token();
  EXPECT_EQ(json::find_string(header_members(ours), "typ"), "JWT");
  EXPECT_EQ(claim(ours, "azp"), native.client_id);
}

}  // namespace
}  // namespace segue::test
