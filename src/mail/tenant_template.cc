#include "mail/tenant_template.h"

#include <algorithm>
#include <array>

#include "base/log.h"
#include "base/text.h"

namespace segue::mail {
namespace {

constexpr std::string_view kDocument = "email_template";
constexpr std::array<std::string_view, 19> kVariables = {
    "user",   "application",   "client",      "connection",    "organization", "tenant",           "friendly_name",
    "domain", "url",           "code",        "support_email", "support_url",  "request_language", "inviter",
    "roles",  "custom_domain", "picture_url", "email",         "locale"};

// The settings of the template while it is on.
std::shared_ptr<const json::object> standing(const tenancy::Snapshot& tenant, std::string_view name) {
  auto document = tenant.settings_document(kDocument, name);
  return document && json::find_bool(*document, "enabled").value_or(false) ? document : nullptr;
}

json::object user_values(const model::User& user) {
  json::object out;
  for (const auto* name : {"name", "nickname", "given_name", "family_name", "picture", "user_metadata", "app_metadata"}) {
    if (const auto* const value = json::find(user.profile, name)) out[name] = *value;
  }
  out["user_id"] = user.subject();
  out["email"] = user.email;
  out["username"] = user.username;
  out["email_verified"] = user.email_verified;
  return out;
}

// "https://app.example" of the first callback: what resultUrl is usually built on.
std::string callback_domain(const model::Client& client) {
  if (client.callbacks.empty()) return {};
  const auto& first = client.callbacks.front();
  const auto path = first.find('/', first.find("://") + 3);
  return first.find("://") == std::string::npos ? std::string() : first.substr(0, path);
}

json::object values_of(const Occasion& about) {
  auto out = about.more;
  const auto& tenant = about.tenant.tenant();
  out["tenant"] = tenant.name;
  out["domain"] = about.domain;
  out["friendly_name"] = json::find_string(tenant.settings, "friendly_name").value_or(std::string(about.domain));
  for (const auto* name : {"support_email", "support_url", "picture_url"})
    out[name] = json::find_string(tenant.settings, name).value_or("");
  out["url"] = about.url;
  if (about.user != nullptr) {
    out["user"] = user_values(*about.user);
    out["email"] = about.user->email;
  }
  if (about.connection != nullptr) out["connection"] = json::object{{"name", about.connection->name}};
  if (about.client != nullptr) {
    json::object application{{"name", about.client->name},
                             {"clientID", about.client->client_id},
                             {"client_id", about.client->client_id},
                             {"callback_domain", callback_domain(*about.client)},
                             {"metadata", json::object_or_empty(about.client->document, "client_metadata")},
                             {"clientMetadata", json::object_or_empty(about.client->document, "client_metadata")}};
    out["client"] = application;
    out["application"] = std::move(application);
  }
  if (about.organization != nullptr) {
    auto organization = about.organization->document;
    organization["id"] = about.organization->organization_id;
    organization["name"] = about.organization->name;
    out["organization"] = std::move(organization);
  }
  return out;
}

// Nothing for a field that is empty or cannot be rendered any more.
std::optional<std::string> rendered(const json::object& document, std::string_view field, const json::object& values,
                                    LiquidTemplate::Escaping escaping) {
  const auto text = json::find_string(document, field);
  if (!text || text->empty()) return std::nullopt;
  const auto parsed = LiquidTemplate::parse(*text, kVariables);
  auto out = parsed.ok() ? parsed->render(values, escaping) : base::Result<std::string>(parsed.error());
  if (out.ok()) return std::move(*out);
  base::log::warn("a mail template cannot be used", {{"field", std::string(field)}, {"reason", out.error().description}});
  return std::nullopt;
}

}  // namespace

std::span<const std::string_view> template_variables() { return kVariables; }

base::Outcome check_template(const json::object& document) {
  for (const auto* field : {"body", "from", "subject", "resultUrl"}) {
    const auto text = json::find_string(document, field);
    if (!text) continue;
    auto parsed = LiquidTemplate::parse(*text, kVariables);
    if (parsed.ok()) continue;
    auto error = std::move(parsed).error();
    error.description = std::string(field) + ", " + error.description;
    return error;
  }
  return base::Unit{};
}

Message in_words_of_tenant(Message own, const Occasion& about) {
  const auto document = standing(about.tenant, about.name);
  if (!document) return own;
  const auto values = values_of(about);
  using Escaping = LiquidTemplate::Escaping;
  if (auto body = rendered(*document, "body", values, Escaping::html)) own.html = std::move(*body);
  if (auto subject = rendered(*document, "subject", values, Escaping::none)) own.subject = base::shortened(*subject, 500);
  if (auto from = rendered(*document, "from", values, Escaping::none)) own.from = std::move(*from);
  return own;
}

bool is_asked_for(const tenancy::Snapshot& tenant, std::string_view name) { return standing(tenant, name) != nullptr; }

base::Duration link_lifetime(const tenancy::Snapshot& tenant, std::string_view name) {
  constexpr std::int64_t kFiveDays = 432000;
  const auto document = standing(tenant, name);
  const auto* const seconds = document ? json::find(*document, "urlLifetimeInSeconds") : nullptr;
  const auto wanted = seconds != nullptr && seconds->is_number() ? seconds->to_number<double>() : 0.0;
  return std::chrono::seconds(wanted >= 1 ? static_cast<std::int64_t>(wanted) : kFiveDays);
}

std::string result_url(const Occasion& about) {
  const auto document = standing(about.tenant, about.name);
  if (!document) return {};
  auto url = rendered(*document, "resultUrl", values_of(about), LiquidTemplate::Escaping::none).value_or("");
  return is_result_url(url) ? url : std::string();
}

bool is_result_url(std::string_view url) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!base::ascii_lower(url.substr(0, scheme.size())).starts_with(scheme)) continue;
    const auto rest = url.substr(scheme.size());
    const auto host = rest.substr(0, rest.find_first_of("/?#"));
    return !host.empty() && host.find('@') == std::string_view::npos && url.size() <= 2048 &&
           std::none_of(url.begin(), url.end(), [](char c) {
             return static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f || c == '\\' || c == '"' ||
                    c == '<' || c == '>';
           });
  }
  return false;
}

bool includes_email_in_redirect(const tenancy::Snapshot& tenant, std::string_view name) {
  const auto document = standing(tenant, name);
  return document && json::find_bool(*document, "includeEmailInRedirect").value_or(false);
}

}  // namespace segue::mail
