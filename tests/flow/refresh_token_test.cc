// grant_type=refresh_token (contract §4.1–4.4, with the derived successor of design §4).
#include "openid.h"
#include "store/refresh_tokens.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

constexpr const char* kDead = "Unknown or invalid refresh token.";

struct RefreshToken : OpenId {
  Client native_with(json::object refresh_token) {
    refresh_token.emplace("rotation_type", "rotating");
    refresh_token.emplace("expiration_type", "expiring");
    return world.native_client({{"refresh_token", std::move(refresh_token)}});
  }
  std::string new_token(const Client& client) { return world.password_tokens(client, ada).refresh_token(); }
  Tokens refresh(const Client& client, const std::string& token, const http::Parameters& more = {}) {
    auto form = parameters({{"grant_type", "refresh_token"}, {"client_id", client.client_id}, {"refresh_token", token}});
    if (!client.client_secret.empty()) form.add("client_secret", client.client_secret);
    for (const auto& [name, value] : more.pairs()) form.add(name, value);
    return world.token_request(form);
  }
  void expect_dead(const Client& client, const std::string& token) {
    expect_refused(refresh(client, token), 403, "invalid_grant", kDead);
  }
};

TEST_F(RefreshToken, rotates_and_gives_fresh_tokens) {
  const auto native = native_with({});
  const auto first = world.password_tokens(native, ada);
  world.clock.advance(1min);
  const auto second = refresh(native, first.refresh_token());
  ASSERT_EQ(second.status, 200) << json::write(second.body);
  EXPECT_NE(second.refresh_token(), first.refresh_token());
  EXPECT_EQ(second.text("token_type"), "Bearer");
  EXPECT_EQ(second.text("scope"), "openid profile email offline_access");
  EXPECT_EQ(claim(second.text("id_token"), "sub"), ada.user_id);
  EXPECT_EQ(claim(second.text("id_token"), "aud"), native.client_id);
  EXPECT_EQ(json::find_integer(claims_of(second.text("id_token")), "iat"), base::to_seconds(world.clock.now()));
  EXPECT_EQ(refresh(native, second.refresh_token()).status, 200);
  const auto row = world.logs("type:sertft").at(0);
  EXPECT_EQ(json::find_integer(*json::find_object(row, "details"), "tokenCounter"), 1);
}

TEST_F(RefreshToken, stays_the_same_where_the_client_does_not_rotate) {
  const auto native =
      world.native_client({{"refresh_token", json::object{{"rotation_type", "non-rotating"}, {"expiration_type", "expiring"}}}});
  const auto token = new_token(native);
  for (int i = 0; i < 3; ++i) {
    const auto answer = refresh(native, token);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.refresh_token(), "");
  }
}

TEST_F(RefreshToken, presented_again_ends_its_whole_family) {
  const auto native = native_with({{"leeway", 0}});
  const auto other_family = new_token(native);
  const auto first = new_token(native);
  const auto second = refresh(native, first).refresh_token();
  const auto third = refresh(native, second).refresh_token();
  expect_dead(native, first);
  expect_dead(native, third);
  EXPECT_EQ(refresh(native, other_family).status, 200);
  const auto row = world.logs("type:ferrt").at(0);
  const auto details = *json::find_object(row, "details");
  EXPECT_FALSE(json::find_string(details, "familyId").value_or("").empty());
  EXPECT_EQ(json::find_integer(details, "tokenCounter"), 0);
  EXPECT_EQ(json::find_integer(details, "latestCounter"), 2);
  EXPECT_EQ(json::find_string(row, "description"), kDead);
}

TEST_F(RefreshToken, gives_the_same_successor_again_within_the_leeway) {
  const auto native = native_with({{"leeway", 30}});
  const auto first = new_token(native);
  const auto second = refresh(native, first).refresh_token();
  world.clock.advance(29s);
  const auto again = refresh(native, first);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.refresh_token(), second);
  EXPECT_FALSE(again.access_token().empty());
  EXPECT_EQ(refresh(native, second).status, 200);
  EXPECT_EQ(count_logs("type:ferrt"), 0u);
}

