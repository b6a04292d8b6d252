#include "management/tenants_api.h"

#include "management/answers.h"
#include "management/tenant_fields.h"
#include "management/tenant_rules.h"
#include "store/tenants.h"

namespace segue::management {
namespace tenants_api {
namespace {

base::Result<http::Response> get_settings(const Services& services, Invocation& invocation) {
  const auto filter_fields = TRY(FieldFilter::read(invocation.query, tenant_answer_fields()));
  auto settings = services.tenants.store().read(invocation.call.tenant,
                                                [](const store::Reader& r) { return store::tenants::find(r).value().settings; });
  return json_answer(200, filter_fields.apply(settings_answer(std::move(settings))));
}

base::Result<http::Response> update_settings(const Services& services, Invocation& invocation) {
  const auto& patch = invocation.body.get_object();
  auto changed = services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<json::object> {
    const auto before = store::tenants::find_for_change(w).value().settings;
    auto settings = TRY(changed_settings(before, patch));
    // Tools send what they were shown, defaults included.
    if (settings_answer(settings) == settings_answer(before)) return before;
    store::tenants::update_settings(w, settings);
    append_change(w, invocation, 200);
    return settings;
  });
  if (!changed.ok()) return changed.error();
  return json_answer(200, settings_answer(std::move(*changed)));
}

const Operation kGet{.method = http::Method::get,
                     .path = "/api/v2/tenants/settings",
                     .id = "tenant_settings_route",
                     .scopes = {"read:tenant_settings"},
                     .query = field_filter_query(),
                     .statuses = {200},
                     .summary = "Get tenant settings",
                     .handler = get_settings};
const Operation kUpdate{.method = http::Method::patch,
                        .path = "/api/v2/tenants/settings",
                        .id = "patch_settings",
                        .scopes = {"update:tenant_settings"},
                        .body = &tenant_update_schema(),
                        .statuses = {200},
                        .summary = "Update tenant settings",
                        .handler = update_settings};

}  // namespace
}  // namespace tenants_api

std::vector<const Operation*> tenant_operations() {
  using namespace tenants_api;
  return {&kGet, &kUpdate};
}

}  // namespace segue::management
