#include "management/schema.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "http/caller_address.h"
#include "management/errors.h"
#include "management/uri.h"

namespace segue::management {
namespace {

std::string_view name_of(Type type) {
  switch (type) {
    case Type::string: return "string";
    case Type::integer: return "integer";
    case Type::number: return "number";
    case Type::boolean: return "boolean";
    case Type::array: return "array";
    case Type::object: return "object";
    case Type::any: return "any";
  }
  return "any";
}

std::string_view name_of(Honour honour) {
  switch (honour) {
    case Honour::enforced: return "enforced";
    case Honour::kept: return "kept";
    case Honour::refused: return "refused";
    case Honour::unstated: break;
  }
  return "";
}

bool is_whole(double number) { return std::abs(number) <= 9007199254740992.0 && std::trunc(number) == number; }

std::string_view type_of(const json::value& v) {
  if (v.is_string()) return "string";
  if (v.is_bool()) return "boolean";
  if (v.is_array()) return "array";
  if (v.is_object()) return "object";
  if (v.is_null()) return "null";
  if (v.is_double() && !is_whole(v.get_double())) return "number";
  return "integer";
}

std::string_view name_of(Format format) {
  switch (format) {
    case Format::none: return "";
    case Format::callback_url: return "callback-url";
    case Format::url_with_placeholders: return "url-with-placeholders";
    case Format::absolute_uri_or_empty: return "absolute-uri-or-empty";
    case Format::absolute_https_uri_or_empty: return "absolute-https-uri-or-empty";
    case Format::absolute_https_uri_with_placeholders_or_empty: return "absolute-https-uri-with-placeholders-or-empty";
    case Format::strict_uri: return "strict-uri";
    case Format::strict_https_uri_or_null: return "strict-https-uri-or-null";
    case Format::email: return "email";
    case Format::email_or_empty: return "email-or-empty";
    case Format::client_id: return "client-id";
    case Format::organization_name: return "organization-name";
    case Format::html_color: return "html-color";
    case Format::address_or_network: return "ip-address-or-cidr";
    case Format::host: return "hostname";
  }
  return "";
}

bool fits(Format format, std::string_view text) {
  switch (format) {
    case Format::none: return true;
    case Format::callback_url: return is_callback_url(text);
    case Format::url_with_placeholders: return is_url_with_placeholders(text);
    case Format::absolute_uri_or_empty: return text.empty() || is_absolute_uri(text);
    case Format::absolute_https_uri_or_empty: return text.empty() || is_absolute_https_uri(text);
    case Format::absolute_https_uri_with_placeholders_or_empty:
      return text.empty() || is_absolute_https_uri_with_placeholders(text);
    case Format::strict_uri: return is_absolute_uri(text);
    case Format::strict_https_uri_or_null: return is_absolute_https_uri(text);
    case Format::email: return is_email(text);
    case Format::email_or_empty: return text.empty() || is_email(text);
    // A host label may be made of it ({organization_name} in callbacks), and an id never is one.
    case Format::organization_name:
      return !text.empty() && !text.starts_with("org_") && text.front() != '-' && text.back() != '-' &&
             std::all_of(text.begin(), text.end(),
                         [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; });
    case Format::html_color: return is_html_color(text);
    case Format::address_or_network: return http::Network::parse(text).ok();
    case Format::host: return is_host(text);
    case Format::client_id:
      return !text.empty() && text.size() <= 255 &&
             std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  }
  return false;
}

std::string_view expression_of(Pattern pattern) {
  switch (pattern) {
    case Pattern::none: return "";
    case Pattern::no_angle_brackets: return "^[^<>]+$";
    case Pattern::connection_name: return "^[a-zA-Z0-9](-[a-zA-Z0-9]|[a-zA-Z0-9])*$";
    case Pattern::phone_number: return "^\\+[0-9]{1,15}$";
    case Pattern::no_white_space: return "^\\S*$";
    case Pattern::key_id: return "^([0-9a-zA-Z-_]{10,64})$";
  }
  return "";
}

bool is_alphanumeric(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool fits(Pattern pattern, std::string_view text) {
  switch (pattern) {
    case Pattern::none: return true;
    case Pattern::no_angle_brackets: return !text.empty() && text.find_first_of("<>") == std::string_view::npos;
    case Pattern::connection_name: {
      if (text.empty() || !is_alphanumeric(text.front()) || !is_alphanumeric(text.back())) return false;
      for (std::size_t i = 0; i < text.size(); ++i) {
        if (!is_alphanumeric(text[i]) && !(text[i] == '-' && is_alphanumeric(text[i + 1]))) return false;
      }
      return true;
    }
    case Pattern::phone_number:
      return text.size() >= 2 && text.size() <= 16 && text[0] == '+' &&
             std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
    case Pattern::no_white_space: return text.find_first_of(" \t\r\n\f\v") == std::string_view::npos;
    case Pattern::key_id:
      return text.size() >= 10 && text.size() <= 64 &&
             std::all_of(text.begin(), text.end(), [](char c) { return is_alphanumeric(c) || c == '-' || c == '_'; });
  }
  return false;
}

struct Failure {
  std::string detail, path, description;
};
using Check = std::optional<Failure>;

Check validate(const Field& field, const json::value& v, const std::string& path);

Check fail(const Field& field, const std::string& path, std::string detail) {
  return Failure{std::move(detail), path, field.description};
}

Check validate_string(const Field& field, std::string_view text, const std::string& path) {
  // Characters, not bytes: that is what JSON Schema counts.
  const auto n = base::character_count(text);
  if (field.min_length && n < *field.min_length) {
    return fail(field, path,
                "String is too short (" + std::to_string(n) + " chars), minimum " + std::to_string(*field.min_length));
  }
  if (field.max_length && n > *field.max_length) {
    return fail(field, path,
                "String is too long (" + std::to_string(n) + " chars), maximum " + std::to_string(*field.max_length));
  }
  if (!field.one_of.empty() && !base::contains(field.one_of, text)) {
    return fail(field, path, "No enum match for: \"" + std::string(text) + "\"");
  }
  if (!fits(field.pattern, text)) {
    return fail(field, path,
                "String does not match pattern " + std::string(expression_of(field.pattern)) + ": " + std::string(text));
  }
  if (!fits(field.format, text)) {
    return fail(field, path,
                "Object didn't pass validation for format " + std::string(name_of(field.format)) + ": " + std::string(text));
  }
  // PostgreSQL stores no NUL, and no name, address or description needs one.
  if (text.find('\0') != std::string_view::npos) return fail(field, path, "String contains a NUL character");
  return std::nullopt;
}

Check validate_array(const Field& field, const json::array& items, const std::string& path) {
  if (field.min_length && items.size() < *field.min_length) {
    return fail(field, path,
                "Array is too short (" + std::to_string(items.size()) + "), minimum " + std::to_string(*field.min_length));
  }
  if (field.max_length && items.size() > *field.max_length) {
    return fail(field, path,
                "Array is too long (" + std::to_string(items.size()) + "), maximum " + std::to_string(*field.max_length));
  }
  for (std::size_t i = 0; i < items.size() && !field.items.empty(); ++i) {
    if (auto failure = validate(field.items.front(), items[i], path + "[" + std::to_string(i) + "]")) return failure;
  }
  for (std::size_t b = 1; field.unique_items && b < items.size(); ++b) {
    for (std::size_t a = 0; a < b; ++a) {
      if (items[a] == items[b]) {
        return fail(field, path, "Array items are not unique (indexes " + std::to_string(a) + " and " + std::to_string(b) + ")");
      }
    }
  }
  return std::nullopt;
}

// Free-form parts reach the database as well.
bool holds_nul(const json::value& v) {
  if (const auto* text = v.if_string()) return json::to_view(*text).find('\0') != std::string_view::npos;
  if (const auto* list = v.if_array()) return std::any_of(list->begin(), list->end(), holds_nul);
  if (const auto* o = v.if_object())
    return std::any_of(o->begin(), o->end(), [](const auto& member) { return holds_nul(member.value()); });
  return false;
}

Check validate_object(const Field& field, const json::object& o, const std::string& path) {
  for (const auto& member : field.members) {
    if (member.required && json::find(o, member.name) == nullptr)
      return fail(field, path, "Missing required property: " + member.name);
  }
  if (field.max_length && o.size() > *field.max_length) {
    return fail(field, path,
                "Too many properties defined (" + std::to_string(o.size()) + "), maximum " + std::to_string(*field.max_length));
  }
  // What has one value decides what else may stand beside it: a strategy that is not served is named before its own options are.
  for (const auto& member : field.members) {
    const auto* v = json::find(o, member.name);
    if (v == nullptr || member.honour != Honour::refused || !v->is_string()) continue;
    if (auto failure = validate(member, *v, path.empty() ? member.name : path + "." + member.name)) return failure;
  }
  if (!field.open) {
    for (const auto& member : o) {
      const auto known =
          std::any_of(field.members.begin(), field.members.end(), [&](const Field& f) { return f.name == member.key(); });
      if (!known) return fail(field, path, "Additional properties not allowed: " + std::string(member.key()));
    }
  }
  for (const auto& member : field.members) {
    const auto* v = json::find(o, member.name);
    if (v == nullptr) continue;
    if (auto failure = validate(member, *v, path.empty() ? member.name : path + "." + member.name)) return failure;
  }
  // Members that the table does not name.
  if (field.open && holds_nul(o)) return fail(field, path, "String contains a NUL character");
  return std::nullopt;
}

// A setting that has one value here is refused another one.
Check validate_honour(const Field& field, const json::value& v, const std::string& path) {
  if (field.honour != Honour::refused || v.is_null()) return std::nullopt;
  if (!field.only.empty() && *json::parse(field.only) == v) return std::nullopt;
  // What is free to choose may be long, or a secret: it is not said again.
  const bool is_shown = v.is_bool() || v.is_number() || (v.is_string() && !field.one_of.empty());
  return fail(field, path, (is_shown ? json::write(v) : "This value") + " is refused: " + field.reason);
}

Check validate_type(const Field& field, const json::value& v, const std::string& path);

Check validate(const Field& field, const json::value& v, const std::string& path) {
  if (auto failure = validate_type(field, v, path)) return failure;
  return validate_honour(field, v, path);
}

Check validate_type(const Field& field, const json::value& v, const std::string& path) {
  if (v.is_null() && field.nullable) return std::nullopt;
  const auto found = type_of(v);
  if (field.type == Type::any) {
    return holds_nul(v) ? fail(field, path, "String contains a NUL character") : std::nullopt;
  }
  if (found != name_of(field.type) && !(field.type == Type::number && found == "integer")) {
    return fail(field, path, "Expected type " + std::string(name_of(field.type)) + " but found type " + std::string(found));
  }
  switch (field.type) {
    case Type::string: return validate_string(field, json::to_view(v.get_string()), path);
    case Type::array: return validate_array(field, v.get_array(), path);
    case Type::object: return validate_object(field, v.get_object(), path);
    case Type::integer: {
      const auto number = v.is_int64()    ? v.get_int64()
                          : v.is_double() ? static_cast<std::int64_t>(v.get_double())
                                          : std::numeric_limits<std::int64_t>::max();
      if (field.minimum && number < *field.minimum) {
        return fail(field, path, "Value " + std::to_string(number) + " is less than minimum " + std::to_string(*field.minimum));
      }
      // No field of ours holds what is beyond 2^53: JavaScript clients would read another number.
      const auto maximum = field.maximum.value_or(9007199254740991);
      if (number > maximum) {
        return fail(field, path, "Value " + std::to_string(number) + " is greater than maximum " + std::to_string(maximum));
      }
      return std::nullopt;
    }
    case Type::number:
      if (field.minimum && v.to_number<double>() < static_cast<double>(*field.minimum)) {
        return fail(field, path, "Value " + json::write(v) + " is less than minimum " + std::to_string(*field.minimum));
      }
      if (field.maximum && v.to_number<double>() > static_cast<double>(*field.maximum)) {
        return fail(field, path, "Value " + json::write(v) + " is greater than maximum " + std::to_string(*field.maximum));
      }
      return std::nullopt;
    case Type::boolean:
    case Type::any: return std::nullopt;
  }
  return std::nullopt;
}

void put_in_order(const Field& table, json::value& v) {
  if (auto* const o = v.if_object()) {
    *o = in_order_of(table, std::move(*o));
  } else if (auto* const items = v.if_array(); items != nullptr && !table.items.empty()) {
    for (auto& item : *items) put_in_order(table.items.front(), item);
  }
}

std::string render(std::string_view what, const Failure& failure) {
  std::string out = std::string(what) + " validation error: '" + failure.detail + "'";
  if (!failure.path.empty()) {
    out += " on property " + failure.path;
    if (!failure.description.empty()) out += " (" + failure.description + ")";
  }
  return out + ".";
}

// "strategy[0]" names "strategy".
std::string_view parameter_name(std::string_view raw) {
  const auto bracket = raw.find('[');
  return bracket != std::string_view::npos && raw.ends_with(']') ? raw.substr(0, bracket) : raw;
}

json::value typed(const Field& field, const std::string& text) {
  if (field.type == Type::integer) {
    const auto number = base::parse_integer(text);
    return number ? json::value(*number) : json::value(text);
  }
  if (field.type == Type::boolean)
    return text == "true" ? json::value(true) : text == "false" ? json::value(false) : json::value(text);
  return json::value(text);
}

}  // namespace

Field enforced(Field field) { return enforced("", std::move(field)); }

Field enforced(std::string but, Field field) {
  field.honour = Honour::enforced;
  field.reason = std::move(but);
  return field;
}

Field kept(std::string reason, Field field) {
  field.honour = Honour::kept;
  field.reason = std::move(reason);
  return field;
}

Field refused(std::string only, std::string reason, Field field) {
  field.honour = Honour::refused;
  field.only = std::move(only);
  field.reason = std::move(reason);
  return field;
}

Schema object_schema(std::string name, std::vector<Field> members) {
  return {std::move(name), {.name = "", .type = Type::object, .members = std::move(members)}};
}

std::vector<Field> all_optional(std::vector<Field> members) {
  for (auto& member : members) member.required = false;
  return members;
}

base::Outcome validate_body(const Schema& schema, const json::value& body) {
  if (auto failure = validate(schema.root, body, "")) return invalid_body(render("Payload", *failure));
  return base::Unit{};
}

base::Result<json::object> read_query(const std::vector<Field>& fields, const http::Parameters& parameters) {
  json::object out;
  for (const auto& [raw_name, value] : parameters.pairs()) {
    const auto name = parameter_name(raw_name);
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == name; });
    if (field == fields.end() || (name != raw_name && field->type != Type::array)) {
      return invalid_query(render("Query", {.detail = "Additional properties not allowed: " + raw_name}));
    }
    if (value.empty()) continue;  // `?q=` is what clients send for no value
    if (field->type == Type::array) {
      auto& list = out[field->name];
      if (!list.is_array()) list.emplace_array();
      for (auto& item : base::split(value, ',')) list.get_array().emplace_back(item);
    } else if (json::find(out, field->name) != nullptr) {
      return invalid_query(render("Query", {"Expected one value but found several", field->name, field->description}));
    } else {
      out[field->name] = typed(*field, value);
    }
  }
  const Field root{.name = "", .type = Type::object, .members = fields};
  if (auto failure = validate(root, out, "")) return invalid_query(render("Query", *failure));
  return out;
}

