// A log query is refused or bounded: at most 512 alternatives and 4,096 terms, each on a searchable field, and UTF-8 stays UTF-8.
#include "management/log_query.h"

#include "base/text.h"
#include "target.h"

using namespace segue;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto q = fuzz::Input(data, size).rest();
  const bool utf8 = base::is_valid_utf8(q);
  const auto query = management::parse_log_query(q);
  if (!query.ok()) {
    must(query.error().status == 400 || query.error().kind == base::ErrorKind::invalid_input, "refused");
    must(!utf8 || base::is_valid_utf8(query.error().description), "with a text");
    return 0;
  }
  must(q.size() <= 4096 && query->any_of.size() <= 512, "bounded");
  std::size_t terms = 0;
  using Op = store::logs::Term::Op;
  for (const auto& all : query->any_of) {
    terms += all.size();
    for (const auto& term : all) {
      must(store::logs::is_searchable(term.field), "on a searchable field");
      must(!utf8 || base::is_valid_utf8(term.value), "UTF-8 stays UTF-8");
      const bool is_text = term.op == Op::prefix || term.op == Op::pattern || term.op == Op::any;
      must(term.field != "date" || is_text || base::from_iso8601(term.value).has_value(), "a time on the date");
    }
  }
  must(terms <= 4096, "bounded in all");
  return 0;
}
