// Custom domains (contract §9.12): claimed by the Management API, served when their zone or the operator has confirmed them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <barrier>
#include <thread>

#include "store/tenants.h"
#include "support/dns_server.h"
#include "support/engines.h"
#include "support/handoff.h"
#include "tenancy/custom_domains.h"

namespace segue::test {
namespace {

using http::Method;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kLogin = "login.acme.example";

struct CustomDomains : testing::Test {
  explicit CustomDomains(WorldOptions options = {}) : world(std::move(options)) {}
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

// --- Confirmed by their zone ---

constexpr const char* kRecordName = "_segue-challenge.login.acme.example";

struct VerifiedDomains : CustomDomains {
  using CustomDomains::CustomDomains;
  std::string record(const std::string& id) {
    const auto methods = json::find_object(get(id), "verification")->at("methods").as_array();
    EXPECT_EQ(json::find_string(methods.at(0).as_object(), "name"), "txt");
    EXPECT_EQ(json::find_string(methods.at(0).as_object(), "domain"), kRecordName);
    return *json::find_string(methods.at(0).as_object(), "record");
  }
  json::object verify(const std::string& id) {
    return world.managed(Method::post, "custom-domains/" + id + "/verify").as_object();
  }
  std::string why_not(const std::string& id) {
    const auto answer = verify(id);
    EXPECT_EQ(answer.at("status"), "pending_verification");
    EXPECT_EQ(json::find_object(answer, "verification")->at("status"), "pending");
    EXPECT_EQ(discovery(kLogin), 421);
    return json::find_string(*json::find_object(answer, "verification"), "error_msg").value_or("");
  }
};

TEST_F(VerifiedDomains, are_served_once_their_zone_has_the_record) {
  const auto id = claim();
  world.zones().publish(kRecordName, {"v=spf1 -all", record(id)});
  EXPECT_EQ(get(id).at("status"), "pending_verification") << "nobody has asked";
  const auto answer = verify(id);
  EXPECT_EQ(answer.at("status"), "ready");
  EXPECT_EQ(json::find_object(answer, "verification")->at("status"), "verified");
  EXPECT_FALSE(json::find_object(answer, "verification")->contains("error_msg"));
  EXPECT_EQ(discovery(kLogin), 200);
  world.zones().publish(kRecordName, {});
  EXPECT_EQ(verify(id).at("status"), "ready") << "what is confirmed stays so, and is asked no more";
  EXPECT_EQ(world.logs("type:custom_domain_verification_failed").size(), 0u);
}

TEST_F(VerifiedDomains, wait_for_the_very_value_and_say_what_was_found_instead) {
  const auto id = claim();
  const auto value = record(id);
  EXPECT_THAT(why_not(id), StartsWith("There is no TXT record of _segue-challenge.login.acme.example."));
  for (const auto& other : {value + " ", value + "x", value.substr(0, value.size() - 1), "\"" + value + "\"",
                            std::string("SEGUE-") + value.substr(6)}) {
    world.zones().publish(kRecordName, {other});
    EXPECT_THAT(why_not(id), HasSubstr("None of the 1 TXT records of _segue-challenge.login.acme.example is " + value));
  }
  world.zones().publish(kRecordName, {"first", std::string("\xff\n"), std::string(500, 'x'), "4", "5", "6"});
  const auto text = why_not(id);
  EXPECT_THAT(text, HasSubstr("\"first\", (no text), \"" + std::string(120, 'x') + "\", \"4\", \"5\", …."));
  EXPECT_THAT(text, HasSubstr("segue tenant confirm --domain login.acme.example"));
  const auto rows = world.logs("type:custom_domain_verification_failed");
  ASSERT_FALSE(rows.empty());
  const auto* const details = json::find_object(rows.front(), "details");
  EXPECT_EQ(json::find_string(*details, "custom_domain_id"), id);
  EXPECT_EQ(json::find_string(*details, "domain"), kLogin);
  EXPECT_THAT(json::find_string(*details, "errorMsg").value_or(""), HasSubstr("None of the 6 TXT records"));
}

TEST_F(VerifiedDomains, are_not_confirmed_by_a_zone_that_says_nothing) {
  const auto id = claim();
  world.zones().set(kRecordName, {.values = {record(id)}, .problem = "no name server answered in time"});
  EXPECT_THAT(
      why_not(id),
      StartsWith("The TXT records of _segue-challenge.login.acme.example are not known: no name server answered in time."));
}

TEST_F(VerifiedDomains, are_not_confirmed_by_the_value_of_another_claim) {
  const auto first = claim();
  const auto old = record(first);
  world.zones().publish(kRecordName, {old});
  world.managed(Method::delete_, "custom-domains/" + first);
  EXPECT_THAT(why_not(claim()), HasSubstr("None of the 1 TXT records"));
  EXPECT_EQ(world.manage(Method::post, "custom-domains/" + first + "/verify").status, 404);
}

TEST_F(VerifiedDomains, can_be_had_by_one_tenant_only) {
  const auto id = claim();
  world.zones().publish(kRecordName, {record(id)});
  world.add_tenant("other.example");
  const auto other = world.node().product().tenants().resolve("other.example")->tenant;
  ASSERT_TRUE(
      world.node().product().store().write(other, [](const store::Writer& w) { return store::tenants::add_domain(w, kLogin); }));
  const auto answer = verify(id);
  EXPECT_EQ(answer.at("status"), "pending_verification");
  EXPECT_THAT(json::write(answer), HasSubstr("Another tenant of this server serves login.acme.example."));
  EXPECT_EQ(world.logs("type:custom_domain_verification_failed").size(), 1u);
}

struct VerifiedDomainsOn : VerifiedDomains, testing::WithParamInterface<Engine> {
  VerifiedDomainsOn() : VerifiedDomains({.engine = GetParam()}) {}
};
INSTANTIATE_TEST_SUITE_P(Engines, VerifiedDomainsOn, testing::ValuesIn(engines()));

TEST_P(VerifiedDomainsOn, are_confirmed_once_however_often_it_is_asked_at_once) {
  const auto id = claim();
  world.zones().publish(kRecordName, {record(id)});
  world.management_token();
  constexpr int kTries = 8;
  std::atomic<int> ready{0};
  std::barrier together(kTries);
  std::vector<std::thread> threads;
  for (int k = 0; k < kTries; ++k) {
    threads.emplace_back([&] {
      together.arrive_and_wait();
      if (verify(id).at("status") == "ready") ++ready;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(ready, kTries);
  EXPECT_EQ(discovery(kLogin), 200);
}

TEST(VerifiedDomainsByDns, are_asked_of_a_name_server) {
  std::string value;
  std::mutex mutex;
  DnsServer server([&](const std::string&) {
    const std::scoped_lock lock(mutex);
    return value.empty() ? DnsServer::Answer{.code = 3}
                         : DnsServer::Answer{.records = {{"other"}, {value.substr(0, 9), value.substr(9)}}};
  });
  WorldOptions options;
  options.product.txt_records = std::make_shared<outbound::DnsTxt>(outbound::DnsTxt::Options{.servers = server.address()});
  World world(options);
  const auto made =
      world.managed(Method::post, "custom-domains", {{"domain", kLogin}, {"type", "self_managed_certs"}}).as_object();
  const auto path = "custom-domains/" + *json::find_string(made, "custom_domain_id") + "/verify";
  EXPECT_EQ(world.managed(Method::post, path).as_object().at("status"), "pending_verification");
  {
    const std::scoped_lock lock(mutex);
    value = *json::find_string(json::find_object(made, "verification")->at("methods").as_array().at(0).as_object(), "record");
  }
  EXPECT_EQ(world.managed(Method::post, path).as_object().at("status"), "ready");
  EXPECT_THAT(server.asked(), testing::Each(kRecordName));
}

}  // namespace
}  // namespace segue::test
