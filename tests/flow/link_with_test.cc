// Linking by `link_with`: people link accounts that they show to be theirs, and no others (contract §9.10, §9.13).
#include "linked_identities.h"
#include "tokens/access_token.h"

namespace segue::test {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

struct LinkWith : LinkedIdentitiesFlow {
  // A token of the person's own for the Management API. No endpoint issues one yet.
  std::string own_token(const User& user, const std::string& scope = "update:current_user_identities") {
    const auto tenant = world.node().product().tenants().snapshot(world.tenant());
    const auto api = tenant->resource_server(tenant->management_audience());
    SeededRandom random(1);
    return tokens::mint_access_token(*tenant, random, world.clock.now(),
                                     {.domain = kDomain,
                                      .resource_server = api.get(),
                                      .subject = user.user_id,
                                      .client_id = app.client_id,
                                      .scope = scope})
        .token;
  }
  http::Response call(Method method, const std::string& path, const std::string& token, const json::value& body = nullptr) {
    auto request = json_request(method, "/api/v2/" + path, body);
    request.headers.set("authorization", "Bearer " + token);
    return world.send(std::move(request));
  }
  http::Response link_with(const std::string& token, const std::string& proof) {
    return call(Method::post, user_path(ada) + "/identities", token, {{"link_with", proof}});
  }
  std::string refusal(const http::Response& response) {
    EXPECT_EQ(world.manage(Method::get, user_path(bea)).status, 200) << "nothing was linked";
    return message(response, 400);
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, LinkWith, ::testing::ValuesIn(engines()), engine_name);

TEST_P(LinkWith, an_id_token_of_the_second_account_people_link_and_unlink_their_own) {
  const auto token = own_token(ada);
  const auto linked = link_with(token, sign_in(bea).text("id_token"));
  ASSERT_EQ(linked.status, 201) << linked.body;
  EXPECT_EQ(list_of(linked).size(), 2u);
  EXPECT_EQ(claim(sign_in(bea).text("id_token"), "sub"), ada.user_id);
  const auto unlinked = call(Method::delete_, user_path(ada) + "/identities/auth0/" + own_id(bea), token);
  EXPECT_EQ(unlinked.status, 200) << unlinked.body;
}

TEST_P(LinkWith, nothing_but_what_shows_the_account_to_be_theirs) {
  const auto token = own_token(ada);
  const auto by_name =
      call(Method::post, user_path(ada) + "/identities", token, {{"provider", "auth0"}, {"user_id", own_id(bea)}});
  EXPECT_EQ(by_name.status, 403) << "anybody's account would become theirs";
  EXPECT_EQ(
      call(Method::post, user_path(bea) + "/identities", token, {{"link_with", sign_in(ada, kPasswordRealm).text("id_token")}})
          .status,
      403)
      << "another's identities";
  EXPECT_EQ(call(Method::delete_, user_path(bea) + "/identities/auth0/" + own_id(ada), token).status, 403);
  const auto tokens = sign_in(bea);
  EXPECT_THAT(refusal(link_with(token, tokens.access_token())), HasSubstr("link_with"));
  EXPECT_THAT(refusal(link_with(token, own_token(bea))), HasSubstr("aud"));
  EXPECT_THAT(refusal(link_with(token, "x")), HasSubstr("Invalid token (link_with)"));
  auto forged = tokens.text("id_token");
  forged[forged.size() - 10] = forged[forged.size() - 10] == 'A' ? 'B' : 'A';
  EXPECT_THAT(refusal(link_with(token, forged)), HasSubstr("Invalid token (link_with)"));
  EXPECT_THAT(refusal(call(Method::post, user_path(ada) + "/identities", token,
                           {{"link_with", tokens.text("id_token")}, {"provider", "auth0"}})),
              HasSubstr("cannot be sent with it"));
  EXPECT_EQ(message(link_with(token, sign_in(ada, kPasswordRealm).text("id_token")), 400),
            "Main identity and the new one are the same");
  Browser browser(world.node());
  const auto of_another_client = redeem(sign_in(browser, bea).parameter("code")).text("id_token");
  EXPECT_THAT(refusal(link_with(token, of_another_client)), HasSubstr("calling token's azp"));
}

TEST_P(LinkWith, no_token_that_has_lost_its_word) {
  const auto proof = sign_in(bea).text("id_token");
  world.clock.advance(1s);
  world.managed(Method::patch, user_path(bea), {{"blocked", true}});
  EXPECT_THAT(refusal(link_with(own_token(ada), proof)), HasSubstr("Unable to link"));
  world.managed(Method::patch, user_path(bea), {{"blocked", false}});
  world.managed(Method::patch, user_path(bea), {{"password", "Another-horse-8"}});
  EXPECT_THAT(refusal(link_with(own_token(ada), proof)), HasSubstr("Unable to link"));
  bea.password = "Another-horse-8";
  const auto newer = sign_in(bea).text("id_token");
  world.clock.advance(11h);
  EXPECT_EQ(link_with(own_token(ada), newer).status, 401) << "expired";
  const auto newest = sign_in(bea).text("id_token");
  world.clock.advance(1s);
  ASSERT_EQ(link_with(own_token(ada), newest).status, 201);
  EXPECT_EQ(link_with(own_token(ada), newest).status, 409);
  world.clock.advance(1s);
  ASSERT_EQ(unlink(ada, bea).status, 200);
  ASSERT_EQ(link_with(own_token(ada), newest).status, 400) << "it was used for a link that was undone";
  world.managed(Method::delete_, user_path(bea));
  EXPECT_EQ(message(link_with(own_token(ada), newest), 400), "Provided secondary account not found");
}

}  // namespace
}  // namespace segue::test
