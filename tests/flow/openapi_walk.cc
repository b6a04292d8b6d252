#include "openapi_walk.h"

#include <algorithm>

#include "base/text.h"

namespace segue::test {
namespace {

// Puts a part into the smallest whole that holds it.
using Wrap = std::function<json::value(json::value)>;

constexpr std::string_view kWithNul{"a\0b", 3};
constexpr std::string_view kRaw = "raw number here";  // replaced in the text: JSON values hold no such numbers

std::vector<std::string> types_of(const json::object& schema) {
  const auto* const type = json::find(schema, "type");
  if (type == nullptr) return {};
  return type->is_array() ? json::find_strings(schema, "type") : std::vector<std::string>{std::string(type->as_string())};
}

bool has_type(const json::object& schema, std::string_view name) { return base::contains(types_of(schema), name); }

const json::object* properties_of(const json::object& schema) { return json::find_object(schema, "properties"); }

std::string least_text(const json::object& schema) {
  if (const auto values = json::find_strings(schema, "enum"); !values.empty()) return values.front();
  const auto format = json::find_string(schema, "format").value_or("");
  if (format == "email") return "walk@example.com";
  if (format == "html-color") return "#000000";
  if (format == "hostname") return "walk.example";
  if (format == "ip-address-or-cidr") return "192.0.2.1";
  if (format.find("ur") != std::string::npos) return "https://walk.example/";
  if (json::find_string(schema, "pattern").value_or("").starts_with("^\\+")) return "+15550100";
  return std::string(static_cast<std::size_t>(std::max<std::int64_t>(3, json::find_integer(schema, "minLength").value_or(0))),
                     'w');
}

std::string text_of(const json::value& body, std::string_view raw) {
  auto text = json::write(body);
  const auto quoted = "\"" + std::string(kRaw) + "\"";
  if (const auto at = text.find(quoted); at != std::string::npos) text.replace(at, quoted.size(), raw);
  return text;
}

// The members that it cannot be without.
json::object least_object(const json::object& schema) {
  json::object out;
  for (const auto& name : json::find_strings(schema, "required")) out[name] = least(properties_of(schema)->at(name).as_object());
  return out;
}

class Attacks {
 public:
  void on(const json::object& schema, const std::string& at, const Wrap& wrap) {
    types(schema, at, wrap);
    if (has_type(schema, "string")) strings(schema, at, wrap);
    if (has_type(schema, "integer") || has_type(schema, "number")) numbers(schema, at, wrap);
    if (has_type(schema, "array")) arrays(schema, at, wrap);
    if (has_type(schema, "object")) objects(schema, at, wrap);
  }
  std::vector<Attack> found;

 private:
  void add(const std::string& at, const Wrap& wrap, json::value v, bool is_refused = true) {
    found.push_back({json::write(wrap(std::move(v))), at, is_refused});
  }
  void add_raw(const std::string& at, const Wrap& wrap, std::string_view raw, bool is_refused) {
    found.push_back({text_of(wrap(json::value(kRaw)), raw), at, is_refused});
  }

  void types(const json::object& schema, const std::string& at, const Wrap& wrap) {
    const auto known = types_of(schema);
    if (known.empty()) return;
    const auto wrong = [&](std::string_view type, json::value v) {
      if (!base::contains(known, type)) add(at, wrap, std::move(v));
    };
    wrong("string", "7");
    wrong("boolean", true);
    wrong("array", json::array{});
    wrong("object", json::object{});
    wrong("null", nullptr);
    wrong("number", 7.5);
    if (!base::contains(known, "number")) wrong("integer", 7);
  }

