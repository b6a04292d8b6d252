#include "model/action.h"

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

}  // namespace

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
