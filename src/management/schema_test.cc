#include "management/schema.h"

#include <gtest/gtest.h>

#include "management/client_fields.h"
#include "management/uri.h"

namespace segue::management::schema_test {
namespace {

std::string refusal(const Schema& schema, std::string_view body) {
  const auto outcome = validate_body(schema, *json::parse(body));
  return outcome.ok() ? "" : outcome.error().description;
}

std::string query_refusal(const std::vector<Field>& fields, std::string_view query) {
  const auto read = read_query(fields, *http::Parameters::parse(query));
  return read.ok() ? "" : read.error().description;
}

const Schema kSample = object_schema(
    "Sample",
    {{.name = "name", .description = "The name", .required = true, .min_length = 1, .max_length = 5},
     {.name = "size", .type = Type::integer, .minimum = 1, .maximum = 10},
     {.name = "kind", .one_of = {"a", "b"}},
     {.name = "tags", .type = Type::array, .min_length = 1, .unique_items = true, .items = {{.name = ""}}},
     {.name = "flag", .type = Type::boolean, .nullable = true},
     {.name = "groups",
      .type = Type::array,
      .items = {
          {.name = "", .type = Type::object, .members = {{.name = "email", .description = "Mail", .format = Format::email}}}}}});

TEST(Schema, names_the_first_failing_check_in_the_words_of_the_contract) {
  EXPECT_EQ(refusal(kSample, R"({"name":"ok","size":10,"kind":"a","tags":["x"],"flag":null})"), "");
  EXPECT_EQ(refusal(kSample, R"({})"), "Payload validation error: 'Missing required property: name'.");
  EXPECT_EQ(refusal(kSample, R"({"name":"x","foo":1})"), "Payload validation error: 'Additional properties not allowed: foo'.");
  EXPECT_EQ(refusal(kSample, R"({"name":1})"),
            "Payload validation error: 'Expected type string but found type integer' on property name (The name).");
  EXPECT_EQ(refusal(kSample, R"([])"), "Payload validation error: 'Expected type object but found type array'.");
  EXPECT_EQ(refusal(kSample, R"({"name":""})"),
            "Payload validation error: 'String is too short (0 chars), minimum 1' on property name (The name).");
  EXPECT_EQ(refusal(kSample, R"({"name":"123456"})"),
            "Payload validation error: 'String is too long (6 chars), maximum 5' on property name (The name).");
  EXPECT_EQ(refusal(kSample, R"({"name":"x","size":0})"),
            "Payload validation error: 'Value 0 is less than minimum 1' on property size.");
  EXPECT_EQ(refusal(kSample, R"({"name":"x","size":1.5})"),
            "Payload validation error: 'Expected type integer but found type number' on property size.");
  EXPECT_EQ(refusal(kSample, R"({"name":"x","kind":"c"})"),
            "Payload validation error: 'No enum match for: \"c\"' on property kind.");
  EXPECT_EQ(refusal(kSample, R"({"name":"x","tags":[]})"),
            "Payload validation error: 'Array is too short (0), minimum 1' on property tags.");
  EXPECT_EQ(refusal(kSample, R"({"name":"x","tags":["a","a"]})"),
            "Payload validation error: 'Array items are not unique (indexes 0 and 1)' on property tags.");
  EXPECT_EQ(
      refusal(kSample, R"({"name":"x","groups":[{"email":"nobody"}]})"),
      "Payload validation error: 'Object didn't pass validation for format email: nobody' on property groups[0].email (Mail).");
  EXPECT_EQ(refusal(kSample, R"({"name":null})"),
            "Payload validation error: 'Expected type string but found type null' on property name (The name).");
}

TEST(Schema, counts_characters_and_not_bytes) { EXPECT_EQ(refusal(kSample, R"({"name":"äöüßé"})"), ""); }

TEST(Schema, refuses_a_nul_character_in_every_string) {
  EXPECT_NE(refusal(kSample, R"({"name":"a\u0000"})"), "");
  EXPECT_NE(refusal(client_create_schema(), R"({"name":"a","client_metadata":{"k":"\u0000"}})"), "");
}

TEST(Schema, knows_every_field_of_a_client) {
  EXPECT_EQ(refusal(client_create_schema(), R"({"name":"<b>"})"),
            "Payload validation error: 'String does not match pattern ^[^<>]+$: <b>' on property name (Name of the client).");
  EXPECT_EQ(refusal(client_create_schema(), R"({"name":"x","session_transfer":{"other":true}})"),
            "Payload validation error: 'Additional properties not allowed: other' on property session_transfer (Native to Web "
            "SSO settings).");
  EXPECT_EQ(
      refusal(client_create_schema(), R"({"name":"x","session_transfer":{"allowed_authentication_methods":["header"]}})"),
      "Payload validation error: 'No enum match for: \"header\"' on property session_transfer.allowed_authentication_methods[0] "
      "(Transport of a session transfer token).");
  EXPECT_EQ(refusal(client_create_schema(), R"({"name":"x","refresh_token":{"leeway":1}})"),
            "Payload validation error: 'Missing required property: rotation_type' on property refresh_token (Refresh token "
            "configuration).");
  EXPECT_EQ(refusal(client_update_schema(), R"({"refresh_token":{"leeway":1},"session_transfer":null})"), "");
  EXPECT_EQ(refusal(client_update_schema(), R"({"resource_server_identifier":"x"})"),
            "Payload validation error: 'Additional properties not allowed: resource_server_identifier'.");
  EXPECT_NE(refusal(client_create_schema(), R"j({"name":"x","callbacks":["javascript:alert(1)"]})j"), "");
}

TEST(Query, reads_parameters_by_their_types) {
  const std::vector<Field> fields = {{.name = "page", .type = Type::integer, .minimum = 0},
                                     {.name = "totals", .type = Type::boolean},
                                     {.name = "strategy", .type = Type::array, .items = {{.name = ""}}},
                                     {.name = "q"}};
  const auto read =
      read_query(fields, *http::Parameters::parse("page=2&totals=true&strategy=a&strategy=b%2Cc&strategy%5B1%5D=d&q="));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(json::write(*read), R"({"page":2,"totals":true,"strategy":["a","b","c","d"]})");
  EXPECT_EQ(query_refusal(fields, "page=x"),
            "Query validation error: 'Expected type integer but found type string' on property page.");
  EXPECT_EQ(query_refusal(fields, "totals=1"),
            "Query validation error: 'Expected type boolean but found type string' on property totals.");
  EXPECT_EQ(query_refusal(fields, "foo=1"), "Query validation error: 'Additional properties not allowed: foo'.");
  EXPECT_NE(query_refusal(fields, "page=1&page=2"), "");
}

TEST(CallbackUrl, takes_wildcards_and_placeholders_only_where_the_contract_lets_them_stand) {
  for (const auto* url : {"https://app.example.com/callback", "http://localhost:3000/cb",
                          "com.example.app://auth.example.com/ios/com.example.app/callback", "https://*.example.com/cb",
                          "https://pre-*-suf.example.com", "https://{organization_name}.example.com/cb",
                          "com.example.app:/oauth2redirect", "https://app.example.com/cb?x=1", "http://[::1]:8080/cb"}) {
    EXPECT_TRUE(is_callback_url(url)) << url;
  }
  for (const auto* url : {"",
                          "app.example.com",
                          "/callback",
                          "javascript:alert(1)",
                          "JavaScript:alert(1)",
                          "data:text/html,x",
                          "vbscript:x",
                          "file:///etc/passwd",
                          "blob:https://x/y",
                          "https://*.com",
                          "https://a.*.example.com",
                          "https://*.*.example.com",
                          "https://*",
                          "https://example.com/*",
                          "com.app://*.example.com",
                          "https://user@example.com/",
                          "https://example.com/#f",
                          "https://exa mple.com",
                          "https://example.com\\@evil.com",
                          "https://",
                          "https:example.com",
                          "https://x{organization_name}.example.com",
                          "https://{organization_name}.*.example.com",
                          "https://{other}.example.com",
                          "https://*.a:m].example.com",
                          "https://example.com:8a/",
                          "https://example.com:1:2/",
                          "https://[::1",
                          "https://a[::1]/",
                          "https://[]/",
                          "https://example.com/\n"}) {
    EXPECT_FALSE(is_callback_url(url)) << url;
  }
}

TEST(Order, of_an_answer_is_that_of_the_table_whatever_came_first) {
  const Field table{.name = "",
                    .type = Type::object,
                    .members = {{.name = "name"},
                                {.name = "sink", .type = Type::object, .members = {{.name = "url"}, {.name = "format"}}},
                                {.name = "open", .type = Type::object, .open = true},
                                {.name = "list",
                                 .type = Type::array,
                                 .items = {{.name = "", .type = Type::object, .members = {{.name = "a"}, {.name = "b"}}}}}}};
  const auto ordered = [&](std::string_view text) { return json::write(in_order_of(table, json::parse(text)->get_object())); };
  EXPECT_EQ(
      ordered(R"({"id":1,"list":[{"b":1,"a":2},3],"open":{"z":1,"a":2},"sink":{"format":null,"other":1,"url":"u"},"name":"n"})"),
      R"({"name":"n","sink":{"url":"u","format":null,"other":1},"open":{"z":1,"a":2},"list":[{"a":2,"b":1},3],"id":1})");
  EXPECT_EQ(ordered(R"({"sink":null,"list":{"b":1},"name":[1]})"), R"({"name":[1],"sink":null,"list":{"b":1}})");
  EXPECT_EQ(ordered("{}"), "{}");
}

TEST(Email, is_checked_without_being_clever) {
  for (const auto* email : {"a@b.co", "first.last+tag@sub.example.com", "x@localhost"}) EXPECT_TRUE(is_email(email)) << email;
  for (const auto* email : {"", "a", "@b.co", "a@", "a b@c.de", "a@b..c", "a@.b", "a@b@c.de", "a@b.c\r\nBcc: x"})
    EXPECT_FALSE(is_email(email)) << email;
}

}  // namespace
}  // namespace segue::management::schema_test
