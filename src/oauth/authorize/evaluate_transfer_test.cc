#include "oauth/authorize/evaluate_transfer.h"

#include <gtest/gtest.h>

namespace segue::oauth {
namespace {

using model::DeviceBinding;

// A token that is good in every way, for a test to spoil in one.
struct Situation {
  Situation() {
    creator.session_transfer.emplace().can_create_session_transfer_token = true;
    consumer.session_transfer.emplace().allowed_authentication_methods = {"cookie", "query"};
    token.user_id = "auth0|ada";
    token.connection_id = "con_1";
    token.origin.ip = "203.0.113.7";
    token.origin.asn = 64500;
    token.auth_time = now - std::chrono::hours(2);
    token.expires_at = now + std::chrono::seconds(30);
    facts.token = &token;
    facts.creator = &creator;
    facts.consumer = &consumer;
    facts.parent_live = facts.user_present = facts.connection_serves_consumer = facts.organization_admits = true;
    facts.address = "203.0.113.7";
    facts.asn = 64500;
    facts.now = now;
  }
  TransferReason evaluate() { return evaluate_transfer(facts); }

  base::Instant now = base::from_seconds(1'790'000'000);
  model::Client creator, consumer;
  model::SessionTransferToken token;
  TransferFacts facts;
};

TEST(EvaluateTransfer, accepts_a_token_that_is_good_in_every_way) {
  Situation s;
  EXPECT_EQ(s.evaluate(), TransferReason::accepted);
}

TEST(EvaluateTransfer, accepts_the_token_of_the_user_who_is_signed_in_already) {
  Situation s;
  s.facts.session_user_id = "auth0|ada";
  EXPECT_EQ(s.evaluate(), TransferReason::accepted);
}

struct Spoiled {
  const char* what;
  void (*spoil)(Situation&);
  TransferReason reason;
};
class EvaluateTransferTable : public ::testing::TestWithParam<Spoiled> {};

TEST_P(EvaluateTransferTable, names_the_reason_of_a_refusal) {
  Situation s;
  GetParam().spoil(s);
  EXPECT_EQ(s.evaluate(), GetParam().reason) << GetParam().what;
  EXPECT_FALSE(warning_of(GetParam().reason).empty());
}

INSTANTIATE_TEST_SUITE_P(
    table, EvaluateTransferTable,
    ::testing::Values(
        Spoiled{"unknown", [](Situation& s) { s.facts.token = nullptr; }, TransferReason::unknown},
        Spoiled{"spent", [](Situation& s) { s.facts.spent_before = true; }, TransferReason::already_used},
        Spoiled{"expired now", [](Situation& s) { s.token.expires_at = s.now; }, TransferReason::expired},
        Spoiled{"two different tokens", [](Situation& s) { s.facts.conflicting = true; }, TransferReason::transport_conflict},
        Spoiled{"creator deleted", [](Situation& s) { s.facts.creator = nullptr; }, TransferReason::creator_disabled},
        Spoiled{"creator without settings", [](Situation& s) { s.creator.session_transfer.reset(); },
                TransferReason::creator_disabled},
        Spoiled{"creator switched off",
                [](Situation& s) { s.creator.session_transfer->can_create_session_transfer_token = false; },
                TransferReason::creator_disabled},
        Spoiled{"parent revoked", [](Situation& s) { s.facts.parent_live = false; }, TransferReason::parent_revoked},
        Spoiled{"user deleted", [](Situation& s) { s.facts.user_present = false; }, TransferReason::parent_revoked},
        Spoiled{"another address", [](Situation& s) { s.facts.address = "203.0.113.8"; }, TransferReason::ip_mismatch},
        Spoiled{"address unknown", [](Situation& s) { s.facts.address = ""; }, TransferReason::ip_mismatch},
        Spoiled{"both addresses unknown", [](Situation& s) { s.facts.address = s.token.origin.ip = ""; },
                TransferReason::ip_mismatch},
        Spoiled{"another network",
                [](Situation& s) {
                  s.consumer.session_transfer->enforce_device_binding = DeviceBinding::asn;
                  s.facts.asn = 64501;
                },
                TransferReason::asn_mismatch},
        Spoiled{"network unknown",
                [](Situation& s) {
                  s.consumer.session_transfer->enforce_device_binding = DeviceBinding::asn;
                  s.facts.asn.reset();
                },
                TransferReason::asn_unknown},
        Spoiled{"both networks unknown",
                [](Situation& s) {
                  s.consumer.session_transfer->enforce_device_binding = DeviceBinding::asn;
                  s.facts.asn.reset();
                  s.token.origin.asn.reset();
                },
                TransferReason::asn_unknown},
        Spoiled{"user left the organization", [](Situation& s) { s.facts.organization_admits = false; },
                TransferReason::organization_mismatch},
        Spoiled{"organization asked for, none in the token", [](Situation& s) { s.facts.requested_organization = "org_1"; },
                TransferReason::organization_mismatch},
        Spoiled{"organization in the token, none asked for", [](Situation& s) { s.token.organization_id = "org_1"; },
                TransferReason::organization_mismatch},
        Spoiled{"connection not enabled", [](Situation& s) { s.facts.connection_serves_consumer = false; },
                TransferReason::connection_disabled},
        Spoiled{"another connection asked for", [](Situation& s) { s.facts.requested_connection_id = "con_2"; },
                TransferReason::connection_disabled},
        Spoiled{"blocked", [](Situation& s) { s.facts.user_blocked = true; }, TransferReason::user_blocked},
        Spoiled{"prompt=login", [](Situation& s) { s.facts.prompt_login = true; }, TransferReason::prompt_required},
        Spoiled{"max_age exceeded", [](Situation& s) { s.facts.max_age = 7199; }, TransferReason::max_age},
        Spoiled{"max_age=0",
                [](Situation& s) {
                  s.facts.max_age = 0;
                  s.token.auth_time = s.now;
                },
                TransferReason::max_age},
        Spoiled{"another user's session", [](Situation& s) { s.facts.session_user_id = "auth0|bob"; },
                TransferReason::user_mismatch}));

TEST(EvaluateTransfer, lets_another_users_session_live_when_the_token_is_bad_in_any_other_way) {
  Situation s;
  s.facts.session_user_id = "auth0|bob";
  s.facts.address = "198.51.100.1";
  EXPECT_EQ(s.evaluate(), TransferReason::ip_mismatch);
}

TEST(EvaluateTransfer, accepts_a_max_age_that_the_original_sign_in_satisfies) {
  Situation s;
  s.facts.max_age = 7200;
  EXPECT_EQ(s.evaluate(), TransferReason::accepted);
}

struct Binding {
  std::optional<DeviceBinding> web, native, expected;
};
class BindingTable : public ::testing::TestWithParam<Binding> {};

TEST_P(BindingTable, is_the_web_clients_then_the_natives_then_ip_and_never_loosened_by_the_native) {
  Situation s;
  s.consumer.session_transfer->enforce_device_binding = GetParam().web;
  s.creator.session_transfer->enforce_device_binding = GetParam().native;
  EXPECT_EQ(binding_of(s.consumer, s.creator), *GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(table, BindingTable,
                         ::testing::Values(Binding{{}, {}, DeviceBinding::ip},
                                           Binding{{}, DeviceBinding::asn, DeviceBinding::asn},
                                           Binding{{}, DeviceBinding::none, DeviceBinding::ip},
                                           Binding{{}, DeviceBinding::ip, DeviceBinding::ip},
                                           Binding{DeviceBinding::none, DeviceBinding::ip, DeviceBinding::none},
                                           Binding{DeviceBinding::asn, DeviceBinding::ip, DeviceBinding::asn},
                                           Binding{DeviceBinding::ip, DeviceBinding::asn, DeviceBinding::ip}));

TEST(EvaluateTransfer, does_not_look_at_addresses_when_the_web_client_says_none) {
  Situation s;
  s.consumer.session_transfer->enforce_device_binding = DeviceBinding::none;
  s.facts.address = "";
  EXPECT_EQ(s.evaluate(), TransferReason::accepted);
}

}  // namespace
}  // namespace segue::oauth
