// A time that parses is one of the years 0 to 9999, and what to_iso8601 prints of it parses to the same millisecond.
#include "base/clock.h"
#include "target.h"

using namespace segue;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::Input(data, size).rest();
  const auto time = base::from_iso8601(text);
  if (!time) return 0;
  must(text.find_first_not_of("0123456789-T:.Z") == std::string_view::npos, "no signs and no white space");
  const auto printed = base::to_iso8601(*time);
  const auto again = base::from_iso8601(printed);
  must(again && *again == std::chrono::floor<std::chrono::milliseconds>(*time), "what is printed parses to the same time");
  // A leap second is the next minute's first.
  if (text.size() == 10 || text.substr(17, 2) != "60")
    must(printed.substr(0, 10) == text.substr(0, 10), "the date is the one that was written");
  return 0;
}