json::object in_order_of(const Field& table, json::object o) {
  json::object out;
  for (const auto& field : table.members) {
    auto* const member = o.if_contains(field.name);
    if (member == nullptr) continue;
    put_in_order(field, *member);
    out[field.name] = std::move(*member);
  }
  for (auto& member : o) {
    if (!out.contains(member.key())) out[member.key()] = std::move(member.value());
  }
  return out;
}

json::object to_json_schema(const Field& field) {
  json::object out;
  if (field.type != Type::any) {
    if (field.nullable) {
      out["type"] = json::array{name_of(field.type), "null"};
    } else {
      out["type"] = name_of(field.type);
    }
  }
  if (!field.description.empty()) out["description"] = field.description;
  if (field.honour != Honour::unstated) out["x-segue-honour"] = name_of(field.honour);
  if (!field.reason.empty()) out["x-segue-reason"] = field.reason;
  if (!field.only.empty()) out["x-segue-only"] = *json::parse(field.only);
  if (field.minimum) out["minimum"] = *field.minimum;
  if (field.maximum) out["maximum"] = *field.maximum;
  const auto* const least = field.type == Type::array ? "minItems" : field.type == Type::object ? "minProperties" : "minLength";
  const auto* const most = field.type == Type::array ? "maxItems" : field.type == Type::object ? "maxProperties" : "maxLength";
  if (field.min_length) out[least] = *field.min_length;
  if (field.max_length) out[most] = *field.max_length;
  if (field.unique_items) out["uniqueItems"] = true;
  if (!field.one_of.empty()) {
    auto values = json::to_array(field.one_of);
    if (field.nullable) values.emplace_back(nullptr);
    out["enum"] = std::move(values);
  }
  if (field.pattern != Pattern::none) out["pattern"] = expression_of(field.pattern);
  if (field.format != Format::none) out["format"] = name_of(field.format);
  if (field.type == Type::object) {
    json::object members;
    json::array required;
    for (const auto& member : field.members) {
      members[member.name] = to_json_schema(member);
      if (member.required) required.emplace_back(member.name);
    }
    if (!members.empty()) out["properties"] = std::move(members);
    if (!required.empty()) out["required"] = std::move(required);
    out["additionalProperties"] = field.open;
  }
  if (field.type == Type::array && !field.items.empty()) out["items"] = to_json_schema(field.items.front());
  return out;
}

}  // namespace segue::management
