#include "xml/writer.h"

#include <gtest/gtest.h>

#include "base/result.h"
#include "xml/document.h"

namespace segue::xml {
namespace {

TEST(Writer, what_it_writes_reads_back_as_it_was_given) {
  const std::string hostile = "</a><b c=\"d\" e='f'>&amp;\t\r\n ]]> \xC3\xA9 \xF0\x9F\x98\x80";
  auto text =
      std::move(Writer().open("s:a").declare("s", "urn:s?a=1").attribute("b", hostile).leaf("s:c", hostile).close()).finish();
  EXPECT_EQ(text.find_first_of("\r\n"), std::string::npos);
  const auto parsed = Document::parse(text);
  ASSERT_TRUE(parsed.ok()) << text;
  EXPECT_EQ(parsed->root().namespace_uri(), "urn:s?a=1");
  EXPECT_EQ(parsed->root().attribute("b"), hostile);
  EXPECT_EQ(parsed->root().children().size(), 1u);
  EXPECT_EQ(parsed->root().only_child("urn:s?a=1", "c")->text(), hostile);
}

TEST(Writer, characters_that_xml_cannot_hold_are_replaced) {
  auto text = std::move(Writer()
                            .open("a")
                            .declare("", "urn:a")
                            .text("a\x01"
                                  "b\xEF\xBF\xBF"
                                  "c")
                            .close())
                  .finish();
  const auto parsed = Document::parse(text);
  ASSERT_TRUE(parsed.ok()) << text;
  EXPECT_EQ(parsed->root().text(),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD"
            "c");
}

TEST(Writer, a_mistake_of_ours_is_a_bug) {
  EXPECT_THROW(Writer().open("s:a").close(), base::Bug);
  EXPECT_THROW(Writer().open("a").close(), base::Bug);
  EXPECT_THROW(Writer().close(), base::Bug);
  EXPECT_THROW(Writer().open("a").declare("", "u").close().open("b"), base::Bug);
  EXPECT_THROW(Writer().open("a").declare("", "u").text("x").attribute("b", "c"), base::Bug);
  EXPECT_THROW(Writer().open("a").declare("", "u").open("b").declare("x", "y").close().open("x:c").close(), base::Bug);
  EXPECT_THROW(std::move(Writer().open("a").declare("", "u")).finish(), base::Bug);
  EXPECT_THROW(Writer().open("a").declare("", "u").text("\xC3\x28"), base::Bug);
}

}  // namespace
}  // namespace segue::xml
