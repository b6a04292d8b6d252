// Every field that a body may hold says what becomes of it, or stands in one that does.
#include <gtest/gtest.h>

#include "management/routes.h"

namespace segue::management::honour_test {
namespace {

// Where in the body, and whether something around it says it.
void check(const Field& field, const std::string& at, bool is_stated) {
  SCOPED_TRACE(at);
  is_stated = is_stated || field.honour != Honour::unstated;
  const bool has_parts = !field.members.empty() || !field.items.empty();
  EXPECT_TRUE(is_stated || has_parts) << "say enforced(…), kept(reason, …) or refused(only, reason, …) (schema.h)";
  EXPECT_EQ(field.honour == Honour::kept || field.honour == Honour::refused,
            !field.reason.empty() && field.honour != Honour::enforced)
      << "what is kept or refused has a reason";
  if (!field.only.empty()) {
    const auto only = json::parse(field.only);
    ASSERT_TRUE(only.ok());
    // The value that is left is one that the field takes.
    Field alone = field;
    alone.name = "x";
    for (auto& member : alone.members) member.required = false;
    EXPECT_TRUE(validate_body(object_schema("Alone", {alone}), json::object{{"x", *only}}).ok());
  }
  for (const auto& member : field.members) check(member, at + "." + member.name, is_stated);
  for (const auto& item : field.items) check(item, at + "[]", is_stated);
}

TEST(Honour, is_stated_of_every_field_of_every_body) {
  int bodies = 0;
  for (const auto* const operation : all_operations()) {
    if (operation->body == nullptr || !operation->served) continue;
    check(operation->body->root, operation->id, false);
    ++bodies;
  }
  EXPECT_GT(bodies, 60);
}

TEST(Honour, of_a_refused_value_is_said_without_repeating_what_may_be_secret) {
  const auto schema =
      object_schema("Sample", {refused("{}", "there is none here", {.name = "keys", .type = Type::object, .open = true}),
                               refused("false", "it is always off", {.name = "on", .type = Type::boolean})});
  const auto refusal = [&](std::string_view body) { return validate_body(schema, *json::parse(body)).error().description; };
  EXPECT_EQ(refusal(R"({"keys":{"password":"hunter2"}})"),
            "Payload validation error: 'This value is refused: there is none here' on property keys.");
  EXPECT_EQ(refusal(R"({"on":true})"), "Payload validation error: 'true is refused: it is always off' on property on.");
  EXPECT_TRUE(validate_body(schema, *json::parse(R"({"keys":{},"on":false})")).ok());
}

}  // namespace
}  // namespace segue::management::honour_test
