// A mail template is refused with its place, or renders within bounds; no value ends as markup.
#include "mail/liquid.h"

#include <array>

#include "base/text.h"
#include "target.h"

using namespace segue;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto values = json::parse(R"({"user":{"email":"\u0001<mark>","n":3,"list":["a"]},"url":"\u0001<mark>"})");
  constexpr std::array<std::string_view, 2> kNames = {"user", "url"};
  const auto text = fuzz::Input(data, size).rest();
  const auto parsed = mail::LiquidTemplate::parse(text, kNames);
  if (!parsed.ok()) {
    must(parsed.error().description.starts_with("line "), "with its place");
    return 0;
  }
  const auto html = parsed->render(values->get_object(), mail::LiquidTemplate::Escaping::html);
  if (!html.ok()) return 0;
  must(html->find("\x01<") == std::string::npos || text.find('\x01') != std::string_view::npos, "escaped");
  return 0;
}
