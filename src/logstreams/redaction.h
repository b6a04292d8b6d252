// Personal data in what is streamed (contract §7.3 pii_config).
#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"

namespace segue::logstreams {

// What log_fields may name.
inline constexpr std::array<std::string_view, 6> kPersonalFields = {"first_name", "last_name", "username",
                                                                    "email",      "phone",     "address"};

struct Redaction {
  std::vector<std::string> fields;  // empty: nothing is personal
  bool hashes = false;              // else masked

  static Redaction read(const json::object& stream_document);
};

// Replaces the values of personal members, wherever they stand in the record, and the same values where they stand inside other
// texts.
void redact(json::object& record, const Redaction& redaction);

}  // namespace segue::logstreams
