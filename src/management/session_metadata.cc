#include "management/session_metadata.h"

#include <algorithm>

#include "base/text.h"
#include "management/errors.h"

namespace segue::management {
namespace {

constexpr std::size_t kMostEntries = 25;
constexpr std::size_t kLongest = 255;

bool is_short(std::string_view text) { return base::character_count(text) <= kLongest; }

}  // namespace

Schema metadata_body(std::string schema_name, std::string field) {
  return object_schema(std::move(schema_name), {enforced({.name = std::move(field),
                                                          .type = Type::object,
                                                          .description = "Metadata: at most 25 strings; null or {} removes them",
                                                          .required = true,
                                                          .nullable = true,
                                                          .open = true})});
}

base::Result<json::object> read_metadata(const json::object& body, std::string_view field) {
  const auto* const metadata = json::find_object(body, field);
  if (metadata == nullptr) return json::object{};
  const bool fits =
      metadata->size() <= kMostEntries && std::all_of(metadata->begin(), metadata->end(), [](const auto& member) {
        return member.value().is_string() && is_short(member.key()) && is_short(std::string_view(member.value().get_string()));
      });
  if (!fits) {
    return invalid_body("Metadata must not exceed 25 entries. Each key and value must be \u2264 255 characters.");
  }
  return *metadata;
}

}  // namespace segue::management
