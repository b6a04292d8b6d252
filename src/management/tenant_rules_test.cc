#include "management/tenant_rules.h"

#include <gtest/gtest.h>

#include "management/tenant_fields.h"

namespace segue::management {
namespace {

json::object parsed(std::string_view text) { return json::parse(text)->get_object(); }

std::string refusal(std::string_view patch, std::string_view settings = "{}") {
  const auto changed = changed_settings(parsed(settings), parsed(patch));
  return changed.ok() ? "" : changed.error().description;
}
std::string stored(std::string_view patch, std::string_view settings = "{}") {
  const auto changed = changed_settings(parsed(settings), parsed(patch));
  return changed.ok() ? json::write(*changed) : changed.error().description;
}

TEST(TenantRules, the_top_level_and_flags_merge_and_null_removes) {
  EXPECT_EQ(stored(R"({"flags":{"enable_sso":false}})", R"({"friendly_name":"A","flags":{"revoke_refresh_token_grant":true}})"),
            R"({"friendly_name":"A","flags":{"revoke_refresh_token_grant":true,"enable_sso":false}})");
  EXPECT_EQ(stored(R"({"session_cookie":null,"friendly_name":"B"})", R"({"session_cookie":{"mode":"non-persistent"}})"),
            R"({"friendly_name":"B"})");
}

TEST(TenantRules, minutes_become_hours_and_both_forms_together_are_refused) {
  EXPECT_EQ(stored(R"({"session_lifetime_in_minutes":181})"), R"({"session_lifetime":3.0167E0})");
  EXPECT_EQ(stored(R"({"idle_session_lifetime_in_minutes":120})"), R"({"idle_session_lifetime":2})");
  EXPECT_EQ(stored(R"({"session_lifetime":3.0167})"), R"({"session_lifetime":3.0167E0})");
  for (const std::string name :
       {"session_lifetime", "idle_session_lifetime", "ephemeral_session_lifetime", "idle_ephemeral_session_lifetime"}) {
    EXPECT_EQ(refusal("{\"" + name + "\":1,\"" + name + "_in_minutes\":60}"),
              "Cannot set both " + name + " and " + name + "_in_minutes");
    EXPECT_EQ(refusal("{\"" + name + "\":0}"), name + ": a minute at least is needed");
  }
}

TEST(TenantRules, lifetimes_above_the_limit_are_clamped) {
  EXPECT_EQ(stored(R"({"session_lifetime":8761})"), R"({"session_lifetime":8760})");
  EXPECT_EQ(stored(R"({"session_lifetime":1e300})"), R"({"session_lifetime":8760})");
  EXPECT_EQ(stored(R"({"idle_session_lifetime":2401})"), R"({"idle_session_lifetime":2400})");
  EXPECT_EQ(stored(R"({"ephemeral_session_lifetime_in_minutes":2147483647})"), R"({"ephemeral_session_lifetime":8760})");
  EXPECT_EQ(stored(R"({"idle_ephemeral_session_lifetime":9999})"), R"({"idle_ephemeral_session_lifetime":2400})");
}

TEST(TenantFields, refuse_what_nothing_here_does_with_the_reason) {
  const auto refused = [](std::string_view patch) {
    const auto outcome = validate_body(tenant_update_schema(), *json::parse(patch));
    return outcome.ok() ? "" : outcome.error().description;
  };
  EXPECT_EQ(refused(R"({"flags":{"allow_legacy_tokeninfo_endpoint":true}})"),
            "Payload validation error: 'true is refused: the legacy endpoint is not served here' on property "
            "flags.allow_legacy_tokeninfo_endpoint (Flag of the tenant).");
  for (const auto* patch :
       {R"({"pushed_authorization_requests_supported":false})", R"({"default_token_quota":{"clients":{}}})",
        R"({"security_headers":{"x":1}})", R"({"error_page":{"url":"https://a.example/"}})", R"({"acr_values_supported":["a"]})",
        R"({"change_password":{"enabled":true}})", R"({"country_codes":{"list":[]}})"}) {
    EXPECT_NE(refused(patch).find(" is refused: "), std::string::npos) << patch;
  }
  // What it is anyway may be said, and a feature that is absent has nothing to change.
  for (const auto* patch :
       {R"({"flags":{"allow_legacy_tokeninfo_endpoint":false}})", R"({"pushed_authorization_requests_supported":true})",
        R"({"default_token_quota":null,"security_headers":null,"acr_values_supported":[],"error_page":{"html":"","url":""}})",
        R"({"flags":{"enforce_client_authentication_on_passwordless_start":true,"enable_pipeline2":true}})"}) {
    EXPECT_EQ(refused(patch), "") << patch;
  }
}

TEST(TenantRules, a_user_code_keeps_enough_characters) {
  for (const auto* good :
       {R"({"device_flow":{"charset":"base20","mask":"****-****"}})",
        R"({"device_flow":{"charset":"digits","mask":"*** *** ***"}})", R"({"device_flow":{"charset":"digits"}})"}) {
    EXPECT_EQ(refusal(good), "") << good;
  }
  for (const auto* bad :
       {R"({"device_flow":{"charset":"base20","mask":"***-****"}})", R"({"device_flow":{"charset":"digits","mask":"****-****"}})",
        R"({"device_flow":{"mask":"****-****x"}})"}) {
    EXPECT_NE(refusal(bad), "") << bad;
  }
}

TEST(TenantRules, the_answer_shows_what_holds_where_nothing_was_set) {
  const auto answer = settings_answer({});
  EXPECT_EQ(answer.at("session_lifetime"), json::value(168));
  EXPECT_EQ(answer.at("idle_session_lifetime"), json::value(72));
  EXPECT_EQ(answer.at("ephemeral_session_lifetime"), json::value(72));
  EXPECT_EQ(answer.at("idle_ephemeral_session_lifetime"), json::value(24));
  EXPECT_EQ(answer.at("session_cookie").at("mode"), json::value("persistent"));
  EXPECT_EQ(answer.at("flags").at("enable_sso"), json::value(true));
}

}  // namespace
}  // namespace segue::management
