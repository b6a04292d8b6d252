#include "management/settings_api.h"

#include <cctype>

#include "management/answers.h"
#include "management/errors.h"
#include "management/settings_fields.h"
#include "protection/tenant_limits.h"
#include "store/settings_documents.h"

namespace segue::management {
namespace settings_api {
namespace {

namespace documents = store::settings_documents;

struct Setting {
  std::string_view path;  // behind /api/v2; its parameters name the document
  std::string_view kind;
  const Schema& (*body)();
  std::string_view scope;     // of read:… and update:…
  std::string_view defaults;  // JSON of what is shown where nothing is set
  http::Method write;         // patch merges, put replaces
  int status = 200;           // of a write
  base::Outcome (*check_name)(const http::Call& call) = nullptr;
  base::Outcome (*check)(const json::object& wanted) = nullptr;  // the whole, defaults included
};

base::Error invalid_parameter(std::string_view name, std::string_view value) {
  return {.kind = ErrorKind::invalid_input,
          .code = "invalid_uri",
          .description =
              "Path validation error: 'Invalid value \"" + std::string(value) + "\"' on property " + std::string(name) + "."};
}

base::Outcome check_prompt(const http::Call& call) {
  const auto prompt = call.path_parameter("prompt");
  if (!is_prompt(prompt)) return invalid_parameter("prompt", prompt);
  // A language tag, as the tenant's enabled_locales hold them.
  const auto language = call.path_parameter("language");
  if (language.size() < 2 || language.size() > 10) return invalid_parameter("language", language);
  return base::Unit{};
}
base::Outcome check_partial(const http::Call& call) {
  const auto prompt = call.path_parameter("prompt");
  if (!is_prompt_with_partials(prompt)) return invalid_parameter("prompt", prompt);
  return base::Unit{};
}

// Attempts are counted for a day (protection/brute_force.h): who may try more slowly than that would be counted as innocent.
base::Outcome check_counted_time(const json::object& wanted) {
  const auto* const stage = json::find_object(*json::find_object(wanted, "stage"), "pre-login");
  constexpr std::int64_t kDay = 86400000;
  if (json::find_integer(*stage, "max_attempts").value_or(0) * json::find_integer(*stage, "rate").value_or(0) <= kDay)
    return base::Unit{};
  return invalid_body(
      "stage.pre-login: max_attempts times rate is refused above 86400000: attempts are counted for a day, so give a lower rate");
}

constexpr std::string_view kPhoneTemplates =
    R"({"enrollment_message":"{{code}} is your verification code for {{tenant.friendly_name}}. Please enter this code to verify your enrollment.",)"
    R"("verification_message":"{{code}} is your verification code for {{tenant.friendly_name}}"})";
// What protection/tenant_limits.h says without settings.
constexpr std::string_view kBruteForce =
    R"({"enabled":true,"shields":["block","user_notification"],"allowlist":[],"mode":"count_per_identifier_and_ip","max_attempts":10})";
constexpr std::string_view kSuspiciousAddress =
    R"({"enabled":true,"shields":["admin_notification","block"],"allowlist":[],"stage":{"pre-login":{"max_attempts":100,"rate":864000},)"
    R"("pre-user-registration":{"max_attempts":50,"rate":1200}}})";

using http::Method;
const Setting kSettings[] = {
    // clang-format off
    {"/branding", "branding", branding_schema, "branding", "{}", Method::patch},
    {"/prompts", "prompts", prompts_schema, "prompts", R"({"universal_login_experience":"new","identifier_first":false,"webauthn_platform_first_factor":false})", Method::patch},
    {"/prompts/{prompt}/custom-text/{language}", "custom_text", prompt_texts_schema, "prompts", "{}", Method::put, 200, check_prompt},
    {"/prompts/{prompt}/partials", "partials", prompt_texts_schema, "prompts", "{}", Method::put, 200, check_partial},
    {"/attack-protection/brute-force-protection", protection::kBruteForceSettings, brute_force_schema, "attack_protection", kBruteForce, Method::patch},
    {"/attack-protection/suspicious-ip-throttling", protection::kSuspiciousAddressSettings, suspicious_address_schema, "attack_protection", kSuspiciousAddress, Method::patch, 200, nullptr, check_counted_time},
    {"/guardian/factors/phone/message-types", "phone_message_types", phone_message_types_schema, "guardian_factors", R"({"message_types":[]})", Method::put},
    {"/guardian/factors/sms/templates", "sms_templates", phone_templates_schema, "guardian_factors", kPhoneTemplates, Method::put},
    {"/guardian/factors/phone/templates", "phone_templates", phone_templates_schema, "guardian_factors", kPhoneTemplates, Method::put},
    {"/guardian/factors/phone/selected-provider", "phone_provider", phone_provider_schema, "guardian_factors", R"({"provider":"auth0"})", Method::put},
    {"/guardian/factors/sms/selected-provider", "sms_provider", phone_provider_schema, "guardian_factors", R"({"provider":"auth0"})", Method::put},
    {"/guardian/factors/push-notification/selected-provider", "push_provider", push_provider_schema, "guardian_factors", R"({"provider":"guardian"})", Method::put},
    // clang-format on
};

struct Served {
  std::vector<Operation> operations;
  std::vector<const Setting*> settings;  // of the operation at the same place
};
const Served& served();
const Setting& setting_of(const Operation& operation) {
  return *served().settings.at(static_cast<std::size_t>(&operation - served().operations.data()));
}

// "login/en" of /prompts/{prompt}/custom-text/{language}
std::string name_of(const http::Call& call) {
  std::string out;
  for (const auto* part : {"prompt", "language"}) {
    const auto value = call.path_parameter(part);
    if (!value.empty()) out.append(out.empty() ? "" : "/").append(value);
  }
  return out;
}

// Two levels, as they are merged: `colors` of the branding, `stage` of the attack protection.
constexpr int kDepth = 3;

json::object answer_of(const Setting& setting, const json::object& document) {
  auto out = json::parse(setting.defaults)->get_object();
  if (setting.write == Method::put && !document.empty()) {
    out = document;
  } else {
    merge_patch(out, document, kDepth);
  }
  return in_order_of(setting.body().root, std::move(out));
}

base::Result<http::Response> read(const Services& services, Invocation& invocation) {
  const auto& setting = setting_of(invocation.operation);
  if (setting.check_name != nullptr) TRY(setting.check_name(invocation.call));
  const auto found = services.tenants.store().read(
      invocation.call.tenant, [&](const store::Reader& r) { return documents::find(r, setting.kind, name_of(invocation.call)); });
  return json_answer(200, answer_of(setting, found ? found->document : json::object{}));
}

// A screen without texts is none.
json::object without_empty_screens(json::object texts) {
  json::object out;
  for (auto& screen : texts) {
    const auto* const members = screen.value().if_object();
    if (members == nullptr || !members->empty()) out[screen.key()] = std::move(screen.value());
  }
  return out;
}

base::Result<http::Response> write(const Services& services, Invocation& invocation) {
  const auto& setting = setting_of(invocation.operation);
  if (setting.check_name != nullptr) TRY(setting.check_name(invocation.call));
  const auto name = name_of(invocation.call);
  const auto& body = invocation.body.get_object();
  const auto changed = services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<json::object> {
    const auto found = documents::find_for_change(w, setting.kind, name);
    const auto standing = found ? found->document : json::object{};
    auto wanted = standing;
    if (setting.write == Method::put) {
      wanted = without_empty_screens(body);
    } else {
      merge_patch(wanted, body, kDepth);
    }
    if (setting.check != nullptr) TRY(setting.check(answer_of(setting, wanted)));
    // Tools send what stands there again and again: that is no change.
    if (answer_of(setting, wanted) == answer_of(setting, standing)) return standing;
    documents::put(w, {.kind = std::string(setting.kind), .name = name, .document = wanted, .sealed = {}}, invocation.now);
    append_change(w, invocation, setting.status);
    return wanted;
  });
  if (!changed.ok()) return changed.error();
  return json_answer(setting.status, answer_of(setting, *changed));
}

std::string id_of(std::string_view method, std::string_view path) {
  std::string out(method);
  for (const char c : path) out += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return out;
}

Served make_served() {
  Served out;
  for (const auto& setting : kSettings) {
    const auto path = "/api/v2" + std::string(setting.path), scope = std::string(setting.scope);
    out.operations.push_back({.method = Method::get,
                              .path = path,
                              .id = id_of("get", setting.path),
                              .scopes = {"read:" + scope},
                              .statuses = {200},
                              .summary = "Get settings: " + std::string(setting.kind),
                              .handler = read});
    out.operations.push_back({.method = setting.write,
                              .path = path,
                              .id = id_of(setting.write == Method::put ? "put" : "patch", setting.path),
                              .scopes = {"update:" + scope},
                              .body = &setting.body(),
                              .statuses = {setting.status},
                              .summary = "Update settings: " + std::string(setting.kind),
                              .handler = write});
    out.settings.insert(out.settings.end(), 2, &setting);
  }
  return out;
}

const Served& served() {
  static const Served all = make_served();
  return all;
}

}  // namespace
}  // namespace settings_api

std::vector<const Operation*> settings_operations() {
  std::vector<const Operation*> out;
  for (const auto& operation : settings_api::served().operations) out.push_back(&operation);
  return out;
}

}  // namespace segue::management
