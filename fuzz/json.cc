// JSON that parses is written as JSON that parses to the same value, is UTF-8 and at most 32 levels deep.
#include "base/text.h"
#include "json/value.h"
#include "target.h"

using namespace segue;
using fuzz::must;

namespace {

int depth_of(const json::value& v) {
  int deepest = 0;
  if (const auto* const o = v.if_object()) {
    for (const auto& member : *o) deepest = std::max(deepest, depth_of(member.value()));
  } else if (const auto* const a = v.if_array()) {
    for (const auto& item : *a) deepest = std::max(deepest, depth_of(item));
  } else {
    return 0;
  }
  return deepest + 1;
}

// Boost.JSON reads the last digit of a double loosely, so doubles are compared loosely.
bool same(const json::value& a, const json::value& b) {
  if (a.is_double() && b.is_number()) {
    const auto x = a.get_double(), y = b.to_number<double>();
    return x == y || std::abs(x - y) <= std::abs(x) * 1e-12;
  }
  if (a.kind() != b.kind()) return false;
  if (const auto* const o = a.if_object()) {
    const auto& other = b.get_object();
    return o->size() == other.size() && std::equal(o->begin(), o->end(), other.begin(), [](const auto& x, const auto& y) {
             return x.key() == y.key() && same(x.value(), y.value());
           });
  }
  if (const auto* const list = a.if_array()) {
    return list->size() == b.get_array().size() && std::equal(list->begin(), list->end(), b.get_array().begin(), same);
  }
  return a == b;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::Input(data, size).rest();
  const auto parsed = json::parse(text);
  if (!parsed.ok()) {
    must(parsed.error().code == "invalid_request" && base::is_valid_utf8(parsed.error().description), "refused with a text");
    return 0;
  }
  must(base::is_valid_utf8(text), "only UTF-8 parses");
  must(depth_of(*parsed) <= 32, "at most 32 levels");
  const auto written = json::write(*parsed);
  must(base::is_valid_utf8(written) && fuzz::is_one_line(written), "written in one line of UTF-8");
  const auto again = json::parse(written);
  must(again.ok() && same(*parsed, *again), "parse, write, parse is the identity");
  if (const auto* const o = parsed->if_object()) {
    for (const auto& member : *o) {
      const std::string name(member.key());
      must(name.find('\0') == std::string::npos, "no NUL in names");
      must(json::find(*o, name) == &member.value(), "a member is found by its name");
      (void)json::find_integer(*o, name);
      must(json::find_strings(*o, name).size() <= written.size(), "the strings of a member");
    }
  }
  return 0;
}
