// Settings of the tenant that are documents: branding, pages, mail, attack protection (contract §9.11, §9.12).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/settings_documents.h"
#include "support/world.h"

namespace segue::test {
namespace {

using http::Method;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

struct Settings : testing::Test {
  World world;
  std::string get(const std::string& path) {
    const auto response = world.manage(Method::get, path);
    EXPECT_EQ(response.status, 200) << path << response.body;
    return response.body;
  }
  int status(Method method, const std::string& path, const json::value& body = nullptr) {
    return world.manage(method, path, body).status;
  }
  std::string refused(Method method, const std::string& path, const json::value& body) {
    const auto response = world.manage(method, path, body);
    EXPECT_EQ(response.status, 400) << path << response.body;
    return json::find_string(object_of(response), "message").value_or("");
  }
  std::size_t changes() { return world.logs("type:sapi").size(); }
};

TEST_F(Settings, of_the_branding_merge_and_null_takes_away) {
  EXPECT_EQ(get("branding"), "{}");
  world.managed(
      Method::patch, "branding",
      {{"colors", json::object{{"primary", "#fedcba"}, {"page_background", "#000"}}}, {"logo_url", "https://a.example/l.png"}});
  world.managed(Method::patch, "branding", {{"colors", json::object{{"primary", nullptr}}}, {"logo_url", nullptr}});
  EXPECT_EQ(get("branding"), R"({"colors":{"page_background":"#000"}})");
  EXPECT_THAT(refused(Method::patch, "branding", {{"colors", json::object{{"primary", "red"}}}}), HasSubstr("html-color"));
  EXPECT_THAT(refused(Method::patch, "branding", {{"logo_url", "http://a.example/l.png"}}), HasSubstr("https"));
  EXPECT_THAT(refused(Method::patch, "branding", {{"more", 1}}), HasSubstr("Additional properties"));
}

TEST_F(Settings, that_are_sent_again_are_no_change) {
  const json::object texts{{"login", json::object{{"title", "Hello"}}}};
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(status(Method::patch, "branding", {{"logo_url", "https://a.example/l.png"}}), 200);
    EXPECT_EQ(status(Method::patch, "prompts", {{"identifier_first", true}, {"universal_login_experience", "new"}}), 200);
    EXPECT_EQ(status(Method::put, "prompts/login/custom-text/en", texts), 200);
    EXPECT_EQ(status(Method::patch, "attack-protection/brute-force-protection", {{"max_attempts", 10}}), 200);
    EXPECT_EQ(status(Method::put, "guardian/factors/phone/message-types", {{"message_types", json::array{}}}), 200);
  }
  EXPECT_EQ(changes(), 3u);
  EXPECT_EQ(get("prompts/login/custom-text/en"), json::write(texts));
  EXPECT_EQ(get("prompts/login/custom-text/de"), "{}");
}

TEST_F(Settings, of_pages_are_for_prompts_that_exist) {
  EXPECT_THAT(refused(Method::put, "prompts/nothing/custom-text/en", json::object{}), HasSubstr("on property prompt"));
  EXPECT_THAT(refused(Method::put, "prompts/mfa/partials", json::object{}), HasSubstr("on property prompt"));
  EXPECT_EQ(status(Method::put, "prompts/login-id/partials", {{"login-id", json::object{{"form-content-start", "<b>x</b>"}}}}),
            200);
  EXPECT_THAT(get("prompts/login-id/partials"), HasSubstr("form-content-start"));
  EXPECT_THAT(refused(Method::patch, "prompts", {{"universal_login_experience", "classic"}}),
              HasSubstr("classic pages are not served"));
}

TEST_F(Settings, of_the_page_template_come_and_go) {
  const std::string page = "<html><head>{%- auth0:head -%}</head><body>{%- auth0:widget -%}</body></html>";
  EXPECT_EQ(status(Method::get, "branding/templates/universal-login"), 404);
  EXPECT_EQ(status(Method::put, "branding/templates/universal-login", {{"template", page}}), 201);
  EXPECT_EQ(status(Method::put, "branding/templates/universal-login", {{"template", page}}), 204);
  EXPECT_EQ(status(Method::put, "branding/templates/universal-login", json::value(page + " ")), 204);
  EXPECT_THAT(get("branding/templates/universal-login"), HasSubstr("auth0:widget"));
  refused(Method::put, "branding/templates/universal-login", {{"template", "<html></html>"}});
  refused(Method::put, "branding/templates/universal-login", json::array{});
  EXPECT_EQ(status(Method::delete_, "branding/templates/universal-login"), 204);
  EXPECT_EQ(status(Method::get, "branding/templates/universal-login"), 404);
}

TEST_F(Settings, of_mail_keep_the_password_to_themselves) {
  EXPECT_EQ(status(Method::get, "emails/provider"), 404);
  EXPECT_EQ(status(Method::patch, "emails/provider", {{"enabled", false}}), 404);
  const json::object server{
      {"smtp_host", "mail.example"}, {"smtp_port", 587}, {"smtp_user", "acme"}, {"smtp_pass", "Horse-staple-1"}};
  const auto created = world.manage(Method::post, "emails/provider",
                                    {{"name", "smtp"}, {"default_from_address", "a@acme.example"}, {"credentials", server}});
  EXPECT_EQ(created.status, 201);
  EXPECT_THAT(created.body, Not(HasSubstr("Horse")));
  EXPECT_THAT(get("emails/provider"), Not(HasSubstr("Horse")));
  EXPECT_THAT(get("emails/provider?fields=name,enabled&include_fields=true"), R"({"name":"smtp","enabled":true})");
  EXPECT_EQ(status(Method::post, "emails/provider", {{"name", "smtp"}, {"credentials", server}}), 409);

  const auto sealed = [&] {
    return world.node()
        .product()
        .store()
        .read(world.tenant(), [](const store::Reader& r) { return store::settings_documents::find(r, "email_provider", ""); })
        ->sealed;
  };
  EXPECT_FALSE(sealed().empty());
  EXPECT_THAT(sealed(), Not(HasSubstr("Horse")));
  const json::object same{{"smtp_host", "mail.example"}, {"smtp_port", 587}, {"smtp_user", "acme"}};
  world.managed(Method::patch, "emails/provider", {{"credentials", same}, {"enabled", false}});
  EXPECT_FALSE(sealed().empty()) << "what is sent back as it was read keeps it";
  const json::object elsewhere{{"smtp_host", "mail.attacker.example"}, {"smtp_port", 587}, {"smtp_user", "acme"}};
  world.managed(Method::patch, "emails/provider", {{"credentials", elsewhere}});
  EXPECT_TRUE(sealed().empty()) << "another server is not told it";
  EXPECT_THAT(refused(Method::patch, "emails/provider", {{"name", "sendgrid"}}), HasSubstr("SMTP"));
  EXPECT_EQ(status(Method::delete_, "emails/provider"), 204);
  EXPECT_EQ(status(Method::delete_, "emails/provider"), 404);
}

TEST_F(Settings, of_mail_templates_are_made_once_and_merged) {
  json::object fields{{"template", "verify_email"}, {"body", "<p>Hi</p>"}, {"from", ""},          {"subject", "Hi"},
                      {"syntax", "liquid"},         {"enabled", true},     {"resultUrl", nullptr}};
  EXPECT_EQ(status(Method::get, "email-templates/verify_email"), 404);
  EXPECT_EQ(status(Method::patch, "email-templates/verify_email", fields), 404);
  EXPECT_EQ(status(Method::post, "email-templates", fields), 200);
  EXPECT_EQ(status(Method::post, "email-templates", fields), 409);
  EXPECT_EQ(status(Method::patch, "email-templates/verify_email", {{"subject", "Hello"}}), 200);
  EXPECT_THAT(get("email-templates/verify_email"), HasSubstr(R"("subject":"Hello")"));
  EXPECT_EQ(status(Method::get, "email-templates/love_letter"), 404);
  refused(Method::patch, "email-templates/verify_email", {{"template", "welcome_email"}});
  refused(Method::post, "email-templates", {{"template", "verify_email"}});
}

TEST_F(Settings, of_the_theme_hold_one_theme) {
  const auto style = [](int size) { return json::object{{"bold", false}, {"size", size}}; };
  json::object colors;
  for (const auto* name : {"body_text", "error", "header", "icons", "input_background", "input_border", "input_filled_text",
                           "input_labels_placeholders", "links_focused_components", "primary_button", "primary_button_label",
                           "secondary_button_border", "secondary_button_label", "success", "widget_background", "widget_border"})
    colors[name] = "#635dff";
  json::object theme{
      {"displayName", "dark"},
      {"borders", json::object{{"button_border_radius", 3},
                               {"button_border_weight", 1},
                               {"buttons_style", "rounded"},
                               {"input_border_radius", 3},
                               {"input_border_weight", 1},
                               {"inputs_style", "rounded"},
                               {"show_widget_shadow", true},
                               {"widget_border_weight", 0},
                               {"widget_corner_radius", 5}}},
      {"colors", colors},
      {"fonts", json::object{{"body_text", style(87)},
                             {"buttons_text", style(100)},
                             {"font_url", ""},
                             {"input_labels", style(100)},
                             {"links", style(87)},
                             {"links_style", "normal"},
                             {"reference_text_size", 16},
                             {"subtitle", style(87)},
                             {"title", style(150)}}},
      {"page_background", json::object{{"background_color", "#000000"}, {"background_image_url", ""}, {"page_layout", "center"}}},
      {"widget", json::object{{"header_text_alignment", "center"},
                              {"logo_height", 52},
                              {"logo_position", "center"},
                              {"logo_url", ""},
                              {"social_buttons_layout", "bottom"}}}};
  EXPECT_EQ(status(Method::get, "branding/themes/default"), 404);
  const auto id = *json::find_string(world.managed(Method::post, "branding/themes", theme).as_object(), "themeId");
  EXPECT_EQ(status(Method::post, "branding/themes", theme), 409);
  EXPECT_THAT(get("branding/themes/default"), HasSubstr(id));
  EXPECT_EQ(status(Method::patch, "branding/themes/" + id, theme), 200);
  EXPECT_EQ(changes(), 1u);
  theme["borders"].as_object()["button_border_radius"] = 11;
  EXPECT_THAT(refused(Method::patch, "branding/themes/" + id, theme), HasSubstr("greater than maximum 10"));
  EXPECT_EQ(status(Method::delete_, "branding/themes/" + id), 204);
  EXPECT_EQ(status(Method::delete_, "branding/themes/" + id), 404);
}

TEST_F(Settings, of_one_tenant_are_not_shown_to_another) {
  world.managed(Method::patch, "branding", {{"logo_url", "https://a.example/l.png"}});
  world.add_tenant("other.example");
  const auto other = world.node().product().tenants().resolve("other.example")->tenant;
  EXPECT_FALSE(world.node().product().store().read(
      other, [](const store::Reader& r) { return store::settings_documents::find(r, "branding", ""); }));
}

// --- Figures ---

TEST_F(Settings, sign_ins_are_counted_by_day_and_users_by_month) {
  EXPECT_EQ(get("stats/active-users"), "0");
  EXPECT_EQ(get("stats/daily"), "[]");
  const auto app = world.native_client();
  const auto ada = world.create_user();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(world.password_tokens(app, ada).status, 200);
  EXPECT_EQ(get("stats/active-users"), "1");
  world.logs();  // indexes them
  EXPECT_THAT(get("stats/daily"), HasSubstr(R"("logins":2,"signups":0)"));
  world.clock.advance(std::chrono::days(31));
  EXPECT_EQ(get("stats/active-users"), "0");
  EXPECT_EQ(get("stats/daily"), "[]");
  EXPECT_EQ(status(Method::get, "stats/daily?from=20240230"), 400);
  EXPECT_EQ(status(Method::get, "stats/daily?from=yesterday"), 400);
}

TEST_F(Settings, connections_of_an_organization_have_two_paths) {
  const auto found = world.managed(Method::get, "connections").as_array().at(0).as_object();
  const auto connection = *json::find_string(found, "id");
  const auto acme = *json::find_string(world.managed(Method::post, "organizations", {{"name", "acme"}}).as_object(), "id");
  const auto path = "organizations/" + acme + "/connections";
  EXPECT_EQ(status(Method::post, path, {{"connection_id", connection}, {"is_enabled", true}}), 201);
  EXPECT_EQ(status(Method::post, "organizations/" + acme + "/enabled_connections", {{"connection_id", connection}}), 409);
  EXPECT_THAT(get(path + "?page=0&per_page=50&include_totals=true"), HasSubstr(R"("connections":[{"connection_id")"));
  EXPECT_THAT(get(path + "/" + connection), HasSubstr(R"("strategy":"auth0")"));
  EXPECT_THAT(refused(Method::patch, path + "/" + connection, {{"is_enabled", false}}), HasSubstr("remove the connection"));
  const auto before = changes();
  EXPECT_EQ(status(Method::patch, path + "/" + connection, {{"show_as_button", true}}), 200);
  EXPECT_EQ(changes(), before) << "it was shown already";
  EXPECT_EQ(status(Method::patch, path + "/" + connection, {{"show_as_button", false}}), 200);
  EXPECT_EQ(changes(), before + 1);
  EXPECT_EQ(status(Method::delete_, path + "/" + connection), 204);
  EXPECT_EQ(get("organizations/" + acme + "/enabled_connections"), "[]");
}

// --- Attack protection is what the password is guessed against ---

struct AttackProtection : Settings {
  Client app = world.native_client();
  User ada = world.create_user();

