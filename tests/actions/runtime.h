// A runner of Actions with its host's files in a folder of its own, and short ways to call it.
#pragma once
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "actions/host_files.h"
#include "actions/runner.h"
#include "support/seeded_random.h"

namespace segue::test {

// The Node.js that tools/node.sh fetches.
inline std::string test_node() {
  namespace fs = std::filesystem;
  std::error_code ignored;
  for (const auto& version : fs::directory_iterator(SEGUE_SOURCE_DIR "/build/node", ignored)) {
    const auto node = version.path() / "bin" / "node";
    if (fs::exists(node, ignored)) return node.string();
  }
  return "";
}

class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "segue-actions-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

enum class Sandboxed { yes, no };

inline actions::RunnerOptions runner_options(Sandboxed sandboxed) {
  actions::RunnerOptions out;
  out.sandbox.node = test_node();
  out.sandbox.memory_mb = 64;
  if (sandboxed == Sandboxed::no) {
    out.sandbox.bubblewrap = "/no/bubblewrap/here";
    out.sandbox.allow_unsandboxed = true;
  }
  out.limits.start = std::chrono::seconds(60);
  out.pool.wait = std::chrono::seconds(60);
  out.limits.call = std::chrono::seconds(60);  // the machine of the tests may be busy
  return out;
}

struct Runtime {
  TestFolder folder;
  SeededRandom random{7};
  std::unique_ptr<actions::Runner> runner;

  explicit Runtime(Sandboxed sandboxed = Sandboxed::yes) : Runtime(sandboxed, [](auto&, auto&) {}) {}
  template <class Change>
  Runtime(Sandboxed sandboxed, const Change& change) {
    const auto written = actions::write_host_files(folder.path());
    if (!written.ok()) throw std::runtime_error(written.error().description);
    auto options = runner_options(sandboxed);
    options.sandbox.host_folder = *written;
    change(options, folder);
    runner = std::make_unique<actions::Runner>(options, random);
  }

  actions::Outcome run(const actions::Invocation& invocation, base::TenantId tenant = base::TenantId{1}) {
    return runner->run(tenant, invocation);
  }
};

// Each code is a version of its own, so that processes are shared as they are in a server.
inline actions::Action action(std::string code, std::string name = "Action") {
  const auto id = std::to_string(std::hash<std::string>()(code));
  return {.id = id, .version_id = "v" + id, .name = std::move(name), .code = std::move(code), .folder = {}, .secrets = {}};
}

// `body` becomes the body of onExecutePostLogin.
inline actions::Action post_login(const std::string& body, std::string name = "Action") {
  return action("exports.onExecutePostLogin = async (event, api) => {" + body + "\n};", std::move(name));
}

inline actions::Invocation invocation(std::vector<actions::Action> actions) {
  actions::Invocation out;
  out.trigger = "post-login";
  out.function = "onExecutePostLogin";
  out.actions = std::move(actions);
  out.event = {{"user", {{"user_id", "auth0|1"}, {"email", "a@example.com"}}},
               {"request", {{"ip", "192.0.2.1"}, {"hostname", "login.example.com"}, {"query", json::object()}}},
               {"transaction", {{"metadata", json::object()}}}};
  return out;
}

// The commands of all results, one to a line: access.deny ["no"]
inline std::string commands_of(const actions::Outcome& outcome) {
  std::string out;
  for (const auto& result : outcome.results) {
    for (const auto& command : result.commands) out += command.method + " " + json::write(command.arguments) + "\n";
  }
  return out;
}

// What a call came to, for comparing: "thrown TypeError: …".
inline std::string summary(const actions::Outcome& outcome) {
  return std::string(actions::to_text(outcome.status)) + (outcome.reason.empty() ? "" : " " + outcome.reason);
}

}  // namespace segue::test
