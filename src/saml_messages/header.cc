#include "saml_messages/header.h"

#include <algorithm>

#include "base/text.h"
#include "saml_messages/names.h"

namespace segue::saml_messages {
namespace {

constexpr std::size_t kLongestName = 1024;  // SAML core §8.3.6 for entities; nobody's name is longer either

base::Result<std::string> read_issuer(const xml::Element& root) {
  const auto issuer = TRY(at_most_one(root, kAssertion, "Issuer"));
  if (!issuer) return refused("The message has no Issuer.");
  const auto format = issuer->attribute("Format");
  if (format && *format != kEntityNameId) return refused("The Issuer's Format is not " + std::string(kEntityNameId) + ".");
  auto text = trimmed_text(*issuer);
  if (!text || text->size() > kLongestName) return refused("The Issuer is empty, or longer than 1024 bytes.");
  return std::move(*text);
}

}  // namespace

base::Result<std::optional<xml::Element>> at_most_one(const xml::Element& parent, std::string_view namespace_uri,
                                                      std::string_view name) {
  const auto found = parent.children(namespace_uri, name);
  if (found.size() > 1) return refused("The message has more than one " + std::string(name) + ".");
  return found.empty() ? std::optional<xml::Element>() : found.front();
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n";
  const auto from = text.find_first_not_of(kSpaces);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(kSpaces) - from + 1);
}

std::optional<std::string> trimmed_text(const xml::Element& element) {
  const auto text = element.text();
  if (!text || trimmed(*text).empty()) return std::nullopt;
  return std::string(trimmed(*text));
}

base::Result<Header> read_header(const xml::Element& root, std::string_view name) {
  if (!root.is(kProtocol, name)) return refused("The message is no SAML 2.0 " + std::string(name) + ".");
  if (root.attribute("Version") != "2.0") return refused("The message's Version is not 2.0.");
  Header out;
  out.id = root.attribute("ID").value_or("");
  if (!xml::is_plain_name(out.id)) return refused("The message's ID is missing or no XML name.");
  out.issue_instant = TRY(read_time(root.attribute("IssueInstant").value_or(""), "message's IssueInstant"));
  out.destination = root.attribute("Destination");
  out.issuer = TRY(read_issuer(root));
  return out;
}

base::Outcome check_destination(const Header& header, bool is_signed, std::string_view our_url) {
  if (!header.destination || header.destination->empty()) {
    if (is_signed) return refused("A signed message names its Destination. Set it to " + std::string(our_url) + ".");
    return base::Unit{};
  }
  // Service providers copy the URL that they are set to, parameters of the application included.
  const auto without_query = std::string_view(*header.destination).substr(0, header.destination->find('?'));
  if (without_query == our_url) return base::Unit{};
  return refused("The message's Destination is somebody else. Set it to " + std::string(our_url) + ".");
}

base::Outcome check_age(const Header& header, base::Instant now) {
  if (header.issue_instant > now + kClockSkew)
    return refused("The message's IssueInstant is in the future. Set the clock of its sender.");
  if (header.issue_instant + kMessageLifetime + kClockSkew < now) return refused("The message is too old. Begin again.");
  return base::Unit{};
}

base::Result<NameId> read_name_id(const xml::Element& element) {
  auto value = trimmed_text(element);
  if (!value || value->size() > kLongestName) return refused("The NameID is empty, or longer than 1024 bytes.");
  return NameId{.value = std::move(*value),
                .format = element.attribute("Format").value_or(""),
                .name_qualifier = element.attribute("NameQualifier").value_or(""),
                .sp_name_qualifier = element.attribute("SPNameQualifier").value_or("")};
}

void write_name_id(xml::Writer& out, const NameId& name_id) {
  out.open("saml:NameID");
  if (!name_id.name_qualifier.empty()) out.attribute("NameQualifier", name_id.name_qualifier);
  if (!name_id.sp_name_qualifier.empty()) out.attribute("SPNameQualifier", name_id.sp_name_qualifier);
  if (!name_id.format.empty()) out.attribute("Format", name_id.format);
  out.text(name_id.value).close();
}

std::size_t write_header(xml::Writer& out, std::string_view qualified_name, const Header& header,
                         std::initializer_list<std::pair<std::string_view, std::string>> attributes) {
  out.open(qualified_name).declare("samlp", kProtocol).declare("saml", kAssertion);
  out.attribute("ID", header.id).attribute("Version", "2.0").attribute("IssueInstant", time_text(header.issue_instant));
  if (header.destination) out.attribute("Destination", *header.destination);
  for (const auto& [name, value] : attributes) {
    if (!value.empty()) out.attribute(name, value);
  }
  out.leaf("saml:Issuer", header.issuer);
  return out.here();
}

bool Status::success() const { return code == status::kSuccess; }

base::Result<Status> read_status(const xml::Element& response) {
  const auto found = TRY(at_most_one(response, kProtocol, "Status"));
  const auto code = found ? TRY(at_most_one(*found, kProtocol, "StatusCode")) : std::nullopt;
  if (!code) return refused("The message has no StatusCode.");
  Status out{.code = code->attribute("Value").value_or("")};
  if (out.code.empty()) return refused("The message's StatusCode has no Value.");
  if (const auto sub = TRY(at_most_one(*code, kProtocol, "StatusCode"))) out.sub_code = sub->attribute("Value").value_or("");
  if (const auto message = TRY(at_most_one(*found, kProtocol, "StatusMessage"))) out.message = message->text().value_or("");
  return out;
}

void write_status(xml::Writer& out, const Status& status) {
  out.open("samlp:Status").open("samlp:StatusCode").attribute("Value", status.code);
  if (!status.sub_code.empty()) out.open("samlp:StatusCode").attribute("Value", status.sub_code).close();
  out.close();
  if (!status.message.empty()) out.leaf("samlp:StatusMessage", status.message);
  out.close();
}

}  // namespace segue::saml_messages