TEST_F(RefreshToken, has_no_leeway_once_its_successor_was_used_or_the_time_is_over) {
  const auto native = native_with({{"leeway", 30}});
  const auto first = new_token(native);
  const auto third = refresh(native, refresh(native, first).refresh_token()).refresh_token();
  expect_dead(native, first);
  expect_dead(native, third);
  const auto late = new_token(native);
  const auto successor = refresh(native, late).refresh_token();
  world.clock.advance(30s);
  expect_dead(native, late);
  expect_dead(native, successor);
  EXPECT_EQ(count_logs("type:ferrt"), 2u);
}

TEST_F(RefreshToken, lives_no_longer_for_being_rotated) {
  const auto native = native_with({{"token_lifetime", 3600}, {"infinite_token_lifetime", false}, {"idle_token_lifetime", 3000}});
  auto token = new_token(native);
  for (int i = 0; i < 3; ++i) {
    world.clock.advance(19min);
    const auto answer = refresh(native, token);
    ASSERT_EQ(answer.status, 200) << i;
    token = answer.refresh_token();
  }
  world.clock.advance(3min - 1s);
  token = refresh(native, token).refresh_token();
  EXPECT_FALSE(token.empty());
  world.clock.advance(1s);
  expect_dead(native, token);
}

TEST_F(RefreshToken, dies_when_it_lies_idle) {
  const auto native = native_with({{"token_lifetime", 36000},
                                   {"infinite_token_lifetime", false},
                                   {"idle_token_lifetime", 600},
                                   {"infinite_idle_token_lifetime", false}});
  const auto first = new_token(native);
  world.clock.advance(10min - 1s);
  const auto second = refresh(native, first).refresh_token();
  world.clock.advance(10min - 1s);
  const auto third = refresh(native, second).refresh_token();
  EXPECT_FALSE(third.empty());
  world.clock.advance(10min);
  expect_dead(native, third);
}

TEST_F(RefreshToken, narrows_its_scope_for_one_answer_only) {
  const auto native = native_with({});
  const auto narrow = refresh(native, new_token(native), parameters({{"scope", "openid write:everything"}}));
  EXPECT_EQ(narrow.text("scope"), "openid");
  EXPECT_EQ(claim(narrow.text("id_token"), "sub"), ada.user_id);
  EXPECT_EQ(refresh(native, narrow.refresh_token()).text("scope"), "openid profile email offline_access");
}

TEST_F(RefreshToken, keeps_its_audience_and_refuses_an_unknown_one_without_being_spent) {
  create_api({{"allow_offline_access", true}});
  const auto native = native_with({});
  const auto form = parameters({{"grant_type", "password"},
                                {"client_id", native.client_id},
                                {"username", ada.email},
                                {"password", ada.password},
                                {"scope", "offline_access read:books"},
                                {"audience", kApi}});
  const auto token = world.token_request(form).refresh_token();
  for (const auto* audience :
       {"https://unknown.example/", "https://tenant.example/api/v2/", "urn:evil.example:session_transfer"}) {
    expect_refused(refresh(native, token, parameters({{"audience", audience}})), 403, "access_denied",
                   std::string("Service not enabled within domain: ") + audience);
  }
  const auto answer = refresh(native, token, parameters({{"audience", kApi}}));
  EXPECT_EQ(claim(answer.access_token(), "aud"), kApi);
  EXPECT_EQ(claim(answer.access_token(), "gty"), "refresh_token");
  EXPECT_EQ(answer.text("id_token"), "");
  EXPECT_EQ(claim(refresh(native, answer.refresh_token()).access_token(), "aud"), kApi);
}

TEST_F(RefreshToken, is_unknown_to_another_client_and_survives_its_try) {
  const auto native = native_with({});
  const auto other = native_with({});
  const auto token = new_token(native);
  expect_dead(other, token);
  expect_dead(native, token.substr(0, token.size() - 2) + "AA");
  expect_dead(native, "rt_x.y");
  expect_dead(native, code());
  EXPECT_EQ(refresh(native, token).status, 200);
  EXPECT_EQ(count_logs("type:fertft"), 4u);
}

