// Query parameters of the Management API: what is read has the fields' types, and unknown ones are refused by name, in UTF-8.
#include "base/text.h"
#include "management/schema.h"
#include "target.h"

using namespace segue;
using fuzz::must;
using management::Type;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<management::Field> fields = {
      {.name = "page", .type = Type::integer, .minimum = 0},
      {.name = "per_page", .type = Type::integer, .minimum = 0, .maximum = 100},
      {.name = "include_totals", .type = Type::boolean},
      {.name = "fields", .pattern = management::Pattern::no_white_space},
      {.name = "strategy", .type = Type::array, .max_length = 10, .items = {{.one_of = {"auth0", "samlp"}}}}};
  const auto parameters = http::Parameters::parse(fuzz::Input(data, size).rest());
  if (!parameters.ok()) return 0;
  const auto query = management::read_query(fields, *parameters);
  if (!query.ok()) {
    must(query.error().code == "invalid_query_string" && base::is_valid_utf8(query.error().description), "refused with a text");
    return 0;
  }
  for (const auto& member : *query) {
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.name == member.key(); });
    must(field != fields.end(), "a known field");
    const auto& v = member.value();
    if (field->type == Type::integer) {
      must(v.is_int64() && v.get_int64() >= 0 && v.get_int64() <= field->maximum.value_or(9007199254740991),
           "a number in its bounds");
    } else if (field->type == Type::boolean) {
      must(v.is_bool(), "true or false");
    } else if (field->type == Type::array) {
      must(v.is_array() && v.get_array().size() <= 10, "a short list");
      for (const auto& item : v.get_array()) must(item == "auth0" || item == "samlp", "of known items");
    } else {
      must(v.is_string(), "a text");
    }
  }
  return 0;
}
