#include "management/settings_fields.h"

#include <algorithm>

namespace segue::management {
namespace settings_fields {
namespace {

using Fields = std::vector<Field>;

constexpr const char* kOneLook = "the pages have one look here";
constexpr const char* kNoPhone = "no telephone is called or written to from here";
constexpr const char* kNoMail = "nobody is told by mail";
constexpr const char* kOfExchange = "token exchanges have limits of their own here";
constexpr const char* kWithSignUp = "sign-up has limits of its own here";

Field flag(std::string name, std::string description) {
  return {.name = std::move(name), .type = Type::boolean, .description = std::move(description)};
}
Field number(std::string name, std::int64_t least, std::int64_t most, std::string description) {
  return {
      .name = std::move(name), .type = Type::number, .description = std::move(description), .minimum = least, .maximum = most};
}
Field integer(std::string name, std::int64_t least, std::int64_t most, std::string description) {
  auto out = number(std::move(name), least, most, std::move(description));
  out.type = Type::integer;
  return out;
}
Field one_of(std::string name, std::vector<std::string> values, std::string description) {
  return {.name = std::move(name), .description = std::move(description), .one_of = std::move(values)};
}
Field color(std::string name) {
  return {.name = std::move(name), .description = "Color", .max_length = 9, .format = Format::html_color};
}
Field url(std::string name, Format format, std::string description) {
  return {.name = std::move(name), .description = std::move(description), .max_length = 2048, .format = format};
}
Field object_of(std::string name, Fields members, std::string description) {
  return {.name = std::move(name), .type = Type::object, .description = std::move(description), .members = std::move(members)};
}
Field list_of(std::string name, Field item, std::string description) {
  return {.name = std::move(name),
          .type = Type::array,
          .description = std::move(description),
          .max_length = 100,
          .items = {std::move(item)}};
}
Field nullable(Field field) {
  field.nullable = true;
  return field;
}
Fields all_required(Fields fields) {
  for (auto& field : fields) field.required = true;
  return fields;
}

// --- Look ---

Fields branding() {
  const auto image = [](std::string name) {
    return nullable(kept(kOneLook, url(std::move(name), Format::strict_https_uri_or_null, "URL of an image")));
  };
  return {
      kept(kOneLook, nullable(object_of(
                         "colors",
                         {nullable(color("primary")),
                          {.name = "page_background", .type = Type::any, .description = "Color or gradient", .nullable = true}},
                         "Colors of the pages"))),
      image("favicon_url"), image("logo_url"),
      kept(kOneLook, nullable(object_of("font", {nullable(url("url", Format::strict_https_uri_or_null, "URL of a font"))},
                                        "Font of the pages")))};
}

Fields theme() {
  const auto text_style = [](std::string name, std::int64_t least) {
    return object_of(std::move(name),
                     all_required({flag("bold", "Whether the text is bold"), number("size", least, 150, "Size")}),
                     "Style of a text");
  };
  const auto shape = [](std::string name) { return one_of(std::move(name), {"pill", "rounded", "sharp"}, "Shape"); };
  const auto side = [](std::string name) { return one_of(std::move(name), {"center", "left", "right"}, "Place"); };
  auto colors = Fields{};
  for (const auto* name : {"body_text", "error", "header", "icons", "input_background", "input_border", "input_filled_text",
                           "input_labels_placeholders", "links_focused_components", "primary_button", "primary_button_label",
                           "secondary_button_border", "secondary_button_label", "success", "widget_background", "widget_border"})
    colors.push_back(color(name));
  colors = all_required(std::move(colors));
  for (const auto* name : {"base_focus_color", "base_hover_color", "read_only_background"}) colors.push_back(color(name));
  colors.push_back(one_of("captcha_widget_theme", {"auto", "dark", "light"}, "Theme of a captcha"));
  Fields out{
      object_of("borders",
                all_required({number("button_border_radius", 1, 10, "Radius"), number("button_border_weight", 0, 10, "Weight"),
                              shape("buttons_style"), number("input_border_radius", 0, 10, "Radius"),
                              number("input_border_weight", 0, 3, "Weight"), shape("inputs_style"),
                              flag("show_widget_shadow", "Whether the form has a shadow"),
                              number("widget_border_weight", 0, 10, "Weight"), number("widget_corner_radius", 0, 50, "Radius")}),
                "Borders"),
      object_of("colors", std::move(colors), "Colors"),
      object_of("fonts",
                all_required(
                    {text_style("body_text", 0), text_style("buttons_text", 0),
                     url("font_url", Format::absolute_https_uri_or_empty, "URL of the font"), text_style("input_labels", 0),
                     text_style("links", 0), one_of("links_style", {"normal", "underlined"}, "Style of links"),
                     number("reference_text_size", 12, 24, "Size of text"), text_style("subtitle", 0), text_style("title", 75)}),
                "Fonts"),
      object_of("page_background",
                all_required({color("background_color"),
                              url("background_image_url", Format::absolute_https_uri_or_empty, "URL of an image"),
                              side("page_layout")}),
                "Background"),
      object_of("widget",
                all_required({side("header_text_alignment"), number("logo_height", 1, 100, "Height of the logo"),
                              one_of("logo_position", {"center", "left", "none", "right"}, "Place of the logo"),
                              url("logo_url", Format::absolute_https_uri_or_empty, "URL of the logo"),
                              one_of("social_buttons_layout", {"bottom", "top"}, "Place of the buttons")}),
                "Form")};
  out = all_required(std::move(out));
  out.push_back(object_of("identifiers",
                          {one_of("login_display", {"separate", "unified"}, "How identifiers are asked for"),
                           flag("otp_autocomplete", "Whether a code is filled in"),
                           object_of("phone_display",
                                     {one_of("formatting", {"international", "regional"}, "How a number is written"),
                                      one_of("masking", {"hide_country_code", "mask_digits", "show_all"}, "What of it is shown")},
                                     "Phone numbers")},
                          "Identifiers"));
  out.push_back({.name = "displayName", .description = "Name of the theme", .max_length = 2048});
  for (auto& field : out) field = kept(kOneLook, std::move(field));
  return out;
}

Fields prompts() {
  return {refused(R"("new")", "the classic pages are not served here",
                  one_of("universal_login_experience", {"new", "classic"}, "Which pages are shown")),
          kept(kOneLook, nullable(flag("identifier_first", "Whether the password has a page of its own"))),
          kept(kOneLook, nullable(flag("webauthn_platform_first_factor", "Whether a device's own authenticator is offered")))};
}

// --- Attack protection ---

Field allowlist() {
  return enforced(list_of("allowlist", {.name = "", .description = "Address or network", .format = Format::address_or_network},
                          "Addresses that are not counted"));
}
Field shields(std::vector<std::string> values) {
  return enforced(list_of("shields", one_of("", std::move(values), std::string("What is done: only block is, ") + kNoMail),
                          "What is done about it"));
}

Fields brute_force() {
  return {enforced(flag("enabled", "Whether guesses of one account's password are stopped")),
          shields({"block", "user_notification"}), allowlist(),
          enforced(one_of("mode", {"count_per_identifier_and_ip", "count_per_identifier"}, "What is counted")),
          enforced(integer("max_attempts", 1, 100, "Guesses until the account is blocked"))};
}

Fields suspicious_address() {
  return {enforced(flag("enabled", "Whether guesses from one address are stopped")), shields({"block", "admin_notification"}),
          allowlist(),
          object_of("stage",
                    {object_of("pre-login",
                               {enforced(integer("max_attempts", 1, 2500, "Guesses until the address is blocked")),
                                enforced(integer("rate", 34560, 86400000, "Milliseconds until one more is allowed"))},
                               "Sign-ins"),
                     object_of("pre-user-registration",
                               {refused("50", kWithSignUp, integer("max_attempts", 1, 72000, "Sign-ups until it is blocked")),
                                refused("1200", kWithSignUp, integer("rate", 1200, 86400000, "Milliseconds until one more"))},
                               "Sign-ups"),
                     object_of("pre-custom-token-exchange",
                               {refused("10", kOfExchange, integer("max_attempts", 1, 72000, "Exchanges until it is blocked")),
                                refused("600000", kOfExchange, integer("rate", 1200, 86400000, "Milliseconds until one more"))},
                               "Token exchanges")},
                    "Limits of what is tried")};
}

// --- Telephones ---

Fields phone_message_types() {
  auto types = list_of("message_types", one_of("", {"sms", "voice"}, "Kind of message"), "How codes are sent");
  types.required = true;
  return {kept(kNoPhone, std::move(types))};
}

Fields phone_templates() {
  const auto text = [](std::string name) {
    return kept(kNoPhone, {.name = std::move(name), .description = "Text of a message", .required = true, .max_length = 10000});
  };
  return {text("enrollment_message"), text("verification_message")};
}

Fields provider(std::vector<std::string> names, const char* reason) {
  auto out = one_of("provider", std::move(names), "Who sends");
  out.required = true;
  return {kept(reason, std::move(out))};
}

constexpr std::string_view kPartialsOf[] = {"login",     "login-id",        "login-password", "login-passwordless", "signup",
                                            "signup-id", "signup-password", "passkeys",       "customized-consent"};
constexpr std::string_view kPrompts[] = {"login-email-verification",
                                         "phone-identifier-enrollment",
                                         "phone-identifier-challenge",
                                         "email-identifier-challenge",
                                         "reset-password",
                                         "custom-form",
                                         "consent",
                                         "logout",
                                         "mfa-push",
                                         "mfa-otp",
                                         "mfa-voice",
                                         "mfa-phone",
                                         "mfa-webauthn",
                                         "mfa-sms",
                                         "mfa-email",
                                         "mfa-recovery-code",
                                         "mfa",
                                         "status",
                                         "device-flow",
                                         "email-verification",
                                         "email-otp-challenge",
                                         "organizations",
                                         "invitation",
                                         "common",
                                         "captcha",
                                         "brute-force-protection",
                                         "async-approval-flow",
                                         "confirmation"};

}  // namespace
}  // namespace settings_fields

#define SEGUE_SCHEMA(function, title, fields)                                   \
  const Schema& function() {                                                    \
    static const Schema schema = object_schema(title, settings_fields::fields); \
    return schema;                                                              \
  }
SEGUE_SCHEMA(branding_schema, "BrandingUpdate", branding())
SEGUE_SCHEMA(theme_schema, "Theme", theme())
SEGUE_SCHEMA(prompts_schema, "PromptsUpdate", prompts())
SEGUE_SCHEMA(brute_force_schema, "BruteForceProtectionUpdate", brute_force())
SEGUE_SCHEMA(suspicious_address_schema, "SuspiciousIpThrottlingUpdate", suspicious_address())
SEGUE_SCHEMA(phone_message_types_schema, "PhoneMessageTypes", phone_message_types())
SEGUE_SCHEMA(phone_templates_schema, "PhoneTemplates", phone_templates())
SEGUE_SCHEMA(phone_provider_schema, "PhoneProvider",
             provider({"auth0", "twilio", "phone-message-hook"}, settings_fields::kNoPhone))
SEGUE_SCHEMA(push_provider_schema, "PushProvider",
             provider({"guardian", "sns", "direct"}, "no push notifications are sent from here"))
#undef SEGUE_SCHEMA

const Schema& universal_login_template_schema() {
  static const Schema schema{
      "UniversalLoginTemplate",
      kept(settings_fields::kOneLook, {.name = "", .type = Type::any, .description = "The page, as a text or as {template}"})};
  return schema;
}

const Schema& prompt_texts_schema() {
  static const Schema schema{
      "PromptTexts",
      kept(settings_fields::kOneLook,
           {.name = "", .type = Type::object, .description = "Texts by screen and name", .max_length = 100, .open = true})};
  return schema;
}

bool is_prompt_with_partials(std::string_view name) {
  return std::find(std::begin(settings_fields::kPartialsOf), std::end(settings_fields::kPartialsOf), name) !=
         std::end(settings_fields::kPartialsOf);
}

bool is_prompt(std::string_view name) {
  return is_prompt_with_partials(name) || std::find(std::begin(settings_fields::kPrompts), std::end(settings_fields::kPrompts),
                                                    name) != std::end(settings_fields::kPrompts);
}

}  // namespace segue::management
