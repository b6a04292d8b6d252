// A session transfer keeps the organization of its native sign-in (contract §1.17).
#include "openid.h"

namespace segue::test {
namespace {

constexpr const char* kMismatch = "Single Sign-On failed: Session Transfer Token organization mismatch detected.";
constexpr const char* kNativeCallback = "https://native.example/callback";

struct TransferOrganization : OpenId {
  Client native = world.native_client({{"organization_usage", "allow"}, {"callbacks", json::array{kNativeCallback}}});
  std::string acme = organization("acme"), other = organization("other");

  TransferOrganization() { patch_client(web, {{"organization_usage", "allow"}}); }

  std::string organization(const std::string& name) {
    const auto found = world.managed(http::Method::get, std::string("connections?name=") + kPasswordRealm);
    const auto connection_id = json::find_string(found.as_array().at(0).as_object(), "id").value_or("");
    const auto made =
        world.managed(http::Method::post, "organizations",
                      {{"name", name}, {"enabled_connections", json::array{json::object{{"connection_id", connection_id}}}}});
    auto id = json::find_string(made.as_object(), "id").value_or("");
    world.managed(http::Method::post, "organizations/" + id + "/members", {{"members", json::array{ada.user_id}}});
    return id;
  }
  // Signs in to the native app for the organization (none: without one) and exchanges.
  std::string transfer(const std::string& organization_id) {
    Browser device(world.node());
    auto more = parameters({{"scope", "openid offline_access"},
                            {"code_challenge", kChallenge},
                            {"code_challenge_method", "S256"},
                            {"organization", organization_id}});
    if (organization_id.empty()) more.remove("organization");
    const auto end = device.submit_login(device.open(authorize_url(native, kNativeCallback, more)), ada);
    const auto tokens = world.token_request(parameters({{"grant_type", "authorization_code"},
                                                        {"client_id", native.client_id},
                                                        {"code", end.parameter("code")},
                                                        {"code_verifier", kVerifier},
                                                        {"redirect_uri", kNativeCallback}}));
    return world.exchange(native, tokens.refresh_token()).access_token();
  }
  Page redeem_at(const std::string& token, const std::string& organization_id) {
    Browser fresh(world.node());
    auto more = parameters({{"session_transfer_token", token}});
    if (!organization_id.empty()) more.add("organization", organization_id);
    return fresh.open(authorize_url(web, kCallback, more));
  }
  void expect_mismatch(const Page& page) {
    EXPECT_TRUE(page.is_login_page()) << page.url;
    ASSERT_EQ(count_logs("type:w"), 1u);
    EXPECT_EQ(json::find_string(world.logs("type:w").at(0), "description"), kMismatch);
  }
};

TEST_F(TransferOrganization, opens_the_web_for_the_same_organization) {
  const auto page = redeem_at(transfer(acme), acme);
  ASSERT_FALSE(page.parameter("code").empty()) << page.url;
  EXPECT_EQ(claim(redeem(web, page.parameter("code")).text("id_token"), "org_id"), acme);
}

TEST_F(TransferOrganization, is_refused_for_another_one) { expect_mismatch(redeem_at(transfer(acme), other)); }
TEST_F(TransferOrganization, is_refused_where_the_web_asks_for_none) { expect_mismatch(redeem_at(transfer(acme), "")); }
TEST_F(TransferOrganization, is_refused_where_the_native_app_had_none) { expect_mismatch(redeem_at(transfer(""), acme)); }

TEST_F(TransferOrganization, is_refused_where_the_web_client_uses_none) {
  patch_client(web, {{"organization_usage", "deny"}});
  expect_mismatch(redeem_at(transfer(acme), acme));
}

TEST_F(TransferOrganization, is_not_spent_for_a_request_that_lacks_what_its_client_requires) {
  patch_client(web, {{"organization_usage", "require"}});
  const auto token = transfer(acme);
  EXPECT_EQ(redeem_at(token, "").parameter("error_description"), "parameter organization is required for this client");
  EXPECT_FALSE(redeem_at(token, acme).parameter("code").empty());
}

TEST_F(TransferOrganization, is_refused_after_the_user_left) {
  const auto token = transfer(acme);
  world.managed(http::Method::delete_, "organizations/" + acme + "/members", {{"members", json::array{ada.user_id}}});
  expect_mismatch(redeem_at(token, acme));
}

TEST_F(TransferOrganization, replaces_a_session_of_another_one) {
  sign_in(web, parameters({{"organization", other}}));
  const auto before = browser.cookies().at("auth0");
  const auto page = authorize(parameters({{"session_transfer_token", transfer(acme)}, {"organization", acme}}));
  ASSERT_FALSE(page.parameter("code").empty());
  EXPECT_EQ(claim(redeem(web, page.parameter("code")).text("id_token"), "org_id"), acme);
  EXPECT_NE(browser.cookies().at("auth0"), before);
}

}  // namespace
}  // namespace segue::test
