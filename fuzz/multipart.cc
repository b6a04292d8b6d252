// A form is taken apart into parts that stand in it, or refused.
#include "http/multipart.h"

#include "base/text.h"
#include "target.h"

using namespace segue;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const auto type = input.line();
  const auto body = input.rest();
  for (const auto& content_type : {std::string(type), std::string("multipart/form-data; boundary=b")}) {
    const auto parts = http::parse_multipart(content_type, body);
    if (!parts.ok()) continue;
    must(parts->size() <= 32, "bounded");
    const auto* last = body.data();
    for (const auto& part : *parts) {
      must(!part.name.empty() && base::is_valid_utf8(part.name) && fuzz::is_one_line(part.name), "named");
      must(part.body.data() >= last && part.body.data() + part.body.size() <= body.data() + body.size(), "in the body, in order");
      last = part.body.data() + part.body.size();
    }
  }
  return 0;
}
