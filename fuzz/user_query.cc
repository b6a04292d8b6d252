// A query for users is refused or bounded, and judging a user by it never fails.
#include "management/user_query.h"

#include "base/text.h"
#include "target.h"

using namespace segue;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto ada = json::parse(R"({"user_id":"auth0|ada","email":"ada@example.com","name":"Ada Lovelace","logins_count":3,
      "created_at":"2024-03-01T10:00:00.000Z","identities":[{"connection":"c"}],"user_metadata":{"a":{"b":[1,"x",true]}}})");
  const auto q = fuzz::Input(data, size).rest();
  const auto query = management::UserQuery::read(q);
  if (!query.ok()) {
    must(!base::is_valid_utf8(q) || base::is_valid_utf8(query.error().description), "with a text");
    return 0;
  }
  must(q.size() <= 4096, "bounded");
  const auto leads = query->leads();
  const bool holds = query->holds(ada->get_object());
  if (!leads || !holds) return 0;
  bool led = false;
  for (const auto& lead : *leads) led = led || lead.value == "auth0|ada" || base::ascii_lower(lead.value) == "ada@example.com";
  must(led, "whoever is meant is led to");
  return 0;
}
