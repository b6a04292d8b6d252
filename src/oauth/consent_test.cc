#include "oauth/consent.h"

#include <gtest/gtest.h>

#include "oauth/authorize/sign_in_evidence.h"

namespace segue::oauth {
namespace {

TEST(Consent, takes_a_callback_for_verifiable_only_where_its_owner_alone_receives_it) {
  for (const auto* uri : {"https://app.example/callback", "https://app.example:8443/callback", "http://app.example/callback",
                          "https://localhost.example.com/callback", "HTTPS://APP.EXAMPLE/CALLBACK"}) {
    EXPECT_TRUE(is_verifiable_callback(uri)) << uri;
  }
  for (const auto* uri : {"com.example.app://tenant.example/ios/callback", "http://localhost:3000/callback", "https://LOCALHOST/",
                          "http://127.0.0.1:62294/callback", "http://[::1]:3000/callback", "http://app.localhost/callback",
                          "https:app.example", "callback", ""}) {
    EXPECT_FALSE(is_verifiable_callback(uri)) << uri;
  }
}

struct Asked : ::testing::Test {
  static constexpr const char* kWeb = "https://app.example/callback";
  static constexpr const char* kNative = "com.example.app://callback";
  model::Client client;
  GrantedResource profile;
  GrantedResource api(bool skips, bool is_system = false) {
    model::ResourceServer server;
    server.skip_consent_for_verifiable_first_party_clients = skips;
    server.is_system = is_system;
    return {.resource_server = std::make_shared<const model::ResourceServer>(server)};
  }
};

TEST_F(Asked, of_a_first_party_client_only_for_an_api_that_does_not_skip_it_or_a_callback_of_anybody) {
  EXPECT_FALSE(asks_consent(client, profile, kWeb));
  EXPECT_FALSE(asks_consent(client, profile, kNative));
  EXPECT_FALSE(asks_consent(client, api(true), kWeb));
  EXPECT_FALSE(asks_consent(client, api(false, true), kWeb));
  EXPECT_TRUE(asks_consent(client, api(true), kNative));
  EXPECT_TRUE(asks_consent(client, api(false), kWeb));
}

TEST_F(Asked, of_a_third_party_client_always) {
  client.is_first_party = false;
  EXPECT_TRUE(asks_consent(client, profile, kWeb));
  EXPECT_TRUE(asks_consent(client, api(true), kWeb));
}

TEST(SignInEvidence, comes_back_as_it_was_stored) {
  for (const auto how : {SignInEvidence::How::password, SignInEvidence::How::session, SignInEvidence::How::transfer}) {
    const SignInEvidence stored{.how = how,
                                .user_id = "auth0|\"ada\"",
                                .password_epoch = base::from_micros(1'790'000'000'123'457),
                                .at = base::from_micros(1'790'000'001'123'457),
                                .connection_id = "con_1",
                                .session_id = base::RowId{(std::int64_t{1} << 62) + 1},
                                .session_transfer_token_id = base::RowId{(std::int64_t{1} << 62) + 3},
                                .done = {"consent"}};
    const auto found = sign_in_evidence_from(to_text(stored));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->how, how);
    EXPECT_EQ(found->user_id, stored.user_id);
    EXPECT_EQ(found->password_epoch, stored.password_epoch);
    EXPECT_EQ(found->at, stored.at);
    EXPECT_EQ(found->connection_id, stored.connection_id);
    EXPECT_EQ(found->session_id, stored.session_id);
    EXPECT_EQ(found->session_transfer_token_id, stored.session_transfer_token_id);
    EXPECT_EQ(found->done, stored.done);
  }
  EXPECT_FALSE(sign_in_evidence_from(""));
  EXPECT_FALSE(sign_in_evidence_from("[]"));
  EXPECT_FALSE(sign_in_evidence_from(R"({"how":"guess","user_id":"auth0|ada"})"));
}

}  // namespace
}  // namespace segue::oauth
