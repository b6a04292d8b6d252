#include "model/action.h"

#include <algorithm>

#include "base/text.h"

namespace segue::model {
namespace {

std::string text_of(const json::object& o, std::string_view name) { return json::find_string(o, name).value_or(""); }

template <class Read>
void each_object(const json::object& o, std::string_view name, Read read) {
  const auto* const found = json::find(o, name);
  if (found == nullptr || !found->is_array()) return;
  for (const auto& item : found->get_array()) {
    if (item.is_object()) read(item.get_object());
  }
}

bool is_lower_alphanumeric(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); }

bool is_name_part(std::string_view part) {
  return !part.empty() && is_lower_alphanumeric(part.front()) && std::all_of(part.begin(), part.end(), [](char c) {
    return is_lower_alphanumeric(c) || c == '-' || c == '.' || c == '_';
  });
}

bool is_version_number(std::string_view text) {
  return base::parse_integer(text).has_value() && (text.size() == 1 || text.front() != '0');
}

}  // namespace

bool is_package_name(std::string_view name) {
  if (name.size() > 214) return false;
  if (!name.starts_with('@')) return is_name_part(name);
  const auto slash = name.find('/');
  return slash != std::string_view::npos && is_name_part(name.substr(1, slash - 1)) && is_name_part(name.substr(slash + 1));
}

bool is_exact_version(std::string_view version) {
  if (version.size() > 64) return false;
  const auto core = version.substr(0, version.find_first_of("-+"));
  const auto rest = version.substr(core.size());
  const auto numbers = base::split(core, '.');
  return numbers.size() == 3 && std::count(core.begin(), core.end(), '.') == 2 &&
         std::all_of(numbers.begin(), numbers.end(), is_version_number) && rest.size() != 1 &&
         std::all_of(rest.begin(), rest.end(), [](char c) {
           return is_lower_alphanumeric(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '+' || c == '.';
         });
}

json::object to_document(const ActionSource& source) {
  json::array dependencies, secrets, modules;
  for (const auto& d : source.dependencies) dependencies.push_back(json::object{{"name", d.name}, {"version", d.version}});
  for (const auto& s : source.secrets) {
    secrets.push_back(json::object{{"name", s.name}, {"secret_id", s.secret_id}, {"updated_at", base::to_micros(s.updated_at)}});
  }
  for (const auto& m : source.modules) {
    modules.push_back(json::object{{"module_id", m.module_id},
                                   {"module_name", m.module_name},
                                   {"module_version_id", m.module_version_id},
                                   {"module_version_number", m.module_version_number}});
  }
  return {{"code", source.code},
          {"runtime", source.runtime},
          {"trigger_version", source.trigger_version},
          {"dependencies", std::move(dependencies)},
          {"secrets", std::move(secrets)},
          {"modules", std::move(modules)}};
}

ActionSource action_source_from_document(const json::object& document) {
  ActionSource out;
  out.code = text_of(document, "code");
  out.runtime = text_of(document, "runtime");
  out.trigger_version = text_of(document, "trigger_version");
  each_object(document, "dependencies", [&](const json::object& o) {
    out.dependencies.push_back({text_of(o, "name"), text_of(o, "version")});
  });
  each_object(document, "secrets", [&](const json::object& o) {
    out.secrets.push_back({.name = text_of(o, "name"),
                           .secret_id = text_of(o, "secret_id"),
                           .updated_at = base::from_micros(json::find_integer(o, "updated_at").value_or(0))});
  });
  each_object(document, "modules", [&](const json::object& o) {
    out.modules.push_back({text_of(o, "module_id"), text_of(o, "module_name"), text_of(o, "module_version_id"),
                           json::find_integer(o, "module_version_number").value_or(0)});
  });
  return out;
}

}  // namespace segue::model
