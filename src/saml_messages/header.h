// What every SAML 2.0 message begins with (SAML core §3.2.1, §3.2.2), and what a receiver checks about it.
#pragma once
#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "xml/document.h"
#include "xml/writer.h"

namespace segue::saml_messages {

struct Header {
  std::string id;
  std::string issuer;
  base::Instant issue_instant;
  std::optional<std::string> destination = {};
};

// `root` must be that element of the protocol.
base::Result<Header> read_header(const xml::Element& root, std::string_view name);

// The URL that was called, without a query: one sent to somebody else is refused (SAML bindings §3.4.5.2, §3.5.5.2). A signed
// message must name it.
base::Outcome check_destination(const Header& header, bool is_signed, std::string_view our_url);
// How old a message may be, and how far clocks may differ.
inline constexpr auto kMessageLifetime = std::chrono::minutes(5);
inline constexpr auto kClockSkew = std::chrono::minutes(3);
// How long its ID must be remembered against replay: one from the future stays good for longer.
inline constexpr auto kRememberIdFor = kMessageLifetime + 2 * kClockSkew;
base::Outcome check_age(const Header& header, base::Instant now);

// Refused when there is more than one: two readers would take different ones.
base::Result<std::optional<xml::Element>> at_most_one(const xml::Element& parent, std::string_view namespace_uri,
                                                      std::string_view name);
// Without the white space of XML around it.
std::string_view trimmed(std::string_view text);
// An element's text, trimmed. Nothing when it is empty or has elements.
std::optional<std::string> trimmed_text(const xml::Element& element);

struct NameId {
  std::string value;
  std::string format = {};  // empty: none given
  std::string name_qualifier = {};
  std::string sp_name_qualifier = {};
  friend bool operator==(const NameId&, const NameId&) = default;
};
base::Result<NameId> read_name_id(const xml::Element& element);
// saml:NameID
void write_name_id(xml::Writer& out, const NameId& name_id);

// A message of ours, not signed yet: where its signature goes.
struct Unsigned {
  std::string xml;
  std::string id;
  std::size_t signature_position;
};
// Opens the root and writes Issuer; the caller writes the rest and closes it. Returns where the signature goes. Empty attributes
// are left out.
std::size_t write_header(xml::Writer& out, std::string_view qualified_name, const Header& header,
                         std::initializer_list<std::pair<std::string_view, std::string>> attributes = {});

// StatusResponseType (§3.2.2)
struct Status {
  std::string code;           // one of the four top codes
  std::string sub_code = {};  // empty: none
  std::string message = {};   // empty: none
  bool success() const;
};
base::Result<Status> read_status(const xml::Element& response);
void write_status(xml::Writer& out, const Status& status);

}  // namespace segue::saml_messages
