#include "management/user_export.h"

#include "management/user_query.h"

namespace segue::management {
namespace user_export {
namespace {

// What a table program would take for a formula is made a text (a user chooses their own name).
bool looks_like_formula(std::string_view text) {
  return !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
}

// RFC 4180 §2, every field quoted.
std::string quoted(std::string_view text) {
  std::string out = looks_like_formula(text) ? "\"'" : "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

json::value value_of(const json::object& user, const std::string& path) {
  const auto values = values_at(user, path);
  if (values.size() == 1) return *values.front();
  json::array out;
  for (const auto* each : values) out.push_back(*each);
  return out.empty() ? json::value(nullptr) : json::value(std::move(out));
}

std::string cell(const json::value& v) {
  if (v.is_null()) return quoted("");
  if (v.is_string()) return quoted(json::to_view(v.get_string()));
  return quoted(json::write(v));
}

}  // namespace
}  // namespace user_export

ExportFormat export_format_from(const json::object& settings) {
  ExportFormat out{.csv = json::find_string(settings, "format") == "csv", .fields = {}};
  const auto* const fields = json::find(settings, "fields");
  for (const auto& each : fields != nullptr && fields->is_array() ? fields->get_array() : json::array{}) {
    const auto name = json::find_string(each.get_object(), "name").value_or("");
    out.fields.push_back({name, json::find_string(each.get_object(), "export_as").value_or(name)});
  }
  if (out.csv && out.fields.empty()) {
    for (const auto* const name : {"user_id", "email", "email_verified", "name", "nickname", "created_at", "updated_at"})
      out.fields.push_back({name, name});
  }
  return out;
}

std::string export_head(const ExportFormat& format) {
  if (!format.csv) return {};
  std::string out;
  for (const auto& field : format.fields) out += (out.empty() ? "" : ",") + user_export::quoted(field.export_as);
  return out + "\r\n";
}

std::string export_line(const ExportFormat& format, const json::object& user) {
  using namespace user_export;
  if (format.csv) {
    std::string out;
    for (const auto& field : format.fields) out += (out.empty() ? "" : ",") + cell(value_of(user, field.name));
    return out + "\r\n";
  }
  if (format.fields.empty()) return json::write(user) + "\n";
  json::object out;
  for (const auto& field : format.fields) {
    if (auto v = value_of(user, field.name); !v.is_null()) out[field.export_as] = std::move(v);
  }
  return json::write(out) + "\n";
}

}  // namespace segue::management
