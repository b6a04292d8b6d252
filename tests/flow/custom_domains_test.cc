// Custom domains (contract §9.12): claimed by the Management API, served when the operator has confirmed them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/tenants.h"
#include "support/handoff.h"
#include "tenancy/custom_domains.h"

namespace segue::test {
namespace {

using http::Method;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kLogin = "login.acme.example";

struct CustomDomains : testing::Test {
  World world;
  std::string claim(const std::string& domain = kLogin) {
    const auto made = world.managed(Method::post, "custom-domains", {{"domain", domain}, {"type", "self_managed_certs"}});
    return *json::find_string(made.as_object(), "custom_domain_id");
  }
  bool confirm(const std::string& domain = kLogin) {
    auto& product = world.node().product();
    const bool done =
        product.store().write(world.tenant(), [&](const store::Writer& w) { return tenancy::confirm_custom_domain(w, domain); });
    product.refresh_tenants();
    return done;
  }
  int discovery(const std::string& host) {
    return world.send(request_for(Method::get, "/.well-known/openid-configuration", host)).status;
  }
  json::object get(const std::string& id) { return world.managed(Method::get, "custom-domains/" + id).as_object(); }
};

TEST_F(CustomDomains, are_served_once_they_are_confirmed) {
  const auto id = claim();
  EXPECT_EQ(get(id).at("status"), "pending_verification");
  EXPECT_THAT(json::write(get(id)), HasSubstr("segue tenant confirm"));
  EXPECT_EQ(discovery(kLogin), 421);
  world.managed(Method::post, "custom-domains/" + id + "/verify");
  EXPECT_EQ(discovery(kLogin), 421) << "asking for it proves nothing";
  EXPECT_TRUE(confirm());
  EXPECT_EQ(get(id).at("status"), "ready");
  EXPECT_EQ(discovery(kLogin), 200);
  const auto found = world.send(request_for(Method::get, "/.well-known/openid-configuration", kLogin));
  EXPECT_THAT(found.body, HasSubstr("\"issuer\":\"https://login.acme.example/\""));
  EXPECT_EQ(world.manage(Method::delete_, "custom-domains/" + id).status, 204);
  EXPECT_EQ(discovery(kLogin), 421);
  EXPECT_EQ(discovery(kDomain), 200);
}

TEST_F(CustomDomains, that_nobody_claimed_cannot_be_confirmed) {
  EXPECT_FALSE(confirm());
  claim();
  EXPECT_FALSE(confirm("other.acme.example"));
  EXPECT_TRUE(confirm());
  EXPECT_FALSE(confirm()) << "once";
}

TEST_F(CustomDomains, belong_to_one_tenant) {
  world.add_tenant("other.example");
  for (const auto* taken : {kDomain, "other.example", "OTHER.example"})
    EXPECT_EQ(world.manage(Method::post, "custom-domains", {{"domain", taken}, {"type", "self_managed_certs"}}).status, 409)
        << taken;
  claim();
  EXPECT_EQ(
      world.manage(Method::post, "custom-domains", {{"domain", "LOGIN.acme.example"}, {"type", "self_managed_certs"}}).status,
      409);
  const auto other = world.node().product().tenants().resolve("other.example")->tenant;
  auto& store = world.node().product().store();
  EXPECT_FALSE(store.write(other, [](const store::Writer& w) { return tenancy::confirm_custom_domain(w, kLogin); }));
  EXPECT_TRUE(confirm());
  EXPECT_FALSE(store.write(other, [](const store::Writer& w) { return store::tenants::add_domain(w, kLogin); }));
  EXPECT_FALSE(store.write(other, [](const store::Writer& w) { return store::tenants::remove_domain(w, kLogin); }));
  EXPECT_FALSE(store.write(other, [](const store::Writer& w) { return store::tenants::remove_domain(w, "other.example"); }))
      << "the canonical one stays";
  EXPECT_EQ(discovery(kLogin), 200);
}

TEST_F(CustomDomains, issue_tokens_and_take_the_handoff_of_each_other) {
  claim();
  ASSERT_TRUE(confirm());
  const auto native = world.native_client();
  const auto ada = world.create_user();
  const auto tokens = world.password_tokens(native, ada);
  ASSERT_EQ(tokens.status, 200);
  // The native app uses the tenant's own domain, and asks for the transfer at the custom one.
  const auto exchanged = world.send(form_request("/oauth/token",
                                                 parameters({{"grant_type", "refresh_token"},
                                                             {"client_id", native.client_id},
                                                             {"refresh_token", tokens.refresh_token()},
                                                             {"audience", std::string("urn:") + kLogin + ":session_transfer"}}),
                                                 kLogin));
  EXPECT_EQ(exchanged.status, 200) << exchanged.body;
  EXPECT_THAT(json::find_string(object_of(exchanged), "access_token").value_or(""), StartsWith("stt_"));
}

TEST_F(CustomDomains, refuse_what_this_server_does_not_do) {
  const auto refused = [&](json::object more) {
    json::object body{{"domain", kLogin}, {"type", "self_managed_certs"}};
    for (auto& member : more) body[member.key()] = member.value();
    const auto response = world.manage(Method::post, "custom-domains", body);
    EXPECT_EQ(response.status, 400) << response.body;
    return response.body;
  };
  EXPECT_THAT(refused({{"custom_client_ip_header", "x-forwarded-for"}}), HasSubstr("configuration file"));
  EXPECT_THAT(refused({{"relying_party_identifier", "acme.example"}}), HasSubstr("passkeys"));
  EXPECT_THAT(refused({{"domain", "a b"}}), HasSubstr("hostname"));
  EXPECT_THAT(refused({{"domain", "login.acme.example:8443"}}), HasSubstr("hostname"));
  EXPECT_THAT(refused({{"domain_metadata", json::object{{"k", 1}}}}), HasSubstr("domain_metadata"));
  EXPECT_EQ(world.manage(Method::patch, "custom-domains/default", {{"domain", kLogin}}).status, 400);
  EXPECT_EQ(world.manage(Method::get, "custom-domains/cd_none").status, 404);
}

}  // namespace
}  // namespace segue::test
