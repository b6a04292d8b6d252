// What an Action is told, line by line as the contract lists it (§8.4): each property stands in the event of one of four
// sign-ins, or nowhere for the reason that stands beside it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "base/text.h"
#include "store/users.h"
#include "support/actions.h"
#include "support/geo_file.h"
#include "support/handoff.h"

namespace segue::test {
namespace {

using ::testing::HasSubstr;

enum Where { sign_in, refresh, redemption, other_domain, nowhere };

struct Property {
  const char* path;
  Where where;
  const char* why = "";  // it stands nowhere
};

constexpr Property kProperties[] = {
    {"agent", nowhere, "this server knows no agents"},
    {"agent.agent_id", nowhere, "this server knows no agents"},
    {"agent.agent_metadata", nowhere, "this server knows no agents"},
    {"agent.name", nowhere, "this server knows no agents"},
    {"authentication", sign_in},
    {"authentication.methods", sign_in},
    {"authentication.riskAssessment", nowhere, "nothing here assesses risk"},
    {"authentication.riskAssessment.assessments", nowhere, "nothing here assesses risk"},
    {"authentication.riskAssessment.confidence", nowhere, "nothing here assesses risk"},
    {"authentication.riskAssessment.supplemental", nowhere, "nothing here assesses risk"},
    {"authentication.riskAssessment.version", nowhere, "nothing here assesses risk"},
    {"authorization", sign_in},
    {"authorization.roles", sign_in},
    {"client", sign_in},
    {"client.client_id", sign_in},
    {"client.metadata", sign_in},
    {"client.name", sign_in},
    {"client.refresh_token", sign_in},
    {"client.refresh_token.policies", sign_in},
    {"connection", sign_in},
    {"connection.id", sign_in},
    {"connection.metadata", sign_in},
    {"connection.name", sign_in},
    {"connection.strategy", sign_in},
    {"custom_domain", other_domain},
    {"custom_domain.domain", other_domain},
    {"custom_domain.domain_metadata", other_domain},
    {"organization", sign_in},
    {"organization.id", sign_in},
    {"organization.display_name", sign_in},
    {"organization.metadata", sign_in},
    {"organization.name", sign_in},
    {"prompt", nowhere, "there are no forms"},
    {"prompt.id", nowhere, "there are no forms"},
    {"prompt.fields", nowhere, "there are no forms"},
    {"prompt.vars", nowhere, "there are no forms"},
    {"refresh_token", refresh},
    {"refresh_token.id", refresh},
    {"refresh_token.client_id", refresh},
    {"refresh_token.created_at", refresh},
    {"refresh_token.device", refresh},
    {"refresh_token.device.initial_asn", refresh},
    {"refresh_token.device.initial_ip", refresh},
    {"refresh_token.device.initial_user_agent", refresh},
    {"refresh_token.device.last_asn", refresh},
    {"refresh_token.device.last_ip", refresh},
    {"refresh_token.device.last_user_agent", refresh},
    {"refresh_token.expires_at", refresh},
    {"refresh_token.idle_expires_at", refresh},
    {"refresh_token.last_exchanged_at", refresh},
    {"refresh_token.metadata", refresh},
    {"refresh_token.resource_servers", refresh},
    {"refresh_token.rotating", refresh},
    {"refresh_token.session_id", refresh},
    {"refresh_token.session_transfer", refresh},
    {"refresh_token.session_transfer.parent_refresh_token", refresh},
    {"refresh_token.session_transfer.parent_refresh_token.id", refresh},
    {"refresh_token.user_id", refresh},
    {"request", sign_in},
    {"request.asn", sign_in},
    {"request.body", sign_in},
    {"request.geoip", sign_in},
    {"request.geoip.cityName", nowhere, "where the city database knows it"},
    {"request.geoip.continentCode", nowhere, "where the city database knows it"},
    {"request.geoip.countryCode", sign_in},
    {"request.geoip.countryCode3", nowhere, "city databases have no such codes"},
    {"request.geoip.countryName", nowhere, "where the city database knows it"},
    {"request.geoip.latitude", nowhere, "where the city database knows it"},
    {"request.geoip.longitude", nowhere, "where the city database knows it"},
    {"request.geoip.subdivisionCode", nowhere, "where the city database knows it"},
    {"request.geoip.subdivisionName", nowhere, "where the city database knows it"},
    {"request.geoip.timeZone", nowhere, "where the city database knows it"},
    {"request.hostname", sign_in},
    {"request.ip", sign_in},
    {"request.language", sign_in},
    {"request.method", sign_in},
    {"request.query", sign_in},
    {"request.user_agent", sign_in},
    {"resource_server", sign_in},
    {"resource_server.identifier", sign_in},
    {"secrets", nowhere, "each Action gets its own from its process"},
    {"security_context", nowhere, "TLS fingerprints are not taken"},
    {"security_context.ja3", nowhere, "TLS fingerprints are not taken"},
    {"security_context.ja4", nowhere, "TLS fingerprints are not taken"},
    {"session", sign_in},
    {"session.id", sign_in},
    {"session.actor", nowhere, "sessions are not delegated yet"},
    {"session.actor.sub", nowhere, "sessions are not delegated yet"},
    {"session.authenticated_at", sign_in},
    {"session.clients", sign_in},
    {"session.cookie", sign_in},
    {"session.cookie.mode", sign_in},
    {"session.created_at", sign_in},
    {"session.device", sign_in},
    {"session.device.initial_asn", sign_in},
    {"session.device.initial_ip", sign_in},
    {"session.device.initial_user_agent", sign_in},
    {"session.device.last_asn", sign_in},
    {"session.device.last_ip", sign_in},
    {"session.device.last_user_agent", sign_in},
    {"session.expires_at", sign_in},
    {"session.idle_expires_at", sign_in},
    {"session.last_interacted_at", sign_in},
    {"session.metadata", sign_in},
    {"session.session_transfer", redemption},
    {"session.session_transfer.parent_refresh_token", redemption},
    {"session.session_transfer.parent_refresh_token.id", redemption},
    {"session.session_transfer.parent_refresh_token.metadata", redemption},
    {"session.updated_at", sign_in},
    {"session.user_id", sign_in},
    {"session_transfer_token", redemption},
    {"session_transfer_token.client_id", redemption},
    {"session_transfer_token.request", redemption},
    {"session_transfer_token.request.asn", redemption},
    {"session_transfer_token.request.geoip", redemption},
    {"session_transfer_token.request.geoip.cityName", nowhere, "where the city database knows it"},
    {"session_transfer_token.request.geoip.continentCode", nowhere, "where the city database knows it"},
    {"session_transfer_token.request.geoip.countryCode", redemption},
    {"session_transfer_token.request.geoip.countryCode3", nowhere, "city databases have no such codes"},
    {"session_transfer_token.request.geoip.countryName", nowhere, "where the city database knows it"},
    {"session_transfer_token.request.geoip.latitude", nowhere, "where the city database knows it"},
    {"session_transfer_token.request.geoip.longitude", nowhere, "where the city database knows it"},
    {"session_transfer_token.request.geoip.subdivisionCode", nowhere, "where the city database knows it"},
    {"session_transfer_token.request.geoip.subdivisionName", nowhere, "where the city database knows it"},
    {"session_transfer_token.request.geoip.timeZone", nowhere, "where the city database knows it"},
    {"session_transfer_token.request.ip", redemption},
    {"session_transfer_token.request.user_agent", redemption},
    {"session_transfer_token.scope", redemption},
    {"stats", sign_in},
    {"stats.logins_count", sign_in},
    {"tenant", sign_in},
    {"tenant.id", sign_in},
    {"transaction", sign_in},
    {"transaction.id", sign_in},
    {"transaction.acr_values", sign_in},
    {"transaction.linking_id", nowhere, "users are not linked"},
    {"transaction.locale", sign_in},
    {"transaction.login_hint", sign_in},
    {"transaction.prompt", sign_in},
    {"transaction.protocol", sign_in},
    {"transaction.redirect_uri", sign_in},
    {"transaction.requested_authorization_details", nowhere, "rich authorization requests are refused"},
    {"transaction.requested_scopes", sign_in},
    {"transaction.response_mode", sign_in},
    {"transaction.response_type", sign_in},
    {"transaction.state", sign_in},
    {"transaction.ui_locales", sign_in},
    {"transaction.actor", nowhere, "actor tokens are not taken yet"},
    {"transaction.actor.sub", nowhere, "actor tokens are not taken yet"},
    {"transaction.actor_token_type", nowhere, "actor tokens are not taken yet"},
    {"transaction.correlation_id", sign_in},
    {"transaction.metadata", sign_in},
    {"transaction.subject_token_type", nowhere, "of token exchange only"},
    {"user", sign_in},
    {"user.app_metadata", sign_in},
    {"user.created_at", sign_in},
    {"user.email", sign_in},
    {"user.email_verified", sign_in},
    {"user.family_name", sign_in},
    {"user.given_name", sign_in},
    {"user.last_password_reset", sign_in},
    {"user.name", sign_in},
    {"user.nickname", sign_in},
    {"user.phone_number", sign_in},
    {"user.phone_verified", sign_in},
    {"user.picture", sign_in},
    {"user.updated_at", sign_in},
    {"user.user_id", sign_in},
    {"user.user_metadata", sign_in},
    {"user.username", sign_in},
    {"user.enrolledFactors", sign_in},
    {"user.multifactor", sign_in},
    {"user.identities", sign_in}};

constexpr const char* kPhone = "127.0.0.10";  // the person's address

WorldOptions world_options(FakeRunner& runner, const std::string& folder) {
  write_asn_file(folder + "/asn.mmdb", {{"127.0.0.0/24", 64500}});
  write_city_file(folder + "/city.mmdb", {{"127.0.0.0/24", "US"}});
  WorldOptions out;
  out.run_actions = runner.run();
  out.geo_files = {.city = folder + "/city.mmdb", .asn = folder + "/asn.mmdb"};
  return out;
}

struct TestFiles {
  TestFiles() {
    std::string name = (std::filesystem::temp_directory_path() / "segue-event-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path = name;
  }
  ~TestFiles() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::string path;
};

struct ActionEvent : ::testing::Test {
  TestFiles files;
  FakeRunner runner;
  Handoff h{{.world = world_options(runner, files.path),
             .web_transfer = {{"allow_refresh_token", true}, {"enforce_device_binding", "none"}}}};
  Browser browser = h.browser();

