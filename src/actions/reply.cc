#include "actions/reply.h"

#include <algorithm>

#include "actions/api_table.h"
#include "base/text.h"

namespace segue::actions {
namespace {

constexpr std::size_t kMostCommands = 1000;
constexpr std::size_t kLongestLog = 256 * 3;  // 256 UTF-16 units in UTF-8

base::Error broken(std::string_view why) {
  return {.kind = base::ErrorKind::invalid_input,
          .code = "broken_protocol",
          .description = "the process of the Action answered what it must not: " + std::string(why)};
}

base::Result<std::vector<Command>> read_commands(const json::object& message, std::string_view trigger) {
  const auto* const member = json::find(message, "commands");
  if (member == nullptr || !member->is_array()) return broken("no list of commands");
  const auto& list = member->get_array();
  if (list.size() > kMostCommands) return broken("too many commands");
  std::vector<Command> out;
  for (const auto& item : list) {
    if (!item.is_array() || item.get_array().size() != 2) return broken("a command that is no pair");
    const auto& pair = item.get_array();
    if (!pair[0].is_string() || !pair[1].is_array()) return broken("a command without name or arguments");
    const auto name = json::to_view(pair[0].get_string());
    const auto* const method = find_method(trigger, name);
    if (method == nullptr || (method->effect != Effect::record && method->effect != Effect::stop))
      return broken("a command that the trigger does not have");
    if (const auto checked = check_arguments(*method, pair[1].get_array()); !checked.ok())
      return broken(checked.error().description);
    out.push_back({std::string(name), pair[1].get_array()});
  }
  return out;
}

std::string text_of(const json::object& o, std::string_view name, std::size_t most) {
  return base::shortened(json::find_string(o, name).value_or(""), most);
}

base::Result<Reply> read_result(const json::object& message, std::string_view trigger) {
  ActionResult out;
  out.version_id = text_of(message, "action", 128);
  out.commands = TRY(read_commands(message, trigger));
  out.log = text_of(message, "log", kLongestLog);
  if (const auto* const took = json::find(message, "microseconds"); took != nullptr && took->is_number()) {
    const auto value = took->to_number<double>();
    if (value >= 0 && value < 1e12) out.duration = std::chrono::microseconds(static_cast<std::int64_t>(value));
  }
  const auto* const error = json::find_object(message, "error");
  out.ok = error == nullptr;
  if (error != nullptr)
    out.thrown = {text_of(*error, "name", 256), text_of(*error, "message", 4096), text_of(*error, "stack", 8192)};
  return Reply(std::move(out));
}

}  // namespace

std::string_view to_text(Status status) {
  switch (status) {
    case Status::ok: return "ok";
    case Status::thrown: return "thrown";
    case Status::timed_out: return "timed_out";
    case Status::out_of_memory: return "out_of_memory";
    case Status::exited: return "exited";
    case Status::broken_protocol: return "broken_protocol";
    case Status::unavailable: return "unavailable";
  }
  return "";
}

base::Result<Reply> parse_reply(std::string_view text, std::string_view call_id, std::string_view trigger) {
  const auto parsed = json::parse(text);
  if (!parsed.ok() || !parsed->is_object()) return broken("no JSON object");
  const auto& message = parsed->get_object();
  const auto type = json::find_string(message, "type").value_or("");
  if (type == "ready") return Reply(Ready{});
  // An answer to an earlier call, which the Action kept back, is none to this one.
  if (json::find_string(message, "call") != std::string(call_id)) return broken("an answer to another call");
  if (type == "result") return read_result(message, trigger);
  if (type == "done") return Reply(Done{json::find_bool(message, "spent").value_or(true)});
  if (type != "ask") return broken("an unknown kind of answer");
  const auto name = json::find_string(message, "method").value_or("");
  const auto* const method = find_method(trigger, name);
  const auto* const arguments = json::find(message, "arguments");
  if (method == nullptr || method->effect != Effect::ask) return broken("a question that the trigger does not have");
  if (arguments == nullptr || !arguments->is_array()) return broken("a question without arguments");
  if (const auto checked = check_arguments(*method, arguments->get_array()); !checked.ok())
    return broken(checked.error().description);
  return Reply(Ask{name, arguments->get_array()});
}

bool stops(const ActionResult& result, std::string_view trigger) {
  return std::any_of(result.commands.begin(), result.commands.end(), [&](const Command& command) {
    const auto* const method = find_method(trigger, command.method);
    return method != nullptr && method->effect == Effect::stop;
  });
}

}  // namespace segue::actions
