// multipart/form-data (RFC 7578), as a file is uploaded. Strict: what is not exactly a form is none.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace segue::http {

struct Part {
  std::string name;
  bool is_file = false;   // it came with a file name, which nobody needs
  std::string_view body;  // of the parsed text, which must outlive it
};

// RFC 2046 §5.1.1; no preamble, no epilogue, at most 32 parts, each with a name of its own.
base::Result<std::vector<Part>> parse_multipart(std::string_view content_type, std::string_view body);

}  // namespace segue::http
