// The Lucene subset in which logs and users are searched (contract §7.2, §9.10): field:value, "phrase", AND OR NOT, parentheses,
// wildcards and ranges. Two terms without an operator between them: either may hold, as in Lucene. The query is bounded; what
// cannot be served is refused with a text that says how to ask instead.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/logs.h"

namespace segue::management::lucene {

using Term = store::logs::Term;

// What the query says. A group without children holds when it is `all`, and does not when it is `any`.
struct Node {
  enum class Kind { term, all, any } kind = Kind::all;
  Term term = {};
  std::vector<Node> children = {};
  bool negated = false;
};

// What a search knows.
struct Language {
  bool (*knows)(std::string_view field);
  bool (*is_date)(std::string_view field);    // its terms become ranges of ISO 8601 texts, as precise as they were written
  std::vector<std::string_view> bare_fields;  // where a value without a field is looked for
  std::string (*unknown_field)(const std::string& field);  // the sentence about one that is not known
};

// Nothing: the query is empty.
base::Result<std::optional<Node>> parse(const Language& language, std::string_view q);

base::Error cannot_serve(const std::string& why);

}  // namespace segue::management::lucene
