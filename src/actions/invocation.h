// One call of the Actions of a trigger, and what came of it. Nothing here knows that another process runs them.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "crypto/secret.h"
#include "json/value.h"

namespace segue::actions {

// A published version of a module, which the code of an Action requires as "actions:NAME". It never changes either.
struct Module {
  std::string version_id;  // as below
  std::string name;
  std::string code;
  std::string folder;
  std::map<std::string, crypto::Secret> secrets;  // the module's own: `actions.secrets`
};

// A deployed version of an Action. A version never changes: a process that has loaded it keeps it.
struct Action {
  std::string id;          // of the Action
  std::string version_id;  // [A-Za-z0-9_-]; names the module and its folder
  std::string name;        // for stacks
  std::string code;
  std::string folder;  // of its installed dependencies (installer.h); empty: it has none
  std::map<std::string, crypto::Secret> secrets;
  std::vector<Module> modules = {};
};

// Questions that only the server can answer while the Action waits: roles, groups. The Error's description becomes the message of
// what the Action catches.
using Answerer = std::function<base::Result<json::value>(std::string_view method, const json::array& arguments)>;

struct CacheEntry {
  std::string value;
  std::int64_t expires_at = 0;  // milliseconds since 1970
};

struct Invocation {
  std::string trigger;          // "post-login"
  std::string function;         // "onExecutePostLogin"
  std::string first_function;   // of the first Action, when it goes on after a redirect: without it, it did nothing
  std::vector<Action> actions;  // in binding order
  json::object event;           // without secrets: each Action gets its own
  std::map<std::string, CacheEntry> cache;
  bool can_redirect = false;
  bool function_is_optional = false;  // an Action without it did nothing
  bool loads_modules = false;         // also those that no Action requires: to find what does not load before it is needed
  Answerer answer;                    // may be empty: questions are refused
};

struct Command {
  std::string method;  // of api_table.h: "access.deny"
  json::array arguments;
};

struct Thrown {
  std::string name, message, stack;
};

// Of one Action that ran to its end, well or not.
struct ActionResult {
  std::string version_id;
  bool ok = false;
  Thrown thrown;  // when it is not ok
  std::vector<Command> commands;
  std::string log;                        // at most 256 characters
  std::chrono::microseconds duration{0};  // as the process says
};

enum class Status { ok, thrown, timed_out, out_of_memory, exited, broken_protocol, unavailable };
std::string_view to_text(Status status);

// `results` holds what ended before the call did; when a process had to be killed, the Action after those was the one that ran.
struct Outcome {
  Status status = Status::unavailable;
  std::string reason;  // for the log: why it is not ok
  std::vector<ActionResult> results;
  bool stopped = false;  // an Action denied, revoked or suspended: those behind it did not run
};

}  // namespace segue::actions
