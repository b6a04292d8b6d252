// One process that runs the Actions of one tenant, a call at a time. Whatever goes wrong in it ends that call and the process.
#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "actions/invocation.h"
#include "actions/sandbox.h"

namespace segue::actions {

struct CallLimits {
  std::chrono::milliseconds start{15'000};  // until a fresh process answers
  std::chrono::milliseconds call{20'000};   // contract §8.3
  int questions = 100;                      // of one call to the server
};

class HostProcess {
 public:
  // Returns before the process is ready to be called. On a thread that stays (ChildProcess::start).
  static base::Result<std::unique_ptr<HostProcess>> start(const Sandbox& sandbox, std::vector<Folder> folders,
                                                          const std::string& proxy_socket);

  // True when it has the folders that the Actions need and holds no other version of them.
  bool suits(const Invocation& invocation) const;
  // False when it said something between calls or has ended.
  bool is_quiet() const;
  // `call_id` must be new and hard to guess. After anything but ok and thrown the process is dead.
  Outcome call(const Invocation& invocation, const std::string& call_id, const CallLimits& limits);
  // True when it must not be called again.
  bool spent() const { return spent_; }
  void abandon() { spent_ = true; }
  int calls() const { return calls_; }

 private:
  HostProcess(const Sandbox& sandbox, ChildProcess child, Descriptor socket, Descriptor output, std::vector<Folder> folders);
  std::string message(const Invocation& invocation, const std::string& call_id) const;
  Outcome converse(const Invocation& invocation, const std::string& call_id, const CallLimits& limits);
  Outcome become_ready(const CallLimits& limits);
  Outcome killed(Status status, std::string reason, std::vector<ActionResult> results);
  Outcome died(std::vector<ActionResult> results);
  std::string output_text() const;

  const Sandbox& sandbox_;
  ChildProcess child_;
  Descriptor socket_, output_;
  std::vector<Folder> folders_;
  std::map<std::string, std::string> loaded_;  // Action to version
  std::set<std::string> known_modules_;        // their versions, whose code it was given
  bool ready_ = false, spent_ = false;
  int calls_ = 0;
};

// The folders that an invocation needs, each once.
std::vector<Folder> folders_of(const Invocation& invocation);

}  // namespace segue::actions
