// npm `oidc-provider` with its data in memory, as a child process: the same work by another program, in the same run.
#pragma once
#include <string>

#include "bench/process_usage.h"
#include "bench/provider.h"
#include "bench/server_process.h"

namespace segue::bench {

class PeerProcess : public ProcessUsage {
 public:
  // Starts `node SCRIPT` with the certificate of `server`, so that one authority vouches for both.
  PeerProcess(const std::string& script, const ServerProcess& server, int threads);
  ~PeerProcess();
  PeerProcess(const PeerProcess&) = delete;
  PeerProcess& operator=(const PeerProcess&) = delete;

  int port() const { return port_; }
  const Provider& provider() const { return provider_; }

 private:
  const int port_;
  Provider provider_;
};

}  // namespace segue::bench
