// What browsers ask of WS-Federation: every part is bounded text, and its context comes back from the form that carries it.
#include "wsfed_idp/passive_request.h"

#include "base/text.h"
#include "target.h"
#include "wsfed_idp/passive_message.h"

using namespace segue;
using namespace segue::wsfed_idp;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  http::Request request;
  if (input.byte() % 2 == 1) request.method = http::Method::post;
  (request.method == http::Method::post ? request.body : request.query) = input.rest();
  const auto parameters = read_parameters(request);
  if (!parameters.ok()) return 0;
  const auto asked = read_passive_request(*parameters, base::from_seconds(1'780'000'000));
  if (!asked.ok()) return 0;
  must(asked->realm.size() <= kLongestName && asked->reply.size() <= kLongestName, "names are bounded");
  must(!asked->max_age || *asked->max_age >= 0, "an age is not negative");
  must(!asked->is_asked_for || !asked->realm.empty(), "who asks says who they are");
  must(!asked->objection || !asked->objection->description.empty(), "an objection says why");
  if (!asked->context) return 0;
  must(asked->context->size() <= kLongestContext && base::is_valid_utf8(*asked->context), "the context is text within its limit");
  const auto stored = to_json({.realm = asked->realm, .context = asked->context});
  must(passive_message_from(stored).context == asked->context, "round trip");
  return 0;
}