  ActionEvent() {
    bind(h.world, "post-login", {{"Watch", "exports.onExecutePostLogin = async () => {};"}});
    browser.peer_address = kPhone;
    browser.extra.add("user-agent", "Test/1");
    browser.extra.add("accept-language", "de-CH");
  }
  Tokens ask(http::Parameters form) {
    auto request = form_request("/oauth/token", form);
    request.peer_address = kPhone;
    request.headers.add("user-agent", "Phone/1");
    const auto response = h.world.send(request);
    return {response.status, object_of(response)};
  }

  // As users of other connections have them.
  void name_and_phone() {
    h.world.node().product().store().write(h.world.tenant(), [&](const store::Writer& w) {
      auto user = *store::users::find(w, h.ada.user_id);
      user.username = "ada";
      user.profile["phone_number"] = "+15550100";
      user.profile["phone_verified"] = true;
      return store::users::update(w, user);
    });
  }

  json::object of_a_sign_in() {
    h.world.managed(
        http::Method::post, "resource-servers",
        {{"name", "api"}, {"identifier", "https://api.example/"}, {"skip_consent_for_verifiable_first_party_clients", true}});
    const auto app = h.world.create_client(
        {{"name", "app"},
         {"app_type", "regular_web"},
         {"organization_usage", "allow"},
         {"callbacks", json::array{kWebCallback}},
         {"client_metadata", {{"team", "a"}}},
         {"grant_types", json::array{"authorization_code", "refresh_token"}},
         {"refresh_token",
          {{"rotation_type", "rotating"},
           {"expiration_type", "expiring"},
           {"policies", json::array{json::object{{"audience", "https://api.example/"}, {"scope", json::array{"read:x"}}}}}}}});
    const auto connections = h.world.managed(http::Method::get, std::string("connections?name=") + kPasswordRealm);
    const auto acme =
        h.world.managed(http::Method::post, "organizations",
                        {{"name", "acme"},
                         {"metadata", {{"plan", "gold"}}},
                         {"enabled_connections",
                          json::array{json::object{{"connection_id", connections.as_array().at(0).as_object().at("id")}}}}});
    const auto organization = json::find_string(acme.as_object(), "id").value();
    h.world.managed(http::Method::post, "organizations/" + organization + "/members", {{"members", json::array{h.ada.user_id}}});
    h.world.managed(http::Method::patch, "users/" + h.ada.user_id, {{"given_name", "Ada"}, {"family_name", "Lovelace"}});
    h.world.managed(http::Method::patch, "users/" + h.ada.user_id, {{"password", "Another-horse-8-battery"}});
    h.ada.password = "Another-horse-8-battery";
    name_and_phone();
    const auto page = browser.open(authorize_url(app, kWebCallback,
                                                 parameters({{"organization", organization},
                                                             {"audience", "https://api.example/"},
                                                             {"login_hint", h.ada.email},
                                                             {"acr_values", "a b"},
                                                             {"ui_locales", "de en"},
                                                             {"correlation_id", "c-1"},
                                                             {"ext-campaign", "spring"},
                                                             {"access_token", "hidden"}})));
    EXPECT_FALSE(browser.submit_login(page, h.ada).parameter("code").empty());
    return runner.event();
  }
  std::string transfer() {
    const auto refresh_token = ask(parameters({{"grant_type", "password"},
                                               {"client_id", h.native.client_id},
                                               {"username", h.ada.email},
                                               {"password", h.ada.password},
                                               {"scope", "openid offline_access"}}))
                                   .refresh_token();
    return ask(parameters({{"grant_type", "refresh_token"},
                           {"client_id", h.native.client_id},
                           {"refresh_token", refresh_token},
                           {"audience", kTransferUrn}}))
        .access_token();
  }
  json::object of_a_refresh() {
    h.world.managed(http::Method::patch, "clients/" + h.web.client_id,
                    {{"refresh_token",
                      {{"rotation_type", "rotating"},
                       {"expiration_type", "expiring"},
                       {"token_lifetime", 86400},
                       {"infinite_token_lifetime", false},
                       {"idle_token_lifetime", 3600},
                       {"infinite_idle_token_lifetime", false}}}});
    h.set_web({{"enforce_device_binding", "none"},
               {"allow_refresh_token", true},
               {"enforce_online_refresh_tokens", true},
               {"allowed_authentication_methods", json::array{"query"}}});
    const auto page = h.redeem(browser, transfer(), parameters({{"scope", "openid offline_access"}}));
    const auto tokens = ask(parameters({{"grant_type", "authorization_code"},
                                        {"client_id", h.web.client_id},
                                        {"client_secret", h.web.client_secret},
                                        {"code", page.parameter("code")},
                                        {"redirect_uri", kWebCallback}}));
    EXPECT_FALSE(tokens.refresh_token().empty()) << json::write(tokens.body);
    EXPECT_EQ(ask(parameters({{"grant_type", "refresh_token"},
                              {"client_id", h.web.client_id},
                              {"client_secret", h.web.client_secret},
                              {"refresh_token", tokens.refresh_token()}}))
                  .status,
              200);
    return runner.event();
  }
  json::object of_a_redemption() {
    EXPECT_FALSE(h.redeem(browser, transfer()).parameter("code").empty());
    return runner.event();
  }
  json::object of_another_domain() {
    h.world.add_domain("login.example");
    Browser there(h.world.node(), "login.example");
    const auto page = there.open(authorize_url(h.web, kWebCallback));
    EXPECT_FALSE(there.submit_login(page, h.ada).parameter("code").empty());
    return runner.event();
  }
};

const json::value* at(const json::object& event, std::string_view path) {
  const json::object* inside = &event;
  const json::value* out = nullptr;
  for (const auto& part : base::split(path, '.')) {
    out = inside != nullptr ? json::find(*inside, part) : nullptr;
    if (out == nullptr) return nullptr;
    inside = out->is_object() ? &out->get_object() : nullptr;
  }
  return out;
}

TEST_F(ActionEvent, has_each_property_that_the_contract_lists_or_a_reason_why_not) {
  // The order matters: a password of its own, then a handoff of the same person.
  std::map<Where, json::object> events;
  events[sign_in] = of_a_sign_in();
  events[redemption] = of_a_redemption();
  events[refresh] = of_a_refresh();
  events[other_domain] = of_another_domain();
  for (const auto& property : kProperties) {
    SCOPED_TRACE(property.path);
    if (property.where == nowhere) {
      EXPECT_STRNE(property.why, "");
      for (const auto& [where, event] : events) EXPECT_EQ(at(event, property.path), nullptr) << where;
    } else {
      EXPECT_NE(at(events[property.where], property.path), nullptr) << json::write(events[property.where]);
    }
  }
  EXPECT_EQ(at(events[sign_in], "custom_domain"), nullptr);
  EXPECT_EQ(at(events[sign_in], "refresh_token"), nullptr);
  EXPECT_EQ(at(events[sign_in], "session_transfer_token"), nullptr);
  EXPECT_EQ(at(events[refresh], "session_transfer_token"), nullptr);
}

TEST_F(ActionEvent, holds_what_the_application_sent_also_behind_the_login_page_and_nothing_that_opens) {
  const auto event = of_a_sign_in();
  const auto shows = [&](std::string_view path, std::string_view json) {
    const auto* const value = at(event, path);
    ASSERT_NE(value, nullptr) << path;
    EXPECT_EQ(json::write(*value), json) << path;
  };
  shows("request.query.ext-campaign", R"("spring")");
  shows("request.query.acr_values", R"("a b")");
  shows("request.query.login_hint", R"("ada@example.com")");
  shows("transaction.acr_values", R"(["a","b"])");
  shows("transaction.ui_locales", R"(["de","en"])");
  shows("transaction.correlation_id", R"("c-1")");
  shows("transaction.response_type", R"(["code"])");
  shows("transaction.response_mode", R"("query")");
  shows("client.refresh_token.policies", R"([{"audience":"https://api.example/","scope":["read:x"]}])");
  shows("organization.metadata", R"({"plan":"gold"})");
  shows("request.language", R"("de-CH")");
  shows("request.asn", R"("64500")");
  shows("request.geoip.countryCode", R"("US")");
  shows("stats.logins_count", "1");
  EXPECT_EQ(at(event, "request.query.access_token"), nullptr);
  for (const auto& secret : {h.ada.password, h.web.client_secret, browser.cookies().at("auth0"), std::string("hidden")})
    EXPECT_EQ(json::write(event).find(secret), std::string::npos);
}

TEST_F(ActionEvent, counts_a_refresh_as_no_login) {
  of_a_refresh();
  EXPECT_EQ(runner.in_event("stats.logins_count"), "2");  // at the phone, and by the handoff
}

}  // namespace
}  // namespace segue::test
