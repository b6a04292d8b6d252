#include "oauth/actions/role_answers.h"

#include <algorithm>

#include "base/text.h"
#include "json/value.h"

namespace segue::oauth {
namespace {

constexpr std::int64_t kMostPerPage = 100;

json::object shown(const model::Role& role) {
  json::object out{{"id", role.role_id}, {"name", role.name}};
  if (!role.description.empty()) out["description"] = role.description;
  return out;
}

// `next` is the id of the last role that was shown.
json::object page(const std::vector<model::Role>& roles, const json::array& arguments) {
  const json::object none;
  const auto& options = !arguments.empty() && arguments[0].is_object() ? arguments[0].get_object() : none;
  const auto take = std::clamp<std::int64_t>(json::find_integer(options, "take").value_or(50), 1, kMostPerPage);
  const auto from = json::find_string(options, "from").value_or("");
  auto at = roles.begin();
  if (!from.empty()) {
    at = std::find_if(roles.begin(), roles.end(), [&](const auto& role) { return role.role_id == from; });
    if (at != roles.end()) ++at;
  }
  json::array items;
  for (; at != roles.end() && static_cast<std::int64_t>(items.size()) < take; ++at) items.push_back(shown(*at));
  const bool more = at != roles.end();
  return {{"roles", std::move(items)}, {"next", more ? json::value(std::prev(at)->role_id) : json::value(nullptr)}};
}

json::object among(const std::vector<model::Role>& roles, const json::array& arguments, std::string model::Role::*member) {
  std::vector<std::string> wanted;
  if (!arguments.empty() && arguments[0].is_array()) {
    for (const auto& item : arguments[0].get_array()) {
      if (item.is_string()) wanted.emplace_back(json::to_view(item.get_string()));
    }
  }
  json::array items;
  for (const auto& role : roles) {
    if (base::contains(wanted, role.*member)) items.push_back(shown(role));
  }
  return {{"roles", std::move(items)}, {"next", nullptr}};
}

}  // namespace

actions::Answerer answers_about(std::vector<model::Role> roles) {
  return [roles = std::move(roles)](std::string_view method, const json::array& arguments) -> base::Result<json::value> {
    if (method == "groups.hasGroupMembership") return json::value(false);
    if (method.starts_with("groups.")) return json::value(json::object{{"groups", json::array{}}, {"next", nullptr}});
    if (method == "roles.getUserEffectiveRolesByIds") return json::value(among(roles, arguments, &model::Role::role_id));
    if (method == "roles.getUserEffectiveRolesByNames") return json::value(among(roles, arguments, &model::Role::name));
    return json::value(page(roles, arguments));
  };
}

}  // namespace segue::oauth
