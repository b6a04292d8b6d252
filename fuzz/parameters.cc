// Parameters that parse are UTF-8 without controls that break lines of text, encode to something that parses to the same pairs,
// and put nothing into a Location but the URI's own bytes and unreserved ones.
#include "http/parameters.h"

#include "base/text.h"
#include "target.h"

using namespace segue;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parsed = http::Parameters::parse(fuzz::Input(data, size).rest());
  if (!parsed.ok()) {
    must(parsed.error().code == "invalid_request", "refused as invalid_request");
    return 0;
  }
  must(parsed->pairs().size() <= 200, "at most 200 pairs");
  for (const auto& [name, value] : parsed->pairs()) {
    must(base::is_valid_utf8(name) && base::is_valid_utf8(value), "UTF-8");
    must((name + value).find('\0') == std::string::npos, "no NUL");
    must(parsed->has(name), "what stands in it is in it");
  }
  const auto encoded = parsed->encode();
  must(base::is_free_of_controls(encoded) && encoded.find_first_of(" #\"<>") == std::string::npos,
       "encoded text is safe in a header");
  const auto again = http::Parameters::parse(encoded);
  must(again.ok() && again->pairs() == parsed->pairs(), "parse, encode, parse is the identity");

  if (parsed->pairs().empty() || parsed->pairs().size() == 200) return 0;  // one more would be too many
  for (const auto* uri : {"https://app.example/cb", "https://app.example/cb?a=b", "com.app:/cb?"}) {
    const auto location = http::append_query(uri, *parsed);
    const auto question = location.find('?');
    const auto all = http::Parameters::parse(std::string_view(location).substr(question + 1));
    must(location.starts_with(uri) && all.ok() && all->pairs().size() >= parsed->pairs().size(), "appended to the query, whole");
    must(std::equal(parsed->pairs().rbegin(), parsed->pairs().rend(), all->pairs().rbegin()), "appended at its end");
  }
  return 0;
}
