// The record of a log event is, whatever bytes a caller sent, one bounded line of UTF-8 that our own JSON reader accepts: a
// record that cannot be read again would make the log unreadable.
#include "audit/event.h"
#include "audit/record_text.h"
#include "base/bytes.h"
#include "base/text.h"
#include "target.h"

using namespace segue;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const bool raw = input.byte() % 2 == 0;
  audit::Event event;
  event.type = "f";
  const auto sent = input.line();
  event.auth0_client = raw ? std::string(sent) : base::base64url(sent);
  for (auto* const field : {&event.description, &event.client_id, &event.client_name, &event.ip, &event.user_agent,
                            &event.user_id, &event.user_name, &event.connection, &event.hostname, &event.audience, &event.scope,
                            &event.strategy, &event.organization_id, &event.client_ip, &event.transfer_id}) {
    *field = std::string(input.line());
  }
  event.details["sent"] = input.rest();

  const auto record = audit::to_record(event, base::from_seconds(1'790'000'000));
  must(base::is_valid_utf8(record) && fuzz::is_one_line(record), "one line of UTF-8");
  must(record.size() < 64 * 1024, "bounded");
  const auto read = json::parse(record);
  must(read.ok() && read->is_object(), "the log can be read again");
  must(json::find_string(read->get_object(), "type") == "f", "and says what was written");

  // The two readers of UTF-8 agree.
  std::string clean;
  audit::append_utf8(clean, input.rest());
  must(base::is_valid_utf8(clean), "mended text is UTF-8");
  must((clean == input.rest()) == base::is_valid_utf8(input.rest()), "and only what is broken is mended");
  must(audit::cut(clean, 64).size() <= 64 && base::is_valid_utf8(audit::cut(clean, 64)), "cut between characters");
  return 0;
}
