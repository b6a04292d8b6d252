// Where an Action sends the browser: what is taken fits into a header, and its host is what it looks like.
#include "oauth/actions/redirect_target.h"

#include "http/parameters.h"
#include "target.h"

using namespace segue;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view url(reinterpret_cast<const char*>(data), size);
  const auto target =
      oauth::redirect_target(url, {json::value(nullptr), json::object{{"query", {{"a", "b&c"}, {"state", "x"}}}}});
  must(target.has_value() == oauth::is_web_address(url), "a target is a web address");
  if (!target) return 0;
  must(target->find_first_of("\r\n \\") == std::string::npos, "it fits into a header");
  const auto begin = target->find("://") + 3;
  const auto authority = target->substr(begin, target->find_first_of("/?#", begin) - begin);
  must(!authority.empty() && authority.find('@') == std::string::npos, "it has a host and no user");
  must(url.starts_with(target->substr(0, begin + authority.size())), "the host is the one that was asked for");
  must(target->find("a=b%26c") != std::string::npos, "it carries the query");
  return 0;
}
