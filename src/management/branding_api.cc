#include "management/branding_api.h"

#include "base/text.h"
#include "management/answers.h"
#include "management/errors.h"
#include "management/settings_fields.h"
#include "store/settings_documents.h"

namespace segue::management {
namespace branding_api {
namespace {

namespace documents = store::settings_documents;

constexpr std::string_view kTemplate = "universal_login_template", kTheme = "theme";
constexpr std::size_t kLongestTemplate = 102400;

// --- Template ---

base::Error inexistent_template() { return not_found("The template does not exist", "inexistent_templates_universal_login"); }

base::Result<std::string> template_of(const json::value& body) {
  const auto* const o = body.if_object();
  auto text = body.is_string() ? std::string(body.get_string())
              : o != nullptr   ? json::find_string(*o, "template").value_or("")
                               : "";
  if (text.empty() || base::character_count(text) > kLongestTemplate)
    return invalid_body("Payload validation error: 'A template of 1 to 102400 characters is needed' on property template.");
  // What a page of the tenant cannot do without (Auth0 refuses a template that lacks them too).
  for (const auto* tag : {"{%- auth0:head -%}", "{%- auth0:widget -%}"}) {
    const auto bare = std::string(tag).substr(4, std::string_view(tag).size() - 8);
    if (text.find(bare) == std::string::npos)
      return invalid_body("Payload validation error: 'The template needs " + std::string(tag) + "' on property template.");
  }
  return text;
}

base::Result<http::Response> get_template(const Services& services, Invocation& invocation) {
  const auto found = services.tenants.store().read(invocation.call.tenant,
                                                   [](const store::Reader& r) { return documents::find(r, kTemplate, ""); });
  if (!found) return inexistent_template();
  return json_answer(200, json::object{{"body", json::find_string(found->document, "template").value_or("")}});
}

base::Result<http::Response> set_template(const Services& services, Invocation& invocation) {
  const auto text = TRY(template_of(invocation.body));
  const bool created = services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) {
    const auto standing = documents::find_for_change(w, kTemplate, "");
    if (standing && json::find_string(standing->document, "template") == text) return false;
    documents::put(w, {.kind = std::string(kTemplate), .name = "", .document = {{"template", text}}, .sealed = {}},
                   invocation.now);
    append_change(w, invocation, standing ? 204 : 201);
    return !standing;
  });
  return http::empty_response(created ? 201 : 204);
}

base::Result<http::Response> delete_template(const Services& services, Invocation& invocation) {
  services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) {
    const bool deleted = documents::delete_one(w, kTemplate, "");
    if (deleted) append_change(w, invocation, 204);
    return deleted;
  });
  return http::empty_response(204);
}

// --- Themes: a tenant has one at most ---

base::Error inexistent_theme() {
  return not_found("There was an error retrieving branding settings: theme not found", "theme_not_found");
}

json::object answer_of(const documents::Document& theme) {
  auto out = in_order_of(theme_schema().root, theme.document);
  out["themeId"] = theme.name;
  return out;
}

base::Result<http::Response> get_theme(const Services& services, Invocation& invocation) {
  const auto id = invocation.call.path_parameter("themeId");
  const auto themes =
      services.tenants.store().read(invocation.call.tenant, [](const store::Reader& r) { return documents::list(r, kTheme); });
  for (const auto& theme : themes) {
    if (id.empty() || theme.name == id) return json_answer(200, answer_of(theme));
  }
  return inexistent_theme();
}

base::Result<http::Response> create_theme(const Services& services, Invocation& invocation) {
  documents::Document theme{.kind = std::string(kTheme),
                            .name = services.random.text(32, base::kAlphanumeric),
                            .document = invocation.body.get_object(),
                            .sealed = {}};
  return services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    documents::find_for_change(w, kTheme, "");
    if (!documents::list(w, kTheme).empty())
      return conflict("There is a theme already: a tenant has one at most", "theme_already_exists");
    documents::put(w, theme, invocation.now);
    append_change(w, invocation, 200);
    return json_answer(200, answer_of(theme));
  });
}

base::Result<http::Response> update_theme(const Services& services, Invocation& invocation) {
  return services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    auto theme = documents::find_for_change(w, kTheme, invocation.call.path_parameter("themeId"));
    if (!theme) return inexistent_theme();
    auto wanted = invocation.body.get_object();
    if (!wanted.contains("displayName")) wanted["displayName"] = theme->document["displayName"];
    if (wanted != theme->document) {
      theme->document = std::move(wanted);
      documents::put(w, *theme, invocation.now);
      append_change(w, invocation, 200);
    }
    return json_answer(200, answer_of(*theme));
  });
}

base::Result<http::Response> delete_theme(const Services& services, Invocation& invocation) {
  return services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<http::Response> {
    if (!documents::delete_one(w, kTheme, invocation.call.path_parameter("themeId"))) return inexistent_theme();
    append_change(w, invocation, 204);
    return http::empty_response(204);
  });
}

Operation operation(http::Method method, std::string path, std::string id, std::string verb, std::vector<int> statuses,
                    std::string summary, OperationHandler handler, const Schema* body = nullptr) {
  return {.method = method,
          .path = "/api/v2/branding/" + std::move(path),
          .id = std::move(id),
          .scopes = {std::move(verb) + ":branding"},
          .body = body,
          .statuses = std::move(statuses),
          .summary = std::move(summary),
          .handler = handler};
}

using http::Method;
const Operation kOperations[] = {
    operation(Method::get, "templates/universal-login", "get_universal-login", "read", {200, 404},
              "Get template for New Universal Login Experience", get_template),
    operation(Method::put, "templates/universal-login", "put_universal-login", "update", {201, 204},
              "Set template for New Universal Login Experience", set_template, &universal_login_template_schema()),
    operation(Method::delete_, "templates/universal-login", "delete_universal-login", "delete", {204},
              "Delete template for New Universal Login Experience", delete_template),
    operation(Method::post, "themes", "post_branding_theme", "update", {200, 409}, "Create branding theme", create_theme,
              &theme_schema()),
    operation(Method::get, "themes/default", "get_default_branding_theme", "read", {200, 404}, "Get default branding theme",
              get_theme),
    operation(Method::get, "themes/{themeId}", "get_branding_theme", "read", {200, 404}, "Get branding theme", get_theme),
    operation(Method::patch, "themes/{themeId}", "patch_branding_theme", "update", {200, 404}, "Update branding theme",
              update_theme, &theme_schema()),
    operation(Method::delete_, "themes/{themeId}", "delete_branding_theme", "delete", {204, 404}, "Delete branding theme",
              delete_theme),
};

}  // namespace
}  // namespace branding_api

std::vector<const Operation*> branding_operations() {
  std::vector<const Operation*> out;
  for (const auto& operation : branding_api::kOperations) out.push_back(&operation);
  return out;
}

}  // namespace segue::management
