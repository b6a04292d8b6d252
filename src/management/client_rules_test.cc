#include "management/client_rules.h"

#include <gtest/gtest.h>

#include "management/client_fields.h"

namespace segue::management::client_rules_test {
namespace {

json::object document(std::string_view text) { return json::parse(text)->get_object(); }

std::string refusal(std::string_view text) {
  const auto outcome = check_client(document(text));
  return outcome.ok() ? "" : outcome.error().description;
}

TEST(ClientDefaults, are_those_of_the_live_service) {
  auto native = document(R"({"name":"n","app_type":"native","token_endpoint_auth_method":"none"})");
  add_client_defaults(native);
  EXPECT_EQ(native["grant_types"], (json::array{"authorization_code", "implicit", "refresh_token"}));
  EXPECT_EQ(json::write(native["refresh_token"]),
            R"({"rotation_type":"non-rotating","expiration_type":"non-expiring","leeway":0,"token_lifetime":2592000,)"
            R"("infinite_token_lifetime":true,"infinite_idle_token_lifetime":true,"idle_token_lifetime":1296000})");
  EXPECT_EQ(json::write(native["jwt_configuration"]), R"({"secret_encoded":false,"lifetime_in_seconds":36000})");
  EXPECT_FALSE(native.contains("session_transfer"));
  EXPECT_FALSE(native.contains("callbacks"));

  auto machine = document(R"({"name":"m","app_type":"non_interactive"})");
  add_client_defaults(machine);
  EXPECT_EQ(machine["grant_types"], (json::array{"authorization_code", "implicit", "refresh_token", "client_credentials"}));
  EXPECT_EQ(machine["refresh_token"].get_object()["token_lifetime"], 31557600);
}

TEST(ClientRules, refuse_what_would_tighten_security_and_is_not_enforced) {
  for (const auto* text :
       {R"({"require_pushed_authorization_requests":true,"token_endpoint_auth_method":"none"})",
        R"({"jwt_configuration":{"alg":"PS256"}})", R"({"jwt_configuration":{"alg":"RS512"}})",
        R"({"token_exchange":{"allow_any_profile_of_type":["on_behalf_of_token_exchange"]}})",
        R"({"token_exchange":{"allow_any_profile_of_type":["custom_authentication"]},"is_first_party":false})",
        R"({"grant_types":["urn:openid:params:grant-type:ciba"]})", R"({"session_transfer":{},"is_first_party":false})",
        R"({"session_transfer":{},"third_party_security_mode":"strict"})",
        R"({"refresh_token":{"rotation_type":"rotating","expiration_type":"non-expiring"}})",
        R"({"initiate_login_uri":"https://localhost/login"})"}) {
    EXPECT_NE(refusal(text), "") << text;
  }
}

TEST(ClientFields, refuse_what_has_one_value_here_and_take_that_value) {
  const auto refused = [](std::string_view text) {
    const auto outcome = validate_body(client_update_schema(), *json::parse(text));
    return outcome.ok() ? "" : outcome.error().description;
  };
  for (const auto* text :
       {R"({"organization_require_behavior":"pre_login_prompt"})", R"({"compliance_level":"fapi1_adv_pkj_par"})",
        R"({"client_authentication_methods":{"tls_client_auth":{"credentials":[]}}})",
        R"({"client_authentication_methods":{"self_signed_tls_client_auth":{"credentials":[]}}})",
        R"({"encryption_key":{"pub":"x"}})", R"({"session_transfer":{"delegation":{"allow_delegated_access":true}}})",
        R"({"default_organization":{"organization_id":"org_1","flows":[]}})", R"({"token_quota":{"client_credentials":{}}})",
        R"({"sso_disabled":true})", R"({"skip_non_verifiable_callback_uri_confirmation_prompt":false})",
        R"({"fedcm_login":{"google":{}}})"}) {
    EXPECT_NE(refused(text).find(" is refused: "), std::string::npos) << text << refused(text);
  }
  EXPECT_EQ(refused(R"({"session_transfer":{"delegation":{"allow_delegated_access":true}}})"),
            "Payload validation error: 'true is refused: delegated sessions are not served here' on property "
            "session_transfer.delegation.allow_delegated_access (Whether session transfer tokens with an actor are accepted).");
  for (const auto* text :
       {R"({"organization_require_behavior":"no_prompt","compliance_level":"none","encryption_key":{},"token_quota":{}})",
        R"({"compliance_level":null,"encryption_key":null,"token_quota":null,"default_organization":null,"fedcm_login":null})",
        R"({"session_transfer":{"delegation":{"allow_delegated_access":false}},"sso_disabled":false})",
        R"({"skip_non_verifiable_callback_uri_confirmation_prompt":true})"}) {
    EXPECT_EQ(refused(text), "") << text;
  }
}

TEST(ClientRules, say_what_is_wrong_with_a_refresh_token_policy) {
  const std::pair<const char*, const char*> cases[] = {
      {R"([{"audience":"a","scope":[]}])", "refresh_token.policies: the policy for a needs at least one scope"},
      {R"([{"audience":"","scope":["s"]}])", "refresh_token.policies: the audience of a policy is the identifier of an API"},
      {R"([{"audience":"a","scope":["s"]},{"audience":"a","scope":["t"]}])",
       "refresh_token.policies: a has more than one policy: put its scopes into one"},
      {R"([{"audience":"a","scope":["s"]},{"audience":"b","scope":["s"]}])", ""},
  };
  for (const auto& [policies, expected] : cases)
    EXPECT_EQ(refusal(std::string(R"({"refresh_token":{"policies":)") + policies + "}}"), expected) << policies;
  EXPECT_EQ(refusal(R"({"is_first_party":false,"refresh_token":{"policies":[{"audience":"a","scope":["s"]}]}})"),
            "refresh_token.policies are not available to third-party clients: set is_first_party to true");
}

TEST(ClientRules, take_the_values_that_ask_for_nothing) {
  for (const auto* text :
       {R"({"require_pushed_authorization_requests":false,"require_proof_of_possession":true})",
        R"({"require_pushed_authorization_requests":true,"par_request_expiry":10})",
        R"({"signed_request_object":{"required":true,"credentials":[{"id":"cred_1"}]}})",
        R"({"client_authentication_methods":{"private_key_jwt":{"credentials":[{"id":"cred_1"}]}}})",
        R"({"organization_usage":"deny","compliance_level":"none"})",
        R"({"oidc_logout":{"backchannel_logout_urls":[]},"token_exchange":{"allow_any_profile_of_type":[]}})",
        R"({"token_exchange":{"allow_any_profile_of_type":["custom_authentication"]},"is_first_party":true})",
        R"({"grant_types":["urn:ietf:params:oauth:grant-type:token-exchange"]})",
        R"({"session_transfer":{"delegation":{"allow_delegated_access":false}},"is_first_party":true})",
        R"({"jwt_configuration":{"alg":"ES256"},"grant_types":["password","http://auth0.com/oauth/grant-type/password-realm"]})",
        R"({"client_metadata":{"k":"v"},"initiate_login_uri":"https://app.example.com/login"})"}) {
    EXPECT_EQ(refusal(text), "") << text;
  }
}

}  // namespace
}  // namespace segue::management::client_rules_test
