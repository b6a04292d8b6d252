// What the parser takes has unique IDs, no markup but elements and text, and reads back from what Writer makes of it.
#include "xml/document.h"

#include <set>

#include "base/text.h"
#include "target.h"
#include "xml/writer.h"

using namespace segue;
using fuzz::must;

namespace {

int check(const xml::Element& element, std::set<std::string>& ids, int depth) {
  must(depth <= 64, "bounded depth");
  if (const auto id = element.attribute("ID")) must(ids.insert(*id).second, "unique IDs");
  int count = 1;
  const auto children = element.children();
  if (const auto text = element.text()) {
    must(children.empty(), "text that is whole");
    must(base::is_valid_utf8(*text), "text is UTF-8");
    const auto again = xml::Document::parse(std::move(xml::Writer().open("a").declare("", "urn:a").text(*text).close()).finish(),
                                            {.bytes = 1024 * 1024});
    must(again.ok() && again->root().text() == *text, "what is written reads back");
  }
  for (const auto& child : children) count += check(child, ids, depth + 1);
  return count;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto document = xml::Document::parse(fuzz::Input(data, size).rest());
  if (!document.ok()) {
    must(!document.error().description.empty(), "a reason");
    return 0;
  }
  std::set<std::string> ids;
  must(check(document->root(), ids, 1) <= 4000, "bounded elements");
  return 0;
}
