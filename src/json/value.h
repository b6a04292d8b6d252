// Boost.JSON behind one alias, and the few readings of it that the product needs.
#pragma once
#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace segue::json {

using boost::json::array;
using boost::json::object;
using boost::json::string;
using boost::json::value;

// Parses one document: at most 32 levels deep, valid UTF-8, no duplicate member names, no NUL in names, nothing behind it.
// The error's code is "invalid_request"; callers that need another change it.
base::Result<value> parse(std::string_view text);
std::string write(const value& v);

// Members by name; nothing when absent or of another type.
const value* find(const object& o, std::string_view name);
std::optional<std::string> find_string(const object& o, std::string_view name);
std::optional<std::int64_t> find_integer(const object& o, std::string_view name);
std::optional<bool> find_bool(const object& o, std::string_view name);
const object* find_object(const object& o, std::string_view name);
// A copy of the member when it is an object, else an empty one.
object object_or_empty(const object& o, std::string_view name);
// The strings of an array member; empty when it is absent.
std::vector<std::string> find_strings(const object& o, std::string_view name);
array to_array(const std::vector<std::string>& items);

inline std::string_view to_view(const string& s) { return {s.data(), s.size()}; }

}  // namespace segue::json
