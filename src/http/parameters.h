// Name-value pairs of a query or a form (application/x-www-form-urlencoded), in the order they came.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace segue::http {

class Parameters {
 public:
  // Strict: bad percent-encoding, invalid UTF-8, control characters other than tab, CR and LF, or more than 200 pairs are refused
  // with code "invalid_request".
  static base::Result<Parameters> parse(std::string_view text);

  // The value when the name stands exactly once and is not empty. RFC 6749 §3.1: an empty parameter counts as omitted.
  std::optional<std::string> find(std::string_view name) const;
  bool has(std::string_view name) const;
  // RFC 6749 §3.1: parameters must not stand more than once. The name of the first that does.
  std::optional<std::string> first_duplicate() const;
  const std::vector<std::pair<std::string, std::string>>& pairs() const { return pairs_; }
  void add(std::string name, std::string value) { pairs_.emplace_back(std::move(name), std::move(value)); }
  void remove(std::string_view name);
  // Encoded again, for a Location.
  std::string encode() const;

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

// `uri` with the pairs appended to its query (or its fragment); an existing query stays in front.
std::string append_query(std::string_view uri, const Parameters& parameters);
std::string append_fragment(std::string_view uri, const Parameters& parameters);

}  // namespace segue::http
