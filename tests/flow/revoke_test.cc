// POST /oauth/revoke (RFC 7009, contract §4.8–4.9).
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "store/tenants.h"
#include "support/handoff.h"

namespace segue::test {
namespace {

struct Revoke : ::testing::Test {
  Handoff handoff;
  World& world = handoff.world;

  http::Response ask(const Client& client, const std::string& token, const http::Parameters& more = {}) {
    auto form = parameters({{"client_id", client.client_id}, {"token", token}});
    if (!client.client_secret.empty()) form.add("client_secret", client.client_secret);
    for (const auto& [name, value] : more.pairs()) {
      form.remove(name);
      if (!value.empty()) form.add(name, value);
    }
    return world.send(form_request("/oauth/revoke", form));
  }
  void expect_done(const http::Response& response) {
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.body, "");
  }
  void expect_refused_with(const http::Response& response, int status, const std::string& error) {
    EXPECT_EQ(response.status, status) << response.body;
    EXPECT_EQ(json::find_string(object_of(response), "error"), error);
    EXPECT_EQ(header_of(response, "cache-control"), "no-store");
  }
  bool is_alive(const std::string& token) { return world.refresh(handoff.native, token).status == 200; }
};

TEST_F(Revoke, ends_the_refresh_token_and_writes_what_it_was) {
  const auto token = handoff.sign_in();
  expect_done(ask(handoff.native, token));
  const auto refused = world.refresh(handoff.native, token);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.error(), "invalid_grant");
  const auto row = handoff.only_row("srrt");
  EXPECT_EQ(text_of(row, "user_id"), handoff.ada.user_id);
  EXPECT_EQ(text_of(row, "client_id"), handoff.native.client_id);
  EXPECT_FALSE(detail_of(row, "credential_id").empty());
  EXPECT_EQ(json::write(row).find(token), std::string::npos);
}

TEST_F(Revoke, takes_json_and_ignores_the_hint) {
  const auto token = handoff.sign_in();
  expect_done(world.send(json_request(
      http::Method::post, "/oauth/revoke",
      json::object{{"client_id", handoff.native.client_id}, {"token", token}, {"token_type_hint", "access_token"}})));
  EXPECT_FALSE(is_alive(token));
}

TEST_F(Revoke, says_done_for_unknown_tokens_and_for_one_that_was_given_back_before) {
  const auto token = handoff.sign_in();
  auto guessed = token;
  guessed.back() = guessed.back() == 'A' ? 'Q' : 'A';
  for (const auto& unknown : {std::string("nonsense"), std::string("rt_x.y"), guessed}) expect_done(ask(handoff.native, unknown));
  EXPECT_TRUE(is_alive(token));
  expect_done(ask(handoff.native, token));
  expect_done(ask(handoff.native, token));
  EXPECT_EQ(world.logs("type:srrt").size(), 1u);
}

TEST_F(Revoke, refuses_the_token_of_another_client_and_leaves_it_alone) {
  const auto token = handoff.sign_in();
  expect_refused_with(ask(handoff.web, token), 400, "invalid_request");
  EXPECT_TRUE(is_alive(token));
  EXPECT_EQ(world.logs("type:srrt").size(), 0u);
  EXPECT_EQ(world.logs("type:w").size(), 1u);
}

TEST_F(Revoke, leaves_the_token_of_another_tenant_alone) {
  const auto token = handoff.sign_in();
  const auto other = world.add_tenant("other.example");
  const auto form = parameters(
      {{"client_id", other.client_id}, {"client_secret", std::string(other.client_secret.reveal())}, {"token", token}});
  expect_done(world.send(form_request("/oauth/revoke", form, "other.example")));
  EXPECT_TRUE(is_alive(token));
}

