// The file of a users export (contract §9.12 jobs): one JSON object per line, or CSV.
#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace segue::management {

struct ExportField {
  std::string name;       // a path in the user, as "user_metadata.plan"
  std::string export_as;  // its name in the file
};

struct ExportFormat {
  bool csv = false;
  std::vector<ExportField> fields;  // none, for JSON: all that there is
};
ExportFormat export_format_from(const json::object& settings);

std::string export_head(const ExportFormat& format);  // empty for JSON
std::string export_line(const ExportFormat& format, const json::object& user);

}  // namespace segue::management