TEST_F(RefreshToken, is_refused_for_a_client_that_lost_the_grant_and_works_when_it_has_it_again) {
  const auto native = native_with({});
  const auto token = new_token(native);
  patch_client(native, {{"grant_types", json::array{"password"}}});
  expect_refused(refresh(native, token), 403, "unauthorized_client", "Grant type 'refresh_token' not allowed for the client.");
  patch_client(native, {{"grant_types", json::array{"refresh_token"}}});
  EXPECT_EQ(refresh(native, token).status, 200);
}

TEST_F(RefreshToken, of_a_confidential_client_needs_its_secret) {
  const auto token = redeem(web, code(parameters({{"scope", "openid offline_access"}}))).refresh_token();
  expect_refused(refresh({web.client_id, ""}, token), 401, "access_denied", "Unauthorized");
  EXPECT_EQ(refresh(web, token).status, 200);
}

TEST_F(RefreshToken, of_a_blocked_user_waits_and_of_a_deleted_user_says_so) {
  const auto native = native_with({});
  const auto token = new_token(native);
  world.managed(http::Method::patch, "users/" + ada.user_id, json::object{{"blocked", true}});
  expect_refused(refresh(native, token), 403, "unauthorized", "user is blocked");
  world.managed(http::Method::patch, "users/" + ada.user_id, json::object{{"blocked", false}});
  const auto next = refresh(native, token).refresh_token();
  EXPECT_FALSE(next.empty());
  world.managed(http::Method::delete_, "users/" + ada.user_id);
  expect_refused(refresh(native, next), 403, "invalid_grant",
                 "The refresh_token was generated for a user who doesn't exist anymore.");
}

TEST_F(RefreshToken, survives_the_end_of_the_session_it_was_issued_in) {
  const auto token = redeem(web, code(parameters({{"scope", "openid offline_access"}}))).refresh_token();
  browser.open("/v2/logout");
  EXPECT_EQ(refresh(web, token).status, 200);
}

TEST_F(RefreshToken, refused_by_the_pipeline_stays_as_it_was) {
  DenyingPipeline pipeline;
  pipeline.denies = false;
  WorldOptions options;
  options.pipeline = &pipeline;
  World guarded(options);
  const auto native = guarded.native_client();
  const auto token = guarded.password_tokens(native, guarded.create_user()).refresh_token();
  pipeline.denies = true;
  expect_refused(guarded.refresh(native, token), 403, "access_denied", "Not today.");
  pipeline.denies = false;
  EXPECT_EQ(guarded.refresh(native, token).status, 200);
}

// contract §4.1
TEST_F(RefreshToken, ends_when_two_hundred_newer_ones_of_its_user_live_at_its_client) {
  const auto native = native_with({});
  const auto other = native_with({});
  const auto bob = world.create_user("bob@example.com");
  const auto of_other = new_token(other), of_bob = world.password_tokens(native, bob).refresh_token();
  const auto first = new_token(native), second = new_token(native);
  // The other 198, without their passwords' hashes.
  world.node().product().store().write(world.tenant(), [&](const store::Writer& w) {
    for (int i = 0; i < 198; ++i) {
      model::RefreshTokenFamily family;
      family.family_id = world.node().product().store().ids().next();
      family.public_id = "family " + std::to_string(i);
      family.user_id = ada.user_id;
      family.client_id = native.client_id;
      store::refresh_tokens::insert_family(w, family);
    }
    return true;
  });
  EXPECT_EQ(count_logs("type:resource_cleanup"), 0u);
  const auto rotated = refresh(native, first).refresh_token();
  EXPECT_NE(rotated, "") << "use makes it no younger";
  const auto newest = new_token(native);
  expect_dead(native, rotated);
  EXPECT_EQ(refresh(native, second).status, 200);
  EXPECT_EQ(refresh(native, newest).status, 200);
  EXPECT_EQ(refresh(other, of_other).status, 200);
  EXPECT_EQ(refresh(native, of_bob).status, 200);
  const auto row = world.logs("type:resource_cleanup").at(0);
  EXPECT_EQ(json::find_string(row, "user_id"), ada.user_id);
  EXPECT_EQ(json::write(*json::find_object(row, "details")),
            R"({"resource":"refresh_tokens","start":201,"removedCount":1,"endCount":200})");
}

}  // namespace
}  // namespace segue::test
