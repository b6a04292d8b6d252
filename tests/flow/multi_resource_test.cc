// Refresh tokens that reach further APIs by the client's policies (contract §4.6).
#include "openid.h"
#include "store/user_consents.h"

namespace segue::test {
namespace {

constexpr const char* kBilling = "https://billing.example/";
constexpr const char* kSignIn = "openid profile offline_access read:books";

struct MultiResource : OpenId {
  MultiResource() {
    create_api({{"allow_offline_access", true}});
    create_billing();
    native = native_with(json::array{policy(kApi, {"read:books", "write:books"}), policy(kBilling, {"read:bills", "pay:bills"})});
  }
  Client native;

  static json::object policy(const char* audience, std::initializer_list<const char*> scopes) {
    json::array list;
    for (const auto* scope : scopes) list.emplace_back(scope);
    return {{"audience", audience}, {"scope", std::move(list)}};
  }
  void create_billing(json::object more = {}) {
    json::object fields{{"identifier", kBilling},
                        {"name", "billing"},
                        {"skip_consent_for_verifiable_first_party_clients", true},
                        {"scopes", json::array{json::object{{"value", "read:bills"}}, json::object{{"value", "pay:bills"}},
                                               json::object{{"value", "void:bills"}}}}};
    for (auto& [name, value] : more) fields[name] = value;
    world.managed(http::Method::post, "resource-servers", fields);
  }
  void patch_billing(json::object fields) {
    world.managed(http::Method::patch, "resource-servers/" + base::percent_encode(kBilling), fields);
  }
  static json::object settings(json::value policies) {
    return {{"rotation_type", "rotating"}, {"expiration_type", "expiring"}, {"leeway", 30}, {"policies", std::move(policies)}};
  }
  Client native_with(json::value policies) { return world.native_client({{"refresh_token", settings(std::move(policies))}}); }

