// Where the database holds what is sealed under the key file, for the rotation of the key file (tenancy/rewrap.h). Whoever adds a
// sealed column adds it here: tenancy::seal_context() refuses a purpose that this list does not know.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace segue::store::sealed_values {

struct Column {
  std::string_view purpose;  // of tenancy::seal_context()
  sql::Statement list;       // ($1 tenant) → id, sealed value
  sql::Statement replace;    // ($1 tenant, $2 id, $3 old value, $4 new value)
};
std::span<const Column> columns();
const Column* find_column(std::string_view purpose);

struct Value {
  std::string id;  // as in the seal's context
  std::string sealed;
};
std::vector<Value> list(const Reader& r, const Column& column);
// False when the value is not `from` any more: somebody else stored another one.
bool replace(const Writer& w, const Column& column, const Value& from, std::string_view to);

}  // namespace segue::store::sealed_values