  int guess(const std::string& from = "198.51.100.7", const std::string& password = "wrong", const std::string& name = {}) {
    auto request = form_request("/oauth/token", parameters({{"grant_type", "http://auth0.com/oauth/grant-type/password-realm"},
                                                            {"client_id", app.client_id},
                                                            {"realm", kPasswordRealm},
                                                            {"username", name.empty() ? ada.email : name},
                                                            {"password", password}}));
    request.peer_address = from;
    return world.send(std::move(request)).status;
  }
  void set(const std::string& what, json::object body) { world.managed(Method::patch, "attack-protection/" + what, body); }
};

TEST_F(AttackProtection, blocks_an_account_after_as_many_guesses_as_the_tenant_says) {
  set("brute-force-protection", {{"max_attempts", 2}});
  EXPECT_EQ(guess(), 403);
  EXPECT_EQ(guess(), 403);
  EXPECT_EQ(guess(), 429);
  EXPECT_EQ(guess("198.51.100.7", ada.password), 429) << "the right password comes too late";
  EXPECT_EQ(guess("203.0.113.9", ada.password), 200) << "the owner elsewhere is not locked out";
}

TEST_F(AttackProtection, counts_an_account_from_everywhere_where_the_tenant_says_so) {
  set("brute-force-protection", {{"max_attempts", 2}, {"mode", "count_per_identifier"}});
  EXPECT_EQ(guess("198.51.100.7"), 403);
  EXPECT_EQ(guess("203.0.113.9"), 403);
  EXPECT_EQ(guess("192.0.2.1", ada.password), 429);
}

TEST_F(AttackProtection, does_not_count_addresses_that_are_exempt) {
  set("brute-force-protection", {{"max_attempts", 1}, {"allowlist", json::array{"198.51.100.0/24", "2001:db8::/32"}}});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(guess(), 403);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(guess("2001:db8::7"), 403);
  EXPECT_EQ(guess("203.0.113.9"), 403);
  EXPECT_EQ(guess("203.0.113.9"), 429);
  EXPECT_THAT(refused(Method::patch, "attack-protection/brute-force-protection", {{"allowlist", json::array{"example.com"}}}),
              HasSubstr("allowlist[0]"));
}

TEST_F(AttackProtection, can_be_switched_off_one_by_one) {
  set("brute-force-protection", {{"enabled", false}, {"max_attempts", 1}});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(guess(), 403);
  set("suspicious-ip-throttling", {{"stage", json::object{{"pre-login", json::object{{"max_attempts", 2}}}}}});
  EXPECT_EQ(guess("203.0.113.9"), 403);
  EXPECT_EQ(guess("203.0.113.9", "wrong", "bob@example.com"), 403);
  EXPECT_EQ(guess("203.0.113.9", "wrong", "eve@example.com"), 429);
  set("suspicious-ip-throttling", {{"shields", json::array{"admin_notification"}}});
  EXPECT_EQ(guess("203.0.113.9"), 403) << "nothing is blocked without the shield";
}

TEST_F(AttackProtection, refuses_what_is_not_enforced) {
  const auto path = "attack-protection/suspicious-ip-throttling";
  EXPECT_THAT(refused(Method::patch, path, {{"stage", json::object{{"pre-login", json::object{{"rate", 1728000}}}}}}),
              HasSubstr("counted for a day"));
  EXPECT_THAT(
      refused(Method::patch, path, {{"stage", json::object{{"pre-user-registration", json::object{{"max_attempts", 5}}}}}}),
      HasSubstr("is refused: sign-up has limits of its own"));
  // What it shows can be sent back.
  EXPECT_EQ(status(Method::patch, path, *json::parse(get(path))), 200);
}

}  // namespace
}  // namespace segue::test
