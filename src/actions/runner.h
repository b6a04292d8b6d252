// Runs the Actions of a trigger. The rest of the server knows this, Invocation and Outcome.
#pragma once
#include <string>

#include "actions/host_pool.h"
#include "base/random.h"
#include "outbound/proxy.h"

namespace segue::actions {

struct RunnerOptions {
  SandboxOptions sandbox;
  PoolLimits pool;
  CallLimits limits;
  bool allow_network = true;  // by `proxy`, whose socket is made beside the host's files
  outbound::ProxyOptions proxy;
};

class Runner {
 public:
  Runner(const RunnerOptions& options, base::Random& random);

  // Blocks its thread until the Actions have ended or were ended. From any thread.
  Outcome run(base::TenantId tenant, const Invocation& invocation);

  // Why Actions cannot be run here, in one sentence for the operator; empty when they can.
  std::string problem() const { return sandbox_.usable() ? "" : sandbox_.problem(); }
  const Sandbox& sandbox() const { return sandbox_; }
  // For the installer; empty when Actions may not call out.
  std::string proxy_socket() const { return proxy_ ? proxy_->socket_path() : ""; }

 private:
  Outcome run_once(base::TenantId tenant, const Invocation& invocation);

  const RunnerOptions options_;
  base::Random& random_;
  Sandbox sandbox_;
  std::unique_ptr<outbound::Proxy> proxy_;
  HostPool pool_;
};

}  // namespace segue::actions
