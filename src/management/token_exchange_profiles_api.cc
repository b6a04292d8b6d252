// /api/v2/token-exchange-profiles: which Action answers a token exchange of a subject token type (contract §3.4).
#include "base/text.h"
#include "management/action_rules.h"
#include "management/actions_api.h"
#include "management/answers.h"
#include "management/uri.h"
#include "model/action_trigger.h"
#include "store/actions.h"
#include "store/token_exchange_profiles.h"

namespace segue::management {
namespace token_exchange_profiles_api {
namespace {

namespace profiles = store::token_exchange_profiles;

constexpr int kMostProfiles = 100;

std::vector<Field> changeable_fields() {
  return {enforced({.name = "name", .description = "Friendly name of this profile", .min_length = 3, .max_length = 50}),
          enforced({.name = "subject_token_type",
                    .description = "Type of the subject tokens that the profile takes",
                    .min_length = 8,
                    .max_length = 100})};
}

Schema create_schema() {
  auto fields = changeable_fields();
  fields.push_back(
      enforced({.name = "action_id", .description = "The Action that validates them", .min_length = 1, .max_length = 36}));
  fields.push_back(enforced({.name = "type", .description = "Type of the profile", .one_of = {"custom_authentication"}}));
  for (auto& field : fields) field.required = true;
  return object_schema("TokenExchangeProfileCreate", std::move(fields));
}

const Schema kCreateSchema = create_schema();
const Schema kUpdateSchema = object_schema("TokenExchangeProfileUpdate", changeable_fields());

json::object answer_of(const model::TokenExchangeProfile& profile) {
  return {{"id", profile.profile_id},
          {"name", profile.name},
          {"subject_token_type", profile.subject_token_type},
          {"action_id", profile.action_id},
          {"type", profile.type},
          {"created_at", base::to_iso8601(profile.created_at)},
          {"updated_at", base::to_iso8601(profile.updated_at)}};
}

// A URI that nobody else has given a meaning: those of the standards and of the products that clients know are not an operator's
// to redefine (contract §3.4).
base::Outcome check_type(const std::string& type) {
  const auto lower = base::ascii_lower(type);
  const bool is_urn = lower.starts_with("urn:") && lower.size() > 8 && lower.find(':', 4) != std::string::npos;
  if ((!is_urn && !is_absolute_uri(type)) || type.find_first_of(" \t\r\n") != std::string::npos)
    return refused("subject_token_type is not a URI. Use an https URL or a URN of your own");
  for (const auto* reserved :
       {"urn:ietf:", "urn:auth0:", "urn:okta:", "http://auth0.com", "https://auth0.com", "http://okta.com", "https://okta.com"}) {
    if (lower.starts_with(reserved)) {
      return refused("subject_token_type: \"" + std::string(reserved) + "\" is reserved. Use an https URL or a URN of your own");
    }
  }
  return base::Unit{};
}

base::Outcome check_action(const store::Reader& r, const std::string& action_id) {
  const auto action = store::actions::find(r, action_id);
  if (!action) return refused("Action not found");
  if (action->trigger_id != model::kCustomTokenExchange)
    return refused("Action must have supported_triggers: custom-token-exchange");
  if (!action->deployed_version) return refused("Action is not deployed");
  return base::Unit{};
}

base::Error type_is_taken() { return conflict("subject_token_type already exists for tenant", ""); }
base::Error inexistent_profile() { return not_found("Token Exchange Profile not found", ""); }

base::Result<http::Response> list_profiles(const Services& services, Invocation& invocation) {
  const auto paging = TRY(read_paging(invocation.query));
  json::array items;
  std::vector<std::string> keys;
  for (const auto& profile : services.tenants.store().read(
           invocation.call.tenant, [&](const store::Reader& r) { return profiles::list_after(r, paging.keyset); })) {
    items.push_back(answer_of(profile));
    keys.push_back(profile.profile_id);
  }
  return checkpoint_answer("token_exchange_profiles", paging, std::move(items), keys);
}

base::Result<http::Response> get_profile(const Services& services, Invocation& invocation) {
  const auto found = services.tenants.store().read(
      invocation.call.tenant, [&](const store::Reader& r) { return profiles::find(r, invocation.call.path_parameter("id")); });
  if (!found) return inexistent_profile();
  return json_answer(200, answer_of(*found));
}

base::Result<http::Response> create_profile(const Services& services, Invocation& invocation) {
  const auto& body = invocation.body.get_object();
  const auto text = [&](std::string_view name) { return json::find_string(body, name).value_or(""); };
  const model::TokenExchangeProfile profile{.profile_id = "tep_" + services.random.text(16, base::kAlphanumeric),
                                            .name = text("name"),
                                            .subject_token_type = text("subject_token_type"),
                                            .action_id = text("action_id"),
                                            .type = text("type"),
                                            .created_at = invocation.now,
                                            .updated_at = invocation.now};
  TRY(check_type(profile.subject_token_type));
  if (!services.actions.runs(model::kCustomTokenExchange))
    return refused("Token exchange profiles are refused: nothing runs Actions of custom-token-exchange on this server");
  const auto created = services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Outcome {
    one_at_a_time(w);
    TRY(check_action(w, profile.action_id));
    if (profiles::count(w) >= kMostProfiles) return too_many_entities("token exchange profiles", kMostProfiles);
    if (profiles::insert(w, profile) == profiles::Written::taken) return type_is_taken();
    append_change(w, invocation, 201);
    return base::Unit{};
  });
  if (!created.ok()) return created.error();
  return json_answer(201, answer_of(profile));
}

base::Result<http::Response> update_profile(const Services& services, Invocation& invocation) {
  const auto& body = invocation.body.get_object();
  const auto changed =
      services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<model::TokenExchangeProfile> {
        one_at_a_time(w);
        auto profile = profiles::find(w, invocation.call.path_parameter("id"));
        if (!profile) return not_found("Token exchange profile not found", "");
        if (auto name = json::find_string(body, "name")) profile->name = std::move(*name);
        if (auto type = json::find_string(body, "subject_token_type")) {
          TRY(check_type(*type));
          profile->subject_token_type = std::move(*type);
        }
        profile->updated_at = invocation.now;
        if (profiles::update(w, *profile) == profiles::Written::taken)
          return conflict("Token exchange profile with the same subject_token_type already exists", "");
        append_change(w, invocation, 200);
        return std::move(*profile);
      });
  if (!changed.ok()) return changed.error();
  return json_answer(200, answer_of(*changed));
}

base::Result<http::Response> delete_profile(const Services& services, Invocation& invocation) {
  services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) {
    const bool deleted = profiles::delete_one(w, invocation.call.path_parameter("id"));
    if (deleted) append_change(w, invocation, 204);
    return deleted;
  });
  return http::empty_response(204);
}

