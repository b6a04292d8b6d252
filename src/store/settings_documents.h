// Settings that are one JSON document each (management/settings_api.h). Every change raises the configuration version.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "store/store.h"

namespace segue::store::settings_documents {

struct Document {
  std::string kind, name;
  json::object document;  // without secrets
  std::string sealed;     // sealed JSON; empty: none
};

std::optional<Document> find(const Reader& r, std::string_view kind, std::string_view name);
// Of one kind, by name.
std::vector<Document> list(const Reader& r, std::string_view kind);
// For read-modify-write: nobody else writes a settings document of this tenant until the commit, one that is not there included.
std::optional<Document> find_for_change(const Writer& w, std::string_view kind, std::string_view name);
// Takes the place of what stands there.
void put(const Writer& w, const Document& document, base::Instant now);
bool delete_one(const Writer& w, std::string_view kind, std::string_view name);

}  // namespace segue::store::settings_documents
