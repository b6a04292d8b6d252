// What the commands of Actions come to, one by one and together.
#include "oauth/actions/commands.h"

#include <gtest/gtest.h>

namespace segue::oauth {
namespace {

PostLoginOutcome outcome_of(std::vector<actions::Command> commands, const PostLoginFacts& facts = {}) {
  actions::ActionResult result;
  result.ok = true;
  result.commands = std::move(commands);
  return post_login_outcome({result}, facts);
}

base::Instant millis(std::int64_t ms) { return base::from_micros(ms * 1000); }

TEST(Commands, deny_with_the_reason_of_the_first_call) {
  const auto out = outcome_of({{"access.deny", {"first"}}, {"access.deny", {"second"}}});
  EXPECT_EQ(out.refusal->error, "access_denied");
  EXPECT_EQ(out.refusal->description, "first");
}

TEST(Commands, let_the_last_call_about_a_scope_win) {
  const auto out = outcome_of({{"accessToken.addScope", {"a"}},
                               {"accessToken.removeScope", {"a"}},
                               {"accessToken.removeScope", {"b"}},
                               {"accessToken.addScope", {"b"}},
                               {"accessToken.addScope", {"two scopes"}}});
  EXPECT_EQ(with_scopes("openid a", out.effects), "openid b");
}

TEST(Commands, cannot_add_what_outlives_the_sign_in) {
  const auto out = outcome_of({{"accessToken.addScope", {"offline_access"}}, {"accessToken.addScope", {"online_access"}}});
  EXPECT_EQ(with_scopes("openid", out.effects), "openid");
}

TEST(Commands, take_the_earliest_of_several_ends) {
  const auto out = outcome_of({{"session.setExpiresAt", {5000}},
                               {"session.setExpiresAt", {3000}},
                               {"session.setExpiresAt", {4000}},
                               {"refreshToken.setIdleExpiresAt", {-1}},
                               {"refreshToken.setExpiresAt", {1e300}}});
  EXPECT_EQ(out.effects.session.expires_at, millis(3000));
  EXPECT_EQ(out.effects.refresh_token.idle_expires_at, millis(0));
  EXPECT_EQ(out.effects.refresh_token.expires_at, millis(253402300799000));
}

TEST(Commands, change_metadata_as_it_stands) {
  const PostLoginFacts facts{.session_metadata = {{"kept", "1"}, {"gone", "2"}}, .refresh_token_metadata = {{"a", "1"}}};
  const auto out = outcome_of({{"session.setMetadata", {"new", 3}},
                               {"session.deleteMetadata", {"gone"}},
                               {"refreshToken.evictMetadata", {}},
                               {"refreshToken.setMetadata", {"b", "2"}}},
                              facts);
  EXPECT_EQ(json::write(*out.effects.session.metadata), R"({"kept":"1","new":"3"})");
  EXPECT_EQ(json::write(*out.effects.refresh_token.metadata), R"({"b":"2"})");
}

TEST(Commands, write_down_what_a_saml_response_shall_be) {
  const PostLoginFacts facts{.makes_saml_response = true};
  const std::vector<actions::Command> commands = {{"samlResponse.setAttribute", {"groups", json::array{"a", "b"}}},
                                                  {"samlResponse.setAttribute", {"email", nullptr}},
                                                  {"samlResponse.setAudience", {"urn:first"}},
                                                  {"samlResponse.setAudience", {"urn:last"}},
                                                  {"samlResponse.setRelayState", {"deep"}},
                                                  {"samlResponse.setNameIdentifierProbes", {json::array{"mail"}}}};
  const auto out = outcome_of(commands, facts);
  EXPECT_FALSE(out.refusal);
  EXPECT_EQ(json::write(out.effects.saml_response),
            R"({"attributes":{"groups":["a","b"],"email":null},"addon":{"audience":"urn:last","nameIdentifierProbes":["mail"]},)"
            R"("relay_state":"deep"})");
  EXPECT_TRUE(outcome_of(commands).effects.saml_response.empty()) << "another sign-in passes over them";
}

TEST(Commands, fail_the_sign_in_over_a_saml_response_that_cannot_be) {
  const PostLoginFacts facts{.makes_saml_response = true};
  const auto refused = [&](const actions::Command& command) {
    const auto out = outcome_of({command}, facts);
    return out.refusal ? out.refusal->description : "(none)";
  };
  EXPECT_EQ(refused({"samlResponse.setSignatureAlgorithm", {"rsa-md5"}}),
            "api.samlResponse: addons.samlp.signatureAlgorithm must be \"rsa-sha256\" or \"rsa-sha1\".");
  EXPECT_EQ(refused({"samlResponse.setLifetimeInSeconds", {0}}),
            "api.samlResponse: addons.samlp.lifetimeInSeconds must be a number from 1 to 2592000.");
  EXPECT_EQ(refused({"samlResponse.setAttribute", {"a", std::string(2049, 'x')}}),
            "api.samlResponse: the value of an attribute has at most 2048 bytes");
  EXPECT_EQ(refused({"samlResponse.setKey", {"pem"}}),
            "api.samlResponse.setKey is not served: answers are signed with the tenant's own key");
  EXPECT_FALSE(outcome_of({{"samlResponse.setKey", {"pem"}}}).refusal);
  std::vector<actions::Command> many;
  for (int i = 0; i < 101; ++i) many.push_back({"samlResponse.setAttribute", {"a" + std::to_string(i), "x"}});
  EXPECT_EQ(outcome_of(many, facts).refusal->description, "api.samlResponse: at most 100 attributes");
}

TEST(Commands, fail_the_sign_in_over_metadata_that_cannot_be_stored) {
  for (const auto& [key, value] : {std::pair{"with space", "x"}, std::pair{"", "x"}}) {
    const auto out = outcome_of({{"refreshToken.setMetadata", {key, value}}});
    ASSERT_TRUE(out.refusal) << key;
    EXPECT_TRUE(out.refusal->description.starts_with("Failed to set refresh token metadata: Invalid metadata: "));
  }
  EXPECT_TRUE(outcome_of({{"session.setMetadata", {"k", std::string(256, 'x')}}}).refusal);
  EXPECT_FALSE(outcome_of({{"session.setMetadata", {"k", std::string(255, 'x')}}}).refusal);
  json::object full;
  for (int i = 0; i < 25; ++i) full["k" + std::to_string(i)] = "v";
  EXPECT_TRUE(outcome_of({{"session.setMetadata", {"one-more", "v"}}}, {.session_metadata = full}).refusal);
  EXPECT_FALSE(outcome_of({{"session.setMetadata", {"k1", "other"}}}, {.session_metadata = full}).refusal);
}

TEST(Commands, revoke_and_refuse_at_once) {
  auto out = outcome_of({{"session.revoke", {"gone"}}});
  EXPECT_TRUE(out.revokes_session);
  EXPECT_FALSE(out.keeps_refresh_tokens);
  EXPECT_EQ(out.refusal->description, "gone");
  out = outcome_of({{"session.revoke", {"gone", json::object{{"preserveRefreshTokens", true}}}}});
  EXPECT_TRUE(out.keeps_refresh_tokens);
  EXPECT_FALSE(outcome_of({{"refreshToken.revoke", {"stolen"}}}).revokes_refresh_token);
  EXPECT_TRUE(outcome_of({{"refreshToken.revoke", {"stolen"}}}, {.exchanges_refresh_token = true}).revokes_refresh_token);
}

TEST(Commands, refuse_a_redirect_where_no_page_may_be_shown) {
  EXPECT_EQ(outcome_of({{"redirect.sendUserTo", {"https://a.example/"}}}).refusal->error, "interaction_required");
  EXPECT_EQ(outcome_of({{"redirect.sendUserTo", {"https://a.example/"}}}, {.can_redirect = true}).redirect_url,
            "https://a.example/");
}

TEST(SignInEffects, survive_being_stored) {
  const auto out = outcome_of({{"accessToken.setCustomClaim", {"https://a.example/roles", json::array{"x"}}},
                               {"idToken.setCustomClaim", {"tier", "gold"}},
                               {"accessToken.addScope", {"read:x"}},
                               {"user.setAppMetadata", {"k", nullptr}},
                               {"session.setExpiresAt", {3000}},
                               {"session.setCookieMode", {"non-persistent"}},
                               {"refreshToken.setMetadata", {"m", "1"}}});
  const auto text = to_text(out.effects);
  EXPECT_EQ(to_text(sign_in_effects_from(text)), text);
  EXPECT_EQ(to_text(SignInEffects{}), "");
  // The code carries what the tokens are made of, and nothing that has happened.
  const auto later = sign_in_effects_from(later_text(out.effects));
  EXPECT_EQ(later.access_token_claims.size(), 1u);
  EXPECT_TRUE(later.refresh_token.metadata);
  EXPECT_TRUE(later.added_scopes.empty());
  EXPECT_FALSE(later.session.expires_at);
}

TEST(SignInEffects, never_lengthen_a_life) {
  model::Session session;
  session.expires_at = millis(5000);
  session.idle_expires_at = millis(4000);
  EXPECT_TRUE(shorten(session, {.expires_at = millis(9000), .idle_expires_at = {}, .metadata = {}}));
  EXPECT_EQ(session.expires_at, millis(5000));
  EXPECT_FALSE(shorten(session, {.expires_at = millis(3000), .idle_expires_at = {}, .metadata = {}}));
  EXPECT_EQ(session.idle_expires_at, millis(3000));
  model::RefreshTokenFamily family;
  EXPECT_FALSE(shorten(family, {.expires_at = millis(3000), .idle_expires_at = {}, .metadata = {}}));
  EXPECT_EQ(family.expires_at, millis(3000));
  EXPECT_TRUE(shorten(family, {.expires_at = millis(4000), .idle_expires_at = {}, .metadata = {}}));
  EXPECT_EQ(family.expires_at, millis(3000));
}

}  // namespace
}  // namespace segue::oauth
