// What a receiver is sent (contract §7.3): which rows, and how they are written.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "logstreams/redaction.h"
#include "store/logs.h"

namespace segue::logstreams {

// Which rows a stream wants.
class Filter {
 public:
  explicit Filter(const json::object& stream_document);
  bool admits(std::string_view type) const;

 private:
  std::vector<std::string> categories_;  // empty: every row
};

// {"log_id":"…","data":{…}}
std::string event_text(const store::logs::Row& row, std::string_view tenant_name, const Redaction& redaction);
// One line without its end: the record alone, for those who collect files.
std::string record_line(const store::logs::Row& row, std::string_view tenant_name);

enum class Format { json_lines, json_array, json_object };
Format format_from(std::string_view name);
// The bodies of the calls that carry these events.
struct Body {
  std::string text;
  std::size_t events = 0;
};
std::vector<Body> bodies_of(const std::vector<std::string>& events, Format format);

}  // namespace segue::logstreams