TEST_F(Revoke, asks_a_confidential_client_for_its_proof) {
  const auto confidential =
      world.web_client("https://other.example",
                       {{"grant_types", json::array{"http://auth0.com/oauth/grant-type/password-realm", "refresh_token"}}});
  const auto token = world.password_tokens(confidential, handoff.ada).refresh_token();
  ASSERT_FALSE(token.empty());
  expect_refused_with(ask(confidential, token, parameters({{"client_secret", ""}})), 401, "access_denied");
  expect_refused_with(ask(confidential, token, parameters({{"client_secret", "wrong"}})), 401, "access_denied");
  expect_refused_with(ask(confidential, token, parameters({{"client_id", ""}})), 400, "invalid_request");
  expect_refused_with(ask(confidential, token, parameters({{"token", ""}})), 400, "invalid_request");
  EXPECT_EQ(world.refresh(confidential, token).status, 200);
  auto basic = form_request("/oauth/revoke", parameters({{"token", token}}));
  basic.headers.set("authorization", "Basic " + base::base64(confidential.client_id + ":" + confidential.client_secret));
  expect_done(world.send(basic));
  EXPECT_EQ(world.refresh(confidential, token).status, 403);
}

TEST_F(Revoke, does_not_claim_to_end_what_cannot_be_ended) {
  const auto tokens = world.password_tokens(handoff.native, handoff.ada);
  expect_refused_with(ask(handoff.native, tokens.access_token()), 400, "unsupported_token_type");
  const auto transfer = handoff.transfer();
  expect_refused_with(ask(handoff.native, transfer), 400, "unsupported_token_type");
  EXPECT_TRUE(handoff.is_unspent(transfer));
}

TEST_F(Revoke, ends_the_family_by_a_spent_token_of_it) {
  world.managed(http::Method::patch, "clients/" + handoff.native.client_id,
                json::object{{"refresh_token", json::object{{"rotation_type", "rotating"}, {"expiration_type", "expiring"}}}});
  const auto first = handoff.sign_in();
  const auto second = world.refresh(handoff.native, first).refresh_token();
  ASSERT_FALSE(second.empty());
  expect_done(ask(handoff.native, first));
  EXPECT_FALSE(is_alive(second));
}

TEST_F(Revoke, ends_what_grew_from_the_token_when_the_client_says_so) {
  for (const bool cascades : {true, false}) {
    handoff.set_native({{"enforce_cascade_revocation", cascades}});
    const auto token = handoff.sign_in();  // spent by the transfer, for this client's tokens rotate: it still names its family
    auto browser = handoff.browser();
    handoff.redeem(browser, handoff.transfer_of(token));
    ASSERT_FALSE(handoff.sid_in(browser).empty());
    const auto other = handoff.sign_in();
    const auto in_flight = handoff.transfer_of(other);
    expect_done(ask(handoff.native, token));
    expect_done(ask(handoff.native, other));
    EXPECT_EQ(handoff.sid_in(browser).empty(), cascades);
    EXPECT_FALSE(handoff.is_unspent(in_flight));
  }
}

TEST_F(Revoke, leaves_other_sign_ins_of_the_same_person_alone) {
  const auto token = handoff.sign_in(), other = handoff.sign_in();
  expect_done(ask(handoff.native, token));
  EXPECT_TRUE(is_alive(other));
}

TEST_F(Revoke, ends_every_sign_in_of_the_person_where_the_tenant_says_so) {
  world.node().product().tenants().change(world.tenant(), [&](const store::Writer& w) {
    auto settings = store::tenants::find(w)->settings;
    settings["flags"] = json::object{{"revoke_refresh_token_grant", true}};
    store::tenants::update_settings(w, settings);
    return true;
  });
  const auto token = handoff.sign_in(), alike = handoff.sign_in();
  const auto eve = handoff.sign_in(world.create_user("eve@example.com"));
  expect_done(ask(handoff.native, token));
  EXPECT_FALSE(is_alive(alike));
  EXPECT_TRUE(is_alive(eve));
}

TEST_F(Revoke, may_be_asked_by_a_script_of_a_registered_origin) {
  const auto spa = world.create_client({{"name", "spa"},
                                        {"app_type", "spa"},
                                        {"token_endpoint_auth_method", "none"},
                                        {"web_origins", json::array{"https://spa.example"}}});
  auto request = form_request("/oauth/revoke", parameters({{"client_id", spa.client_id}, {"token", "x"}}));
  request.headers.set("origin", "https://spa.example");
  EXPECT_EQ(header_of(world.send(request), "access-control-allow-origin"), "https://spa.example");
}

}  // namespace
}  // namespace segue::test
