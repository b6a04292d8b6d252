#include "logstreams/redaction.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "logstreams/xxhash64.h"

namespace segue::logstreams {
namespace {

struct Member {
  std::string_view name, field;
};
// What members are called that hold the field. A user's name is whatever they signed in with: see field_of().
constexpr Member kMembers[] = {
    {"first_name", "first_name"},
    {"given_name", "first_name"},
    {"last_name", "last_name"},
    {"family_name", "last_name"},
    {"user_name", "username"},
    {"username", "username"},
    {"nickname", "username"},
    {"oldUsername", "username"},
    {"newUsername", "username"},
    {"email", "email"},
    {"newEmail", "email"},
    {"to", "email"},
    {"phone", "phone"},
    {"phone_number", "phone"},
    {"phoneNumber", "phone"},
    {"old_phone_number", "phone"},
    {"new_phone_number", "phone"},
    {"address", "address"},
    {"street_address", "address"},
};

constexpr std::string_view kMask = "*****";
constexpr std::size_t kShortestInText = 4;  // a shorter value says little and stands in many words

bool looks_like_phone(std::string_view text) {
  return text.starts_with('+') && text.size() > 1 && text.find_first_not_of("0123456789 ()-", 1) == std::string_view::npos;
}

class Redactor {
 public:
  explicit Redactor(const Redaction& redaction) : redaction_(redaction) {}

  void members(json::object& object) {
    for (auto& member : object) {
      const std::string_view name(member.key().data(), member.key().size());
      if (is_personal(name, member.value())) {
        replace(member.value());
      } else if (auto* const inner = member.value().if_object()) {
        members(*inner);
      } else if (auto* const items = member.value().if_array()) {
        for (auto& item : *items) {
          if (auto* const one = item.if_object()) members(*one);
        }
      }
    }
  }

  void texts(json::value& value) const {
    if (auto* const text = value.if_string()) {
      value = without_found(std::string(json::to_view(*text)));
    } else if (auto* const object = value.if_object()) {
      for (auto& member : *object) texts(member.value());
    } else if (auto* const items = value.if_array()) {
      for (auto& item : *items) texts(item);
    }
  }
  bool found_any() const { return !found_.empty(); }

 private:
  bool wants(std::string_view field) const { return base::contains(redaction_.fields, field); }

  bool is_personal(std::string_view name, const json::value& value) const {
    const auto* const known =
        std::find_if(std::begin(kMembers), std::end(kMembers), [&](const Member& member) { return member.name == name; });
    if (known == std::end(kMembers)) return false;
    if (wants(known->field)) return true;
    if (known->field != "username" || !value.is_string()) return false;
    const auto text = json::to_view(value.get_string());
    return (wants("email") && text.find('@') != std::string_view::npos) || (wants("phone") && looks_like_phone(text));
  }

  // Whatever stands below it is personal too.
  void replace(json::value& value) {
    if (auto* const text = value.if_string()) {
      if (text->empty()) return;
      const std::string plain(json::to_view(*text));
      const auto shown = redaction_.hashes ? fmt::format("{:016x}", xxhash64(plain)) : std::string(kMask);
      if (plain.size() >= kShortestInText) found_[plain] = shown;
      value = shown;
    } else if (auto* const object = value.if_object()) {
      for (auto& member : *object) replace(member.value());
    } else if (auto* const items = value.if_array()) {
      for (auto& item : *items) replace(item);
    } else if (!value.is_null()) {
      value = kMask;
    }
  }

  std::string without_found(std::string text) const {
    for (const auto& [plain, shown] : found_) {
      for (auto at = text.find(plain); at != std::string::npos; at = text.find(plain, at + shown.size()))
        text.replace(at, plain.size(), shown);
    }
    return text;
  }

  const Redaction& redaction_;
  std::map<std::string, std::string, std::greater<>> found_;  // longer ones before their prefixes
};

}  // namespace

Redaction Redaction::read(const json::object& stream_document) {
  Redaction out;
  if (const auto* const config = json::find_object(stream_document, "pii_config")) {
    out.fields = json::find_strings(*config, "log_fields");
    out.hashes = json::find_string(*config, "method") == "hash";
  }
  return out;
}

void redact(json::object& record, const Redaction& redaction) {
  if (redaction.fields.empty()) return;
  Redactor redactor(redaction);
  redactor.members(record);
  if (!redactor.found_any()) return;
  for (auto& member : record) redactor.texts(member.value());
}

}  // namespace segue::logstreams
