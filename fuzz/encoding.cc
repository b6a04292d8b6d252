// Encoded bytes have one text each: what decodes is what encoding its bytes gives, and everything encoded decodes to itself.
#include "base/bytes.h"
#include "base/text.h"
#include "target.h"

using namespace segue;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::Input(data, size).rest();
  if (const auto bytes = base::from_base64url(text)) must(base::base64url(*bytes) == text, "base64url is canonical");
  if (const auto bytes = base::from_base64(text)) {
    const auto again = base::base64(*bytes);
    must(again == text || again.substr(0, again.find('=')) == text, "base64 is canonical, but for missing padding");
  }
  if (const auto bytes = base::from_hex(text))
    must(base::hex(base::as_bytes(*bytes)) == base::ascii_lower(text), "hex is canonical");
  must(base::from_base64url(base::base64url(text)) == text, "base64url round trip");
  must(base::from_base64(base::base64(text)) == text, "base64 round trip");
  must(base::from_hex(base::hex(base::as_bytes(text))) == text, "hex round trip");

  must(base::percent_decode(base::percent_encode(text)) == text, "percent round trip");
  if (const auto decoded = base::percent_decode(text)) must(decoded->size() <= text.size(), "decoding never grows");
  if (const auto number = base::parse_integer(text)) {
    must(*number >= 0 && text.find_first_not_of("0123456789") == std::string_view::npos, "an integer is digits only");
  }
  must(base::escape_html(text).find_first_of("<>\"'") == std::string::npos, "escaped HTML has no markup");
  return 0;
}
