#include "oauth/actions/saml_commands.h"

#include "base/text.h"
#include "model/saml_addon.h"
#include "oauth/actions/commands.h"

namespace segue::oauth {
namespace {

// contract §8.3
constexpr std::size_t kMostAttributes = 100, kLongestName = 1024, kLongestValue = 2048, kMostBytes = 10 * 1024;
constexpr std::size_t kLongestCertificate = 4096;
constexpr std::size_t kLongestRelayState = 2048;  // of saml_messages/bindings.h

json::object& member_of(json::object& out, std::string_view name) {
  auto& value = out[name];
  if (!value.is_object()) value = json::object{};
  return value.get_object();
}

std::size_t size_of(const json::value& value) {
  return value.is_string() ? value.get_string().size() : json::write(value).size();
}

// setNameIdentifierFormat → nameIdentifierFormat, as the addon has it.
std::string addon_member(std::string_view setter) {
  std::string out(setter.substr(std::string_view("set").size()));
  out.front() = base::ascii_lower(out.substr(0, 1)).front();
  return out;
}

std::optional<std::string> attributes_problem(const json::object& attributes) {
  if (attributes.size() > kMostAttributes) return "at most 100 attributes";
  std::size_t total = 0;
  for (const auto& attribute : attributes) {
    if (attribute.key().empty() || attribute.key().size() > kLongestName) return "the name of an attribute has 1 to 1024 bytes";
    const auto size = size_of(attribute.value());
    if (size > kLongestValue) return "the value of an attribute has at most 2048 bytes";
    total += attribute.key().size() + size;
  }
  if (total > kMostBytes) return "the attributes have at most 10 kB together";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> take_saml_command(json::object& out, std::string_view name, const json::array& arguments) {
  const auto value = arguments.empty() ? json::value() : arguments.back();
  if (name == "setAttribute") {
    if (arguments.size() == 2) member_of(out, "attributes")[text_argument(arguments, 0)] = value;
    return std::nullopt;
  }
  if (name == "setRelayState") {
    if (!value.is_string()) return "api.samlResponse.setRelayState: a string";
    out["relay_state"] = value;
    return std::nullopt;
  }
  // The request has been verified by now.
  if (name == "setSigningCert")
    return "api.samlResponse.setSigningCert is not served: set addons.samlp.signingCert of the client";
  // A private key would have to be kept with a sign-in that waits.
  if (name == "setCert" || name == "setKey")
    return "api.samlResponse." + std::string(name) + " is not served: answers are signed with the tenant's own key";
  member_of(out, "addon")[addon_member(name)] = value;
  return std::nullopt;
}

std::optional<std::string> saml_response_problem(const json::object& out) {
  if (out.empty()) return std::nullopt;
  const auto addon = json::object_or_empty(out, "addon");
  if (const auto read = model::saml_addon_from(addon); !read.ok()) return read.error().description;
  for (const auto* const name : {"encryptionCert", "encryptionPublicKey"}) {
    if (json::find_string(addon, name).value_or("").size() > kLongestCertificate) return std::string(name) + " has at most 4 kB";
  }
  if (json::find_string(out, "relay_state").value_or("").size() > kLongestRelayState) return "RelayState has at most 2048 bytes";
  return attributes_problem(json::object_or_empty(out, "attributes"));
}

}  // namespace segue::oauth