  void strings(const json::object& schema, const std::string& at, const Wrap& wrap) {
    add(at, wrap, json::value(kWithNul));
    if (json::find(schema, "enum") != nullptr) {
      add(at, wrap, "no such value");
      return;
    }
    const auto least_length = json::find_integer(schema, "minLength"), most_length = json::find_integer(schema, "maxLength");
    add(at, wrap, "", least_length.value_or(0) > 0);
    // Without a limit of its own it is stored or refused for what it says.
    const std::string longest(static_cast<std::size_t>(most_length.value_or(20'000)) + 1, 'a');
    add(at, wrap, json::value(longest), most_length.has_value());
  }

  void numbers(const json::object& schema, const std::string& at, const Wrap& wrap) {
    if (const auto minimum = json::find_integer(schema, "minimum")) add(at, wrap, *minimum - 1);
    const auto maximum = json::find_integer(schema, "maximum");
    if (maximum) add(at, wrap, *maximum + 1);
    const bool is_whole = has_type(schema, "integer");
    for (const auto* huge : {"1e300", "9223372036854775808"}) add_raw(at, wrap, huge, is_whole || maximum.has_value());
    for (const auto* tiny : {"-1e300", "-9223372036854775809"})
      add_raw(at, wrap, tiny, is_whole || json::find_integer(schema, "minimum").has_value());
  }

  void arrays(const json::object& schema, const std::string& at, const Wrap& wrap) {
    const auto* const items = json::find_object(schema, "items");
    if (json::find_integer(schema, "minItems").value_or(0) > 0) add(at, wrap, json::array{});
    if (items == nullptr) return;
    const auto most = json::find_integer(schema, "maxItems");
    if (most) add(at, wrap, json::array(static_cast<std::size_t>(*most) + 1, least(*items)));
    // So that it is the item that is wrong, and not their number.
    const auto count = static_cast<std::size_t>(std::max<std::int64_t>(1, json::find_integer(schema, "minItems").value_or(1)));
    on(*items, at + "[0]", [&](json::value v) {
      json::array whole{std::move(v)};
      while (whole.size() < count) whole.push_back(least(*items));
      return wrap(std::move(whole));
    });
  }

  void objects(const json::object& schema, const std::string& at, const Wrap& wrap) {
    const auto base = least_object(schema);
    const auto with = [&](std::string_view name, json::value v) {
      auto whole = base;
      whole[name] = std::move(v);
      return whole;
    };
    if (json::find_bool(schema, "additionalProperties") == false) {
      add(at, wrap, with("segue_unknown", 1));
    } else {
      add(at, wrap, with("text", json::value(kWithNul)));
    }
    for (const auto& name : json::find_strings(schema, "required")) {
      auto whole = base;
      whole.erase(name);
      add(at, wrap, std::move(whole));
    }
    const auto* const properties = properties_of(schema);
    if (properties == nullptr) return;
    for (const auto& [name, property] : *properties) {
      on(property.as_object(), at.empty() ? std::string(name) : at + "." + std::string(name),
         [&](json::value v) { return wrap(with(name, std::move(v))); });
    }
  }
};

}  // namespace

bool Described::answers(int status) const { return std::find(statuses.begin(), statuses.end(), status) != statuses.end(); }

std::vector<Described> operations_in(const json::object& document) {
  std::vector<Described> out;
  const auto& schemas = document.at("components").at("schemas").as_object();
  for (const auto& [path, methods] : document.at("paths").as_object()) {
    for (const auto& [name, operation] : methods.as_object()) {
      const auto& o = operation.as_object();
      Described each{.method = {}, .path = "/api/v2" + std::string(path)};
      for (const auto method :
           {http::Method::get, http::Method::post, http::Method::put, http::Method::patch, http::Method::delete_}) {
        if (base::iequals(http::to_text(method), std::string_view(name))) each.method = method;
      }
      each.scopes = json::find_strings(o.at("security").at(0).as_object(), "bearer");
      for (const auto& parameter : o.at("parameters").as_array()) {
        if (parameter.at("in") == "query") each.query.push_back(parameter);
      }
      for (const auto& response : o.at("responses").as_object()) each.statuses.push_back(std::stoi(std::string(response.key())));
      if (const auto* const body = json::find_object(o, "requestBody")) {
        const std::string reference(body->at("content").at("application/json").at("schema").at("$ref").as_string());
        each.schema = schemas.at(reference.substr(reference.rfind('/') + 1)).as_object();
        each.has_body = true;
      }
      out.push_back(std::move(each));
    }
  }
  return out;
}

json::value least(const json::object& schema) {
  if (const auto* const only = json::find(schema, "x-segue-only")) return *only;
  const auto types = types_of(schema);
  if (types.empty()) return json::object{};
  const auto& type = types.front();
  if (type == "string") return json::value(least_text(schema));
  if (type == "boolean") return false;
  if (type == "integer" || type == "number") return json::find_integer(schema, "minimum").value_or(1);
  if (type == "array") {
    json::array out;
    const auto* const items = json::find_object(schema, "items");
    while (items != nullptr && static_cast<std::int64_t>(out.size()) < json::find_integer(schema, "minItems").value_or(0))
      out.push_back(least(*items));
    return out;
  }
  return least_object(schema);
}

std::vector<Attack> attacks_on(const json::object& schema) {
  Attacks attacks;
  attacks.on(schema, "", [](json::value v) { return v; });
  return std::move(attacks.found);
}

std::vector<std::string> broken_texts() {
  std::string deep_objects;
  for (int i = 0; i < 1000; ++i) deep_objects += R"({"a":)";
  return {"{",
          "nul",
          "{\"a\":}",
          "{} {}",
          "{\"a\":1,\"a\":2}",
          "{\"a\":\"\xff\"}",
          "'",
          "\"unfinished",
          "{\"a\":1e400}",
          std::string(100'000, '['),
          deep_objects};
}

}  // namespace segue::test