  std::string sign_in_at(const Client& client, const std::string& scope = kSignIn) {
    return world
        .token_request(parameters({{"grant_type", "password"},
                                   {"client_id", client.client_id},
                                   {"username", ada.email},
                                   {"password", ada.password},
                                   {"scope", scope},
                                   {"audience", kApi}}))
        .refresh_token();
  }
  Tokens refresh(const std::string& token, const char* audience = nullptr, const char* scope = nullptr) {
    auto form = parameters({{"grant_type", "refresh_token"}, {"client_id", native.client_id}, {"refresh_token", token}});
    if (audience != nullptr) form.add("audience", audience);
    if (scope != nullptr) form.add("scope", scope);
    return world.token_request(form);
  }
  void expect_unlisted(const std::string& token, const std::string& audience) {
    expect_refused(refresh(token, audience.c_str()), 403, "access_denied", "Service not enabled within domain: " + audience);
  }
  json::object last_details(const std::string& type) { return *json::find_object(world.logs("type:" + type).at(0), "details"); }
};

// The table of contract §4.6. Who the user is (openid …) was granted at the sign-in and goes with every API.
TEST_F(MultiResource, gives_what_the_sign_in_and_the_policy_for_the_asked_api_grant_together) {
  struct Case {
    const char *audience, *scope, *expected_audience, *expected_scope, *policy_used;
  };
  const Case cases[] = {
      {nullptr, nullptr, kApi, "openid profile offline_access read:books write:books", "mrrt"},
      {kApi, nullptr, kApi, "openid profile offline_access read:books write:books", "mrrt"},
      {kBilling, nullptr, kBilling, "openid profile offline_access read:bills pay:bills", "mrrt"},
      {kBilling, "read:bills", kBilling, "read:bills", "mrrt"},
      {kBilling, "openid pay:bills void:bills read:books email", kBilling, "openid pay:bills", "mrrt"},
      {kBilling, "void:bills", kBilling, "", "mrrt"},
      {kApi, "write:books read:bills", kApi, "write:books", "mrrt"},
      {nullptr, "read:books", kApi, "read:books", "mrrt"},
  };
  auto token = sign_in_at(native);
  for (const auto& c : cases) {
    const auto what = std::string(c.audience == nullptr ? "-" : c.audience) + " " + (c.scope == nullptr ? "-" : c.scope);
    const auto answer = refresh(token, c.audience, c.scope);
    ASSERT_EQ(answer.status, 200) << what << json::write(answer.body);
    EXPECT_EQ(answer.text("scope"), c.expected_scope) << what;
    const auto claims = claims_of(answer.access_token());
    EXPECT_EQ(json::find_string(claims, "scope").value_or(""), c.expected_scope) << what;
    const auto aud = *json::find(claims, "aud");
    // With openid the token is good for the tenant's /userinfo too, never for a second API.
    if (has_scope(c.expected_scope, "openid")) {
      EXPECT_EQ(aud, (json::array{c.expected_audience, std::string(kIssuer) + "userinfo"})) << what;
    } else {
      EXPECT_EQ(aud, json::value(c.expected_audience)) << what;
    }
    EXPECT_EQ(json::find_string(last_details("sertft"), "policy_used"), c.policy_used) << what;
    EXPECT_EQ(json::find_string(world.logs("type:sertft").at(0), "audience"), c.expected_audience) << what;
    EXPECT_EQ(claim(answer.text("id_token"), "sub"), ada.user_id) << what;
    token = answer.refresh_token();
  }
}

TEST_F(MultiResource, goes_back_and_forth_between_apis_on_one_family) {
  const auto first = sign_in_at(native);
  const auto second = refresh(first, kBilling).refresh_token();
  const auto back = refresh(second, kApi);
  EXPECT_EQ(back.text("scope"), "openid profile offline_access read:books write:books");
  EXPECT_EQ(refresh(back.refresh_token(), kBilling).status, 200);
}

TEST_F(MultiResource, gives_a_lost_successor_again_whatever_api_the_retry_asks_for) {
  const auto first = sign_in_at(native);
  const auto successor = refresh(first, kBilling).refresh_token();
  EXPECT_EQ(refresh(first, kApi, "read:books").refresh_token(), successor);
  EXPECT_EQ(refresh(first).refresh_token(), successor);
  EXPECT_EQ(world.exchange(native, first).refresh_token(), successor);
  EXPECT_EQ(refresh(successor, kBilling).status, 200);
  EXPECT_EQ(refresh(first, kBilling).error(), "invalid_grant") << "the successor was used";
  EXPECT_EQ(count_logs("type:ferrt"), 1u);
}

TEST_F(MultiResource, refuses_what_no_policy_names_and_spends_nothing_for_it) {
  const auto token = sign_in_at(native);
  expect_unlisted(token, "https://unknown.example/");
  expect_unlisted(token, "https://tenant.example/api/v2/");
  expect_unlisted(token, "https://tenant.example/userinfo");
  patch_client(native, {{"refresh_token", json::object{{"policies", json::array{policy(kApi, {"read:books"})}}}}});
  expect_unlisted(token, kBilling);
  EXPECT_EQ(refresh(token).status, 200);
}

TEST_F(MultiResource, a_policy_counts_as_long_as_it_stands_and_for_tokens_issued_before_it) {
  native = native_with(json::array{policy(kApi, {"read:books"})});
  auto token = sign_in_at(native);
  expect_unlisted(token, kBilling);
  patch_client(native, {{"refresh_token", settings(json::array{policy(kBilling, {"read:bills"})})}});
  const auto answer = refresh(token, kBilling);
  EXPECT_EQ(answer.text("scope"), "openid profile offline_access read:bills");
  patch_client(native, {{"refresh_token", json::object{{"policies", nullptr}}}});
  expect_unlisted(answer.refresh_token(), kBilling);
  const auto plain = refresh(answer.refresh_token());
  EXPECT_EQ(plain.text("scope"), kSignIn);
  EXPECT_EQ(json::find_string(last_details("sertft"), "policy_used"), "refresh_token_user_grant");
}

TEST_F(MultiResource, an_unknown_api_in_a_policy_is_kept_silently_and_counts_once_it_exists) {
  const auto late = "https://late.example/";
  patch_client(native, {{"refresh_token", json::object{{"policies", json::array{policy(late, {"read:late"})}}}}});
  const auto token = sign_in_at(native);
  expect_unlisted(token, late);
  world.managed(http::Method::post, "resource-servers",
                json::object{{"identifier", late},
                             {"skip_consent_for_verifiable_first_party_clients", true},
                             {"scopes", json::array{json::object{{"value", "read:late"}}}}});
  EXPECT_EQ(refresh(token, late, "read:late").text("scope"), "read:late");
}

TEST_F(MultiResource, asks_the_api_whether_its_users_may_come_through_this_client) {
  auto token = sign_in_at(native);
  const auto set = [&](const char* policy) {
    patch_billing({{"subject_type_authorization", json::object{{"user", json::object{{"policy", policy}}}}}});
  };
  set("deny_all");
  expect_unlisted(token, kBilling);
  set("require_client_grant");
  expect_unlisted(token, kBilling);
  world.managed(http::Method::post, "client-grants",
                json::object{{"client_id", native.client_id},
                             {"audience", kBilling},
                             {"subject_type", "user"},
                             {"scope", json::array{"read:bills"}}});
  EXPECT_EQ(refresh(token, kBilling).text("scope"), "openid profile offline_access read:bills");
}

TEST_F(MultiResource, reaches_no_api_that_would_have_to_ask_the_user_until_they_have_answered) {
  patch_billing({{"skip_consent_for_verifiable_first_party_clients", false}});
  const auto token = sign_in_at(native);
  const auto refused = refresh(token, kBilling);
  EXPECT_EQ(refused.status, 403) << json::write(refused.body);
  EXPECT_EQ(refused.access_token(), "");
  EXPECT_EQ(count_logs("type:fertft"), 1u);
  world.node().product().store().write(world.tenant(), [&](const store::Writer& w) {
    store::user_consents::record(w, {.consent_id = "con_1",
                                     .user_id = ada.user_id,
                                     .client_id = native.client_id,
                                     .audience = kBilling,
                                     .scope = "read:bills"});
    return true;
  });
  EXPECT_EQ(refresh(token, kBilling).status, 403) << "pay:bills was not allowed";
  EXPECT_EQ(refresh(token, kBilling, "read:bills").text("scope"), "read:bills");
}

TEST_F(MultiResource, demands_the_proof_that_the_asked_api_demands) {
  patch_billing({{"proof_of_possession", json::object{{"mechanism", "dpop"}, {"required", true}}}});
  const auto token = sign_in_at(native);
  EXPECT_EQ(refresh(token, kBilling).error(), "invalid_dpop_proof");
  EXPECT_EQ(refresh(token, kApi).status, 200);
}

TEST_F(MultiResource, is_shown_with_every_api_it_reaches) {
  sign_in_at(native);
  const auto list = world.managed(http::Method::get, "users/" + base::percent_encode(ada.user_id) + "/refresh-tokens");
  const auto& shown = list.as_object().at("tokens").as_array().at(0).as_object();
  EXPECT_EQ(json::write(shown.at("resource_servers")),
            R"([{"audience":"https://api.example/","scopes":"openid profile offline_access read:books write:books"},)"
            R"({"audience":"https://billing.example/","scopes":"read:bills pay:bills"}])");
}

TEST_F(MultiResource, settings_are_refused_where_they_could_not_mean_what_they_say) {
  const auto refusal = [&](json::object fields) {
    const auto answer = world.manage(http::Method::patch, "clients/" + native.client_id, fields);
    EXPECT_EQ(answer.status, 400) << answer.body;
    return json::find_string(object_of(answer), "message").value_or("");
  };
  const auto with = [&](json::value policies) { return json::object{{"refresh_token", settings(std::move(policies))}}; };
  EXPECT_EQ(
      refusal(with(json::array{policy("https://tenant.example/api/v2/", {"read:users"})})),
      "refresh_token.policies: the Management API cannot be reached by refresh token: remove https://tenant.example/api/v2/");
  EXPECT_NE(refusal(with(json::array{})), "");
  EXPECT_NE(refusal(with(json::array{policy(kBilling, {})})), "");
  EXPECT_NE(refusal(with(json::array{json::object{{"audience", kBilling}}})), "");
  EXPECT_EQ(refusal({{"is_first_party", false}, {"session_transfer", nullptr}}),
            "refresh_token.policies are not available to third-party clients: set is_first_party to true");
  const auto kept = world.managed(http::Method::get, "clients/" + native.client_id).as_object();
  EXPECT_EQ(json::find_object(kept, "refresh_token")->at("policies").as_array().size(), 2u);
}

}  // namespace
}  // namespace segue::test