const Operation kList{.method = http::Method::get,
                      .path = "/api/v2/token-exchange-profiles",
                      .id = "get_token-exchange-profiles",
                      .scopes = {"read:token_exchange_profiles"},
                      .query = keyset_query({}),
                      .statuses = {200},
                      .summary = "Get token exchange profiles",
                      .handler = list_profiles};
const Operation kCreate{.method = http::Method::post,
                        .path = "/api/v2/token-exchange-profiles",
                        .id = "post_token-exchange-profiles",
                        .scopes = {"create:token_exchange_profiles"},
                        .body = &kCreateSchema,
                        .statuses = {201, 409},
                        .summary = "Create a token exchange profile",
                        .handler = create_profile};
const Operation kGet{.method = http::Method::get,
                     .path = "/api/v2/token-exchange-profiles/{id}",
                     .id = "get_token-exchange-profiles_by_id",
                     .scopes = {"read:token_exchange_profiles"},
                     .statuses = {200, 404},
                     .summary = "Get a token exchange profile",
                     .handler = get_profile};
const Operation kUpdate{.method = http::Method::patch,
                        .path = "/api/v2/token-exchange-profiles/{id}",
                        .id = "patch_token-exchange-profiles_by_id",
                        .scopes = {"update:token_exchange_profiles"},
                        .body = &kUpdateSchema,
                        .statuses = {200, 404, 409},
                        .summary = "Update a token exchange profile",
                        .handler = update_profile};
const Operation kDelete{.method = http::Method::delete_,
                        .path = "/api/v2/token-exchange-profiles/{id}",
                        .id = "delete_token-exchange-profiles_by_id",
                        .scopes = {"delete:token_exchange_profiles"},
                        .statuses = {204},
                        .summary = "Delete a token exchange profile",
                        .handler = delete_profile};

}  // namespace
}  // namespace token_exchange_profiles_api

std::vector<const Operation*> token_exchange_profile_operations() {
  using namespace token_exchange_profiles_api;
  return {&kList, &kCreate, &kGet, &kUpdate, &kDelete};
}

}  // namespace segue::management
