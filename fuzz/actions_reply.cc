// What a host process of Actions may answer: a reply that is read holds nothing but what the trigger's table allows.
#include "actions/api_table.h"
#include "actions/reply.h"
#include "target.h"

using namespace segue;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::Input(data, size).rest();
  for (const std::string trigger : {"post-login", "credentials-exchange", "post-change-password"}) {
    const auto reply = actions::parse_reply(text, "call", trigger);
    if (!reply.ok()) {
      must(reply.error().code == "broken_protocol", "refused as a broken protocol");
      continue;
    }
    const auto* const result = std::get_if<actions::ActionResult>(&*reply);
    if (result == nullptr) continue;
    must(result->commands.size() <= 1000 && result->log.size() <= 768, "within the limits");
    must(result->duration.count() >= 0, "no negative time");
    for (const auto& command : result->commands) {
      const auto* const method = actions::find_method(trigger, command.method);
      must(method != nullptr, "a method of the trigger");
      must(actions::check_arguments(*method, command.arguments).ok(), "arguments of the method");
      (void)actions::stops(*result, trigger);
    }
  }
  return 0;
}
