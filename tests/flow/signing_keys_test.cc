// Rotation and revocation of the keys that sign tokens, on two nodes: no token is ever without its key in a key set.
#include <gtest/gtest.h>

#include <set>

#include "base/bytes.h"
#include "store/tenants.h"
#include "support/handoff.h"
#include "tenancy/signing_keys.h"

namespace segue::test {
namespace {

using http::Method;
using namespace std::chrono_literals;

std::string kid_of(const std::string& jwt) {
  const auto header = json::parse(*base::from_base64url(jwt.substr(0, jwt.find('.')))).value();
  return json::find_string(header.as_object(), "kid").value_or("");
}

struct SigningKeys : ::testing::Test {
  World world;
  Node& other = world.add_node();

  json::array keys() { return world.managed(Method::get, "keys/signing").as_array(); }
  json::object key(const std::string& state, const std::string& alg = "RS256") {
    for (const auto& each : keys()) {
      const auto& found = each.as_object();
      if (json::find_bool(found, state) == true && json::find_string(found, "alg") == alg) return found;
    }
    return {};
  }
  std::string kid(const std::string& state, const std::string& alg = "RS256") { return text_of(key(state, alg), "kid"); }
  json::object rotate() { return world.managed(Method::post, "keys/signing/rotate").as_object(); }

