// How a process that runs untrusted JavaScript is started (design §8.13): by bubblewrap, with namespaces of its own, a file
// system that holds Node.js and what it is to run, no network but a loopback, and a filter of system calls.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "actions/child_process.h"

namespace segue::actions {

struct SandboxOptions {
  std::string node;                  // the Node.js 22 binary
  std::string bubblewrap = "bwrap";  // a path, or a name in /usr/bin and /usr/local/bin
  std::string host_folder;           // holds the host's files (host_files.h)
  std::string ca_file;               // further authorities for `fetch`; empty: none
  std::int64_t memory_mb = 128;      // of JavaScript objects
  bool allow_unsandboxed = false;
  bool node_permissions = true;  // off in tests alone, which prove that the sandbox holds without them
};

// A folder of a version's dependencies, and the name under which the sandbox shows it.
struct Folder {
  std::string path;  // outside
  std::string name;  // inside: /actions/NAME
  friend bool operator==(const Folder&, const Folder&) = default;
};

class Sandbox {
 public:
  // Tries whether it works, which starts some short processes.
  explicit Sandbox(const SandboxOptions& options);

  // Why Actions cannot run in a sandbox here, in a sentence; empty when they can.
  const std::string& problem() const { return problem_; }
  // That, unless the operator allows to do without.
  bool usable() const { return problem_.empty() || (options_.allow_unsandboxed && node_problem_.empty()); }
  bool confines() const { return problem_.empty(); }

  // Starts a host with `socket` as its descriptor 3 and what it prints going to `output`. `proxy_socket` may be empty: no
  // network. Call it on a thread that stays: the process dies with it.
  base::Result<ChildProcess> start_host(int socket, int output, const std::vector<Folder>& folders,
                                        const std::string& proxy_socket) const;
  // Where a host finds that folder.
  std::string inside(const Folder& folder) const { return confines() ? "/actions/" + folder.name : folder.path; }

  // The bubblewrap command line of a program: everything before "--". For the installer, too.
  std::vector<std::string> bubblewrap_arguments() const;
  bool runs_as_root() const { return root_; }
  const SandboxOptions& options() const { return options_; }

 private:
  std::string find_problem();
  std::string check_node();
  base::Result<ChildProcess> start(std::vector<std::string> binds, std::vector<std::string> command,
                                   std::vector<std::string> environment, int socket, int output) const;
  std::vector<std::string> node_command(const std::string& node, const std::string& host_folder,
                                        const std::vector<std::string>& readable) const;

  SandboxOptions options_;
  bool root_ = false;
  std::vector<std::string> libraries_;  // that Node.js is linked with
  std::string filter_, problem_, node_problem_;
};

// A descriptor from which the bytes can be read.
base::Result<Descriptor> readable_bytes(const std::string& bytes);

}  // namespace segue::actions
