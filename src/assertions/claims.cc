#include "assertions/claims.h"

#include <algorithm>

#include "xml/writer.h"

namespace segue::assertions {
namespace {

using saml_messages::Attribute;
using saml_messages::AttributeValue;

constexpr std::string_view kUnknown = "http://schemas.auth0.com/";
constexpr std::string_view kUpn = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn";
constexpr std::string_view kUriFormat = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri";
constexpr std::string_view kBasicFormat = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic";

struct UsualClaim {
  std::string_view attribute, claim;
};
constexpr UsualClaim kUsual[] = {
    {"user_id", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier"},
    {"email", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"},
    {"name", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name"},
    {"given_name", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname"},
    {"family_name", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname"},
    {"upn", kUpn},
    {"groups", "http://schemas.xmlsoap.org/claims/Group"},
};

// Nothing for what is no value of its own: objects, null, and lists that hold these.
std::optional<AttributeValue> scalar_of(const json::value& value) {
  if (value.is_string()) return AttributeValue{.text = std::string(json::to_view(value.get_string()))};
  if (value.is_bool()) return AttributeValue{.text = value.get_bool() ? "true" : "false", .type = "boolean"};
  if (value.is_number()) return AttributeValue{.text = json::write(value), .type = "double"};
  return std::nullopt;
}

std::vector<AttributeValue> values_of(const json::value& value) {
  std::vector<AttributeValue> out;
  if (!value.is_array()) {
    if (auto scalar = scalar_of(value)) out.push_back(std::move(*scalar));
    return out;
  }
  for (const auto& item : value.get_array()) {
    if (auto scalar = scalar_of(item)) out.push_back(std::move(*scalar));
  }
  return out;
}

std::vector<std::string> mapped_names(std::string_view attribute, const model::SamlAddon& addon) {
  if (addon.mappings) {
    for (const auto& [name, claims] : *addon.mappings) {
      if (name == attribute) return claims;
    }
    return {};
  }
  for (const auto& usual : kUsual) {
    if (usual.attribute == attribute) return {std::string(usual.claim)};
  }
  return {};
}

// `user_metadata.colour`: a member of an object, and nothing else.
const json::value* member_at(const json::object& attributes, std::string_view path) {
  const auto* object = &attributes;
  for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
    object = json::find_object(*object, path.substr(0, dot));
    if (object == nullptr) return nullptr;
    path.remove_prefix(dot + 1);
  }
  return object == &attributes ? nullptr : json::find(*object, path);
}

std::string format_of(std::string_view name, const model::SamlAddon& addon) {
  if (!addon.include_attribute_name_format) return {};
  return std::string(name.find("://") != std::string_view::npos || name.starts_with("urn:") ? kUriFormat : kBasicFormat);
}

class Claims {
 public:
  explicit Claims(const model::SamlAddon& addon) : addon_(addon) {}

  // One attribute per name: service providers read the first, or join, or fail.
  void add(const std::string& name, const std::vector<AttributeValue>& values) {
    if (values.empty()) return;
    const auto same = std::find_if(out_.begin(), out_.end(), [&](const Attribute& known) { return known.name == name; });
    if (same != out_.end()) {
      same->values.insert(same->values.end(), values.begin(), values.end());
      return;
    }
    out_.push_back({.name = name, .values = values, .name_format = format_of(name, addon_)});
  }
  bool has(std::string_view name) const {
    return std::any_of(out_.begin(), out_.end(), [&](const Attribute& known) { return known.name == name; });
  }
  std::vector<Attribute> take() { return std::move(out_); }

 private:
  const model::SamlAddon& addon_;
  std::vector<Attribute> out_;
};

void add_identity(Claims& claims, const Person& person) {
  const auto at = std::string(kUnknown) + "identities/default/";
  claims.add(at + "provider", {{.text = person.provider}});
  claims.add(at + "connection", {{.text = person.connection}});
  claims.add(at + "isSocial", {{.text = "false", .type = "boolean"}});  // every identity is of a directory or another system
}

std::optional<saml_messages::NameId> probed(const std::vector<Attribute>& claims, const model::SamlAddon& addon) {
  for (const auto& probe : addon.name_identifier_probes) {
    for (const auto& claim : claims) {
      if (claim.name != probe) continue;
      const auto text = xml::representable(saml_messages::with_line_feeds(claim.values.front().text));
      if (const auto value = saml_messages::trimmed(text); !value.empty())
        return saml_messages::NameId{.value = std::string(value), .format = addon.name_identifier_format};
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<Attribute> claims_of(const Person& person, const model::SamlAddon& addon) {
  Claims claims(addon);
  const auto add_unknown = [&](const std::string& name, const std::vector<AttributeValue>& values) {
    if (!addon.passthrough_claims_with_no_mapping) return;
    claims.add(addon.map_unknown_claims_as_is ? name : std::string(kUnknown) + name, values);
  };
  for (const auto& member : person.attributes) {
    const std::string attribute(member.key().data(), member.key().size());
    const auto values = values_of(member.value());
    const auto names = mapped_names(attribute, addon);
    for (const auto& name : names) claims.add(name, values);
    if (names.empty()) add_unknown(attribute, values);
  }
  if (addon.mappings) {
    for (const auto& [path, names] : *addon.mappings) {
      const auto* const value = member_at(person.attributes, path);
      if (value == nullptr) continue;
      for (const auto& name : names) claims.add(name, values_of(*value));
    }
  }
  const auto email = json::find_string(person.attributes, "email");
  if (addon.create_upn_claim && email && !claims.has(kUpn)) claims.add(std::string(kUpn), {{.text = *email}});
  if (addon.map_identities) add_identity(claims, person);
  add_unknown("clientID", {{.text = person.client_id}});
  return claims.take();
}

void add_attributes(std::vector<Attribute>& claims, const json::object& more, const model::SamlAddon& addon) {
  for (const auto& member : more) {
    const std::string name(member.key().data(), member.key().size());
    std::erase_if(claims, [&](const Attribute& known) { return known.name == name; });
    auto values = values_of(member.value());
    if (!values.empty()) claims.push_back({.name = name, .values = std::move(values), .name_format = format_of(name, addon)});
  }
}

std::vector<std::string> usual_claims() {
  std::vector<std::string> out;
  for (const auto& usual : kUsual) out.emplace_back(usual.claim);
  return out;
}

std::optional<saml_messages::NameId> name_id_of(const std::vector<Attribute>& claims, const Person& person,
                                                const model::SamlAddon& addon) {
  auto named = probed(claims, addon);
  if (named || !addon.mappings) return named;
  auto usual = addon;
  usual.mappings.reset();
  return probed(claims_of(person, usual), addon);
}

}  // namespace segue::assertions
