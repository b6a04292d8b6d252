// The normalised user agent holds nothing of the header but digits.
#include "audit/event.h"
#include "target.h"

using namespace segue;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto header = fuzz::Input(data, size).rest();
  const auto text = audit::normalised_user_agent(header);
  must(text.size() <= 100, "short");
  must(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ./") == std::string::npos, "plain");
  const auto slash = text.find(" / ");
  must(slash != std::string::npos && text.find('/', slash + 2) == std::string::npos, "browser / system");
  (void)audit::is_mobile(header);
  return 0;
}