  static std::set<std::string> listed(Node& node) {
    std::set<std::string> out;
    const auto body = object_of(node.send(request_for(Method::get, "/.well-known/jwks.json")));
    for (const auto& each : body.at("keys").as_array()) out.insert(text_of(each.as_object(), "kid"));
    return out;
  }
  std::string token(Node* at = nullptr) {
    return world
        .token_request(parameters({{"grant_type", "client_credentials"},
                                   {"client_id", "management"},
                                   {"client_secret", "management-secret-of-the-tests"},
                                   {"audience", "https://tenant.example/api/v2/"}}),
                       at)
        .access_token();
  }
  // Every node's key set lists the signer of every node's new token.
  void expect_verifiable_everywhere() {
    for (auto* const signer : {&world.node(), &other}) {
      const auto kid = kid_of(token(signer));
      for (auto* const reader : {&world.node(), &other}) EXPECT_TRUE(listed(*reader).contains(kid));
    }
  }
  int manage_with(const std::string& access_token, Node& at) {
    auto request = request_for(Method::get, "/api/v2/keys/signing");
    request.headers.set("authorization", "Bearer " + access_token);
    return at.send(std::move(request)).status;
  }
};

TEST_F(SigningKeys, a_new_tenant_has_a_current_and_a_next_key_of_each_algorithm_and_lists_them_all) {
  for (const auto* const alg : {"RS256", "ES256"}) {
    for (const auto* const state : {"current", "next"}) EXPECT_TRUE(listed(other).contains(kid(state, alg))) << alg << state;
    EXPECT_EQ(kid("previous", alg), "");
  }
  EXPECT_EQ(text_of(keys()[0].as_object(), "alg"), "RS256");
}

TEST_F(SigningKeys, a_key_is_shown_with_its_certificate_fingerprints_and_states) {
  const auto shown = key("current");
  EXPECT_TRUE(text_of(shown, "cert").starts_with("-----BEGIN CERTIFICATE-----"));
  EXPECT_TRUE(text_of(shown, "pkcs7").starts_with("-----BEGIN PKCS7-----"));
  EXPECT_EQ(text_of(shown, "thumbprint").size(), 40u);
  EXPECT_EQ(text_of(shown, "fingerprint").size(), 59u);
  EXPECT_FALSE(text_of(shown, "current_since").empty());
  EXPECT_EQ(json::find_bool(shown, "revoked"), false);
  EXPECT_EQ(json::find(shown, "current_until"), nullptr);
  const auto one = world.managed(Method::get, "keys/signing/" + text_of(shown, "kid")).as_object();
  EXPECT_EQ(one, shown);
  EXPECT_EQ(world.manage(Method::get, "keys/signing/elsewhere").status, 404);
}

TEST_F(SigningKeys, a_rotation_promotes_the_next_key_and_makes_another) {
  const auto old_current = kid("current"), old_next = kid("next"), old_next_ec = kid("next", "ES256");
  const auto answer = rotate();
  EXPECT_EQ(kid("previous"), old_current);
  EXPECT_EQ(kid("current"), old_next);
  EXPECT_EQ(kid("current", "ES256"), old_next_ec);
  EXPECT_EQ(kid("next"), text_of(answer, "kid"));
  EXPECT_TRUE(text_of(answer, "cert").starts_with("-----BEGIN CERTIFICATE-----"));
  EXPECT_FALSE(text_of(key("previous"), "current_until").empty());
  EXPECT_EQ(kid_of(token()), old_next);
  EXPECT_EQ(world.logs("type:sapi").front().at("description").as_string(), "Rotate the application signing key");
}

TEST_F(SigningKeys, a_node_that_has_not_heard_of_a_rotation_lists_the_key_that_signs) {
  for (int i = 0; i < 3; ++i) {
    rotate();  // the other node never refreshes here by itself
    expect_verifiable_everywhere();
    world.clock.advance(tenancy::kSigningDelay);
    other.product().refresh_tenants();
    expect_verifiable_everywhere();
  }
}

TEST_F(SigningKeys, a_key_signs_only_after_every_cache_had_time_to_list_it) {
  const auto first_next = kid("next");
  world.clock.advance(1s);
  rotate();
  const auto second_next = kid("next");
  rotate();  // at once
  EXPECT_EQ(kid("current"), second_next);
  EXPECT_EQ(kid_of(token()), first_next);
  EXPECT_EQ(world.manage(Method::put, "keys/signing/" + first_next + "/revoke").status, 400);
  world.clock.advance(tenancy::kSigningDelay);
  EXPECT_EQ(kid_of(token()), second_next);
  EXPECT_EQ(world.manage(Method::put, "keys/signing/" + first_next + "/revoke").status, 200);
}

TEST_F(SigningKeys, old_tokens_verify_until_their_key_is_revoked_and_then_on_no_node) {
  const auto old_token = token();
  const auto old = kid("current");
  rotate();
  EXPECT_EQ(manage_with(old_token, world.node()), 200);
  EXPECT_EQ(manage_with(old_token, other), 200);
  const auto answer = world.managed(Method::put, "keys/signing/" + old + "/revoke").as_object();
  EXPECT_EQ(text_of(answer, "kid"), old);
  // The other node has not refreshed: the stored version tells it.
  EXPECT_EQ(manage_with(old_token, other), 401);
  EXPECT_EQ(manage_with(old_token, world.node()), 401);
  EXPECT_FALSE(listed(world.node()).contains(old));
  EXPECT_FALSE(listed(other).contains(old));
  const auto shown = world.managed(Method::get, "keys/signing/" + old).as_object();
  EXPECT_EQ(json::find_bool(shown, "revoked"), true);
  EXPECT_EQ(json::find_bool(shown, "previous"), false);
  EXPECT_FALSE(text_of(shown, "revoked_at").empty());
  // Again is the same.
  EXPECT_EQ(world.manage(Method::put, "keys/signing/" + old + "/revoke").status, 200);
}

TEST_F(SigningKeys, userinfo_of_a_node_that_has_not_refreshed_refuses_a_revoked_key) {
  // JWT access tokens of an API with openid are good for /userinfo.
  world.managed(Method::post, "resource-servers", json::object{{"identifier", "https://api.example"}, {"name", "API"}});
  const auto native = world.native_client();
  const auto ada = world.create_user();
  const auto tokens = world.token_request(parameters({{"grant_type", "password"},
                                                      {"client_id", native.client_id},
                                                      {"username", ada.email},
                                                      {"password", ada.password},
                                                      {"audience", "https://api.example"},
                                                      {"scope", "openid"}}));
  const auto ask = [&] {
    auto request = request_for(Method::get, "/userinfo");
    request.headers.set("authorization", "Bearer " + tokens.access_token());
    return other.send(std::move(request)).status;
  };
  EXPECT_EQ(ask(), 200);
  const auto old = kid("current");
  rotate();
  EXPECT_EQ(ask(), 200);
  world.managed(Method::put, "keys/signing/" + old + "/revoke");
  EXPECT_EQ(ask(), 401);
}

TEST_F(SigningKeys, neither_the_current_nor_the_next_key_is_revoked) {
  for (const auto* const state : {"current", "next"}) {
    const auto refused = world.manage(Method::put, "keys/signing/" + kid(state) + "/revoke");
    EXPECT_EQ(refused.status, 400);
    EXPECT_NE(refused.body.find("rotate"), std::string::npos) << refused.body;
  }
  EXPECT_EQ(world.manage(Method::put, "keys/signing/elsewhere/revoke").status, 404);
}

TEST_F(SigningKeys, a_tenant_without_a_next_key_gets_one_and_its_new_key_waits) {
  static constexpr sql::Statement kForget{"test.forget_next", "delete from signing_keys where tenant_id = $1 and state = 'next'"};
  world.node().product().tenants().change(world.tenant(), [](const store::Writer& w) {
    store::tenants::bump_config_version(w);
    return w.connection.execute(kForget, {w.tenant});
  });
  const auto old = kid("current");
  rotate();
  EXPECT_NE(kid("current"), old);
  EXPECT_NE(kid("next"), "");
  EXPECT_EQ(kid("previous"), old);
  EXPECT_EQ(kid_of(token()), old);
  expect_verifiable_everywhere();
  world.clock.advance(tenancy::kSigningDelay);
  EXPECT_EQ(kid_of(token()), kid("current"));
}

TEST_F(SigningKeys, another_tenant_has_keys_of_its_own) {
  world.add_tenant("other.example");
  const auto old = kid("current");
  const auto body = object_of(world.send(request_for(Method::get, "/.well-known/jwks.json", "other.example")));
  EXPECT_EQ(body.at("keys").as_array().size(), 4u);
  for (const auto& each : body.at("keys").as_array()) EXPECT_NE(text_of(each.as_object(), "kid"), old);
}

}  // namespace
}  // namespace segue::test
