#include "actions/host_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "actions/api_table.h"
#include "actions/frames.h"
#include "actions/reply.h"
#include "base/text.h"

namespace segue::actions {
namespace {

constexpr auto kTimeToDie = std::chrono::seconds(2);

base::Error cannot(std::string_view what) {
  return {.kind = base::ErrorKind::unavailable, .code = "unavailable", .description = std::string(what)};
}

// What a process printed before it ended tells why, when Node.js wrote it; an Action can write the same, and harms itself only.
bool ran_out_of_memory(const End& end, std::string_view text) {
  return text.find("out of memory") != std::string_view::npos || end.signal == SIGKILL;
}

std::string describe(const End& end) {
  if (end.signal == SIGXCPU) return "the process of the Action used up its processor time";
  if (end.signal != 0) return fmt::format("the process of the Action was ended by signal {}", end.signal);
  return fmt::format("the process of the Action exited with code {}", end.code);
}

json::object secrets_json(const std::map<std::string, crypto::Secret>& secrets) {
  json::object out;
  for (const auto& [name, secret] : secrets) out[name] = secret.reveal();
  return out;
}

// All of it goes with the code, once: what a version holds never changes.
json::object module_json(const Module& module, const std::set<std::string>& known, const Sandbox& sandbox) {
  json::object out{{"id", module.version_id}, {"name", module.name}};
  if (known.contains(module.version_id)) return out;
  out["code"] = module.code;
  out["secrets"] = secrets_json(module.secrets);
  if (!module.folder.empty()) out["folder"] = sandbox.inside({module.folder, module.version_id});
  return out;
}

json::object action_json(const Action& action, const std::map<std::string, std::string>& loaded,
                         const std::set<std::string>& known_modules, const Sandbox& sandbox) {
  json::array modules;
  for (const auto& module : action.modules) modules.push_back(module_json(module, known_modules, sandbox));
  json::object out{{"id", action.version_id},
                   {"name", action.name},
                   {"secrets", secrets_json(action.secrets)},
                   {"modules", std::move(modules)}};
  if (!action.folder.empty()) out["folder"] = sandbox.inside({action.folder, action.version_id});
  const auto found = loaded.find(action.id);
  if (found == loaded.end() || found->second != action.version_id) out["code"] = action.code;
  return out;
}

json::value answer_to(const Ask& question, const Invocation& invocation, int asked, int most) {
  if (asked > most) return json::object{{"error", fmt::format("an Action may ask the server {} times", most)}};
  if (!invocation.answer) return json::object{{"error", fmt::format("api.{} is not available here", question.method)}};
  auto answer = invocation.answer(question.method, question.arguments);
  if (!answer.ok()) return json::object{{"error", answer.error().description}};
  return json::object{{"value", std::move(*answer)}};
}

}  // namespace

std::vector<Folder> folders_of(const Invocation& invocation) {
  std::vector<Folder> out;
  const auto add = [&](const std::string& path, const std::string& version_id) {
    const Folder folder{path, version_id};
    if (!path.empty() && std::find(out.begin(), out.end(), folder) == out.end()) out.push_back(folder);
  };
  for (const auto& action : invocation.actions) {
    add(action.folder, action.version_id);
    for (const auto& module : action.modules) add(module.folder, module.version_id);
  }
  return out;
}

base::Result<std::unique_ptr<HostProcess>> HostProcess::start(const Sandbox& sandbox, std::vector<Folder> folders,
                                                              const std::string& proxy_socket) {
  int pair[2], pipe[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return cannot("no socket could be made");
  Descriptor ours(pair[0]), theirs(pair[1]);
  if (::pipe2(pipe, O_CLOEXEC) != 0) return cannot("no pipe could be made");
  Descriptor reading(pipe[0]), writing(pipe[1]);
  auto child = TRY(sandbox.start_host(theirs.get(), writing.get(), folders, proxy_socket));
  std::unique_ptr<HostProcess> out(
      new HostProcess(sandbox, std::move(child), std::move(ours), std::move(reading), std::move(folders)));
  static const std::string table = describe_api();
  if (!write_frame(out->socket_.get(), table, Deadline(kTimeToDie))) return cannot("a process for Actions ended at once");
  return out;
}

HostProcess::HostProcess(const Sandbox& sandbox, ChildProcess child, Descriptor socket, Descriptor output,
                         std::vector<Folder> folders)
    : sandbox_(sandbox),
      child_(std::move(child)),
      socket_(std::move(socket)),
      output_(std::move(output)),
      folders_(std::move(folders)) {}

bool HostProcess::suits(const Invocation& invocation) const {
  for (const auto& folder : folders_of(invocation)) {
    if (std::find(folders_.begin(), folders_.end(), folder) == folders_.end()) return false;
  }
  return std::all_of(invocation.actions.begin(), invocation.actions.end(), [&](const Action& action) {
    const auto found = loaded_.find(action.id);
    return found == loaded_.end() || found->second == action.version_id;
  });
}

bool HostProcess::is_quiet() const { return !ready_ || !has_input(socket_.get()); }

std::string HostProcess::message(const Invocation& invocation, const std::string& call_id) const {
  json::array actions;
  for (const auto& action : invocation.actions) actions.push_back(action_json(action, loaded_, known_modules_, sandbox_));
  json::object cache;
  for (const auto& [key, entry] : invocation.cache)
    cache[key] = json::object{{"value", entry.value}, {"expires_at", entry.expires_at}};
  // The event goes as text: each Action gets a copy of its own by parsing it.
  return json::write(json::object{{"type", "call"},
                                  {"id", call_id},
                                  {"trigger", invocation.trigger},
                                  {"function", invocation.function},
                                  {"first_function", invocation.first_function},
                                  {"optional", invocation.function_is_optional},
                                  {"loads_modules", invocation.loads_modules},
                                  {"can_redirect", invocation.can_redirect},
                                  {"cache", std::move(cache)},
                                  {"event", json::write(invocation.event)},
                                  {"actions", std::move(actions)}});
}

Outcome HostProcess::become_ready(const CallLimits& limits) {
  std::string text;
  const auto arrival = read_frame(socket_.get(), text, Deadline(limits.start));
  if (arrival == Arrival::frame && text == R"({"type":"ready"})") {
    ready_ = true;
    return {.status = Status::ok};
  }
  if (arrival == Arrival::too_slow) return killed(Status::unavailable, "a process for Actions did not become ready in time", {});
  auto outcome = died({});
  const auto said = base::split(output_text(), '\n');
  outcome.status = Status::unavailable;
  outcome.reason = fmt::format("a process for Actions could not be started: {}", said.empty() ? outcome.reason : said.back());
  return outcome;
}

Outcome HostProcess::call(const Invocation& invocation, const std::string& call_id, const CallLimits& limits) {
  if (!ready_) {
    if (auto outcome = become_ready(limits); outcome.status != Status::ok) return outcome;
  }
  ++calls_;
  auto outcome = converse(invocation, call_id, limits);
  for (std::size_t i = 0; i < outcome.results.size(); ++i) {
    const auto& action = invocation.actions[i];
    // One that threw may have done so while it was loading.
    if (outcome.results[i].ok) loaded_[action.id] = action.version_id;
  }
  if (spent_) return outcome;
  for (const auto& action : invocation.actions) {
    for (const auto& module : action.modules) known_modules_.insert(module.version_id);
  }
  return outcome;
}

Outcome HostProcess::converse(const Invocation& invocation, const std::string& call_id, const CallLimits& limits) {
  const Deadline deadline(limits.call);
  std::vector<ActionResult> results;
  if (!write_frame(socket_.get(), message(invocation, call_id), deadline)) return died(std::move(results));
  bool stopped = false;
  int asked = 0;
  std::string text;
  while (true) {
    const auto arrival = read_frame(socket_.get(), text, deadline);
    if (arrival == Arrival::closed) return died(std::move(results));
    if (arrival == Arrival::too_slow)
      return killed(Status::timed_out, fmt::format("the Action did not end within {} ms", limits.call.count()),
                    std::move(results));
    if (arrival == Arrival::too_large)
      return killed(Status::broken_protocol, "the process of the Action answered with more than is read", std::move(results));
    auto reply = parse_reply(text, call_id, invocation.trigger);
    if (!reply.ok()) return killed(Status::broken_protocol, reply.error().description, std::move(results));
    const bool over = stopped || results.size() == invocation.actions.size();
    if (auto* const result = std::get_if<ActionResult>(&*reply)) {
      if (over || result->version_id != invocation.actions[results.size()].version_id)
        return killed(Status::broken_protocol, "the process answered for an Action that did not run", std::move(results));
      stopped = !result->ok || stops(*result, invocation.trigger);
      results.push_back(std::move(*result));
    } else if (auto* const question = std::get_if<Ask>(&*reply)) {
      if (!write_frame(socket_.get(), json::write(answer_to(*question, invocation, ++asked, limits.questions)), deadline))
        return died(std::move(results));
    } else if (const auto* const done = std::get_if<Done>(&*reply)) {
      if (!over) return killed(Status::broken_protocol, "the process ended the call too early", std::move(results));
      spent_ = done->spent;
      const bool ok = results.empty() || results.back().ok;
      Outcome out{.status = ok ? Status::ok : Status::thrown, .stopped = ok && stopped};
      if (!ok) out.reason = fmt::format("{}: {}", results.back().thrown.name, results.back().thrown.message);
      out.results = std::move(results);
      return out;
    } else {
      return killed(Status::broken_protocol, "the process said twice that it is ready", std::move(results));
    }
  }
}

Outcome HostProcess::killed(Status status, std::string reason, std::vector<ActionResult> results) {
  spent_ = true;
  child_.kill();
  return {.status = status, .reason = std::move(reason), .results = std::move(results)};
}

Outcome HostProcess::died(std::vector<ActionResult> results) {
  spent_ = true;
  End end;
  const bool ended = child_.wait(Deadline(kTimeToDie), end);
  if (!ended) {
    child_.kill();
    return {.status = Status::broken_protocol,
            .reason = "the process of the Action closed its connection to the server",
            .results = std::move(results)};
  }
  if (ran_out_of_memory(end, output_text()))
    return {.status = Status::out_of_memory, .reason = "the Action ran out of memory", .results = std::move(results)};
  return {.status = Status::exited, .reason = describe(end), .results = std::move(results)};
}

std::string HostProcess::output_text() const {
  if (!has_input(output_.get())) return {};
  std::string out(64 * 1024, '\0');
  const auto size = ::read(output_.get(), out.data(), out.size());
  out.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return out;
}

}  // namespace segue::actions
