// What streams send: categories, personal data, formats.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/event.h"
#include "logstreams/categories.h"
#include "logstreams/payload.h"
#include "logstreams/xxhash64.h"

namespace segue::logstreams {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

TEST(XxHash64, gives_the_hashes_that_others_give) {
  EXPECT_EQ(xxhash64(""), 0xEF46DB3751D8E999);
  EXPECT_EQ(xxhash64("a"), 0xD24EC4F1A98C6E5B);
  EXPECT_EQ(xxhash64("abc"), 0x44BC2CF5AD770999);
  EXPECT_EQ(xxhash64("Nobody inspects the spammish repetition"), 0xFBCEA83C8A378BF1);
}

TEST(Categories, every_code_has_the_category_of_the_contract) {
  EXPECT_EQ(category_of("s"), "auth.login.success");
  EXPECT_EQ(category_of("w"), "auth.login.notification");
  EXPECT_EQ(category_of("sertft"), "auth.token_exchange.success");
  EXPECT_EQ(category_of("ferrt"), "auth.token_exchange.fail");
  EXPECT_EQ(category_of("sapi"), "management.success");
  EXPECT_EQ(category_of("slo"), "auth.logout.success");
  EXPECT_EQ(category_of("limit_wc"), "system.notification");
  EXPECT_EQ(category_of("srrt"), "user.success");
  EXPECT_EQ(category_of("mfar"), "other");
  EXPECT_EQ(category_of("no such code"), "other");
  EXPECT_THAT(categories(), SizeIs(20));
}

TEST(Filter, admits_what_its_categories_name_and_everything_without_any) {
  const Filter all(json::object{});
  EXPECT_TRUE(all.admits("s"));
  const Filter empty(json::object{{"filters", json::array{}}});
  EXPECT_TRUE(empty.admits("s"));
  const Filter failures(json::object{{"filters", json::array{json::object{{"type", "category"}, {"name", "auth.login.fail"}},
                                                             json::object{{"type", "category"}, {"name", "other"}}}}});
  EXPECT_FALSE(failures.admits("s"));
  EXPECT_TRUE(failures.admits("fp"));
  EXPECT_TRUE(failures.admits("fpar"));
}

store::logs::Row row_of(audit::Event event) {
  return {base::RowId{1}, event.type, "", audit::to_record(event, base::from_micros(1'700'000'000'000'000))};
}
json::object streamed(const audit::Event& event, const Redaction& redaction) {
  const auto text = event_text(row_of(event), "acme", redaction);
  return json::parse(text)->get_object().at("data").get_object();
}
std::string text_of(const json::object& record, std::string_view name) {
  return json::find_string(record, name).value_or("(none)");
}

TEST(Payload, shows_the_record_with_its_ids_and_the_tenant) {
  const auto text = event_text(row_of({.type = "s", .client_id = "a"}), "acme", {});
  const auto event = json::parse(text)->get_object();
  const auto& data = event.at("data").get_object();
  EXPECT_EQ(text_of(event, "log_id"), text_of(data, "log_id"));
  EXPECT_EQ(text_of(data, "tenant_name"), "acme");
  EXPECT_EQ(text_of(data, "type"), "s");
}

TEST(Payload, formats_bodies) {
  const std::vector<std::string> events = {"{1}", "{2}", "{3}"};
  const auto texts = [&](Format format) {
    std::vector<std::string> out;
    for (const auto& body : bodies_of(events, format)) out.push_back(body.text);
    return out;
  };
  EXPECT_THAT(texts(Format::json_lines), ElementsAre("{1}\n{2}\n{3}"));
  EXPECT_THAT(texts(Format::json_array), ElementsAre("[{1},{2},{3}]"));
  EXPECT_THAT(texts(Format::json_object), ElementsAre("{1}", "{2}", "{3}"));
  EXPECT_THAT(bodies_of({}, Format::json_array), SizeIs(0));
  const std::vector<std::string> large(3, std::string(200'000, 'x'));
  EXPECT_THAT(bodies_of(large, Format::json_lines), SizeIs(3));
}

TEST(Payload, what_a_caller_sent_ends_no_line_and_begins_no_member) {
  const auto line = record_line(row_of({.type = "f",
                                        .description = "a\nb\r\n{\"type\":\"s\"}",
                                        .user_agent = "x\"},{\"log_id\":\"forged\"}\n",
                                        .user_name = "ada\n\"},\xE2\x80\xA8"}),
                                "acme");
  EXPECT_THAT(line, Not(HasSubstr("\n")));
  EXPECT_THAT(line, Not(HasSubstr("\r")));
  EXPECT_EQ(text_of(json::parse(line)->get_object(), "type"), "f");
}

TEST(Redaction, masks_or_hashes_the_named_fields_wherever_they_stand) {
  const audit::Event event{.type = "fp",
                           .description = "ada@example.com is wrong",
                           .user_name = "ada@example.com",
                           .details = {{"body", json::object{{"email", "ada@example.com"}, {"given_name", "Ada"}}},
                                       {"prompts", json::array{json::object{{"user_name", "ada@example.com"}}}},
                                       {"address", json::object{{"street", "1 Analytical Way"}, {"number", 1}}}}};
  const auto masked = streamed(event, {.fields = {"email", "first_name", "address"}});
  EXPECT_EQ(text_of(masked, "user_name"), "*****");
  EXPECT_EQ(text_of(masked, "description"), "***** is wrong");
  EXPECT_EQ(json::write(masked.at("details")),
            R"({"body":{"email":"*****","given_name":"*****"},"prompts":[{"user_name":"*****"}],)"
            R"("address":{"street":"*****","number":"*****"}})");
  const auto hashed = streamed(event, {.fields = {"username"}, .hashes = true});
  const auto name = text_of(hashed, "user_name");
  EXPECT_EQ(name.size(), 16u);
  EXPECT_EQ(text_of(hashed, "description"), name + " is wrong");
  EXPECT_EQ(text_of(streamed(event, {}), "user_name"), "ada@example.com");
  EXPECT_EQ(text_of(streamed(event, {.fields = {"phone"}}), "user_name"), "ada@example.com");
  EXPECT_EQ(text_of(streamed({.type = "s", .user_name = "+44 20 7946 0000"}, {.fields = {"phone"}}), "user_name"), "*****");
  EXPECT_EQ(text_of(streamed({.type = "s"}, {.fields = {"username", "email"}}), "user_name"), "");
}

}  // namespace
}  // namespace segue::logstreams
