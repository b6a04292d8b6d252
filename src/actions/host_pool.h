// The processes that are there to be called: some per tenant, each for one tenant from its first call on, and a spare one that
// has served nobody. A process is replaced when it is spent, after so many calls, and when it has been idle.
#pragma once
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include "actions/host_process.h"

namespace segue::actions {

struct PoolLimits {
  int per_tenant = 4;
  int in_all = 16;
  int spares = 1;
  int calls_per_process = 1000;
  std::chrono::milliseconds idle{60'000};
  std::chrono::milliseconds wait{10'000};  // for a process when all are busy
};

class HostPool {
 public:
  HostPool(const Sandbox& sandbox, const PoolLimits& limits, std::string proxy_socket);
  ~HostPool();  // when no process is lent
  HostPool(const HostPool&) = delete;
  HostPool& operator=(const HostPool&) = delete;

  // A process that suits, for this caller alone. The Error says why there is none.
  base::Result<std::unique_ptr<HostProcess>> borrow(base::TenantId tenant, const Invocation& invocation);
  void give_back(base::TenantId tenant, std::unique_ptr<HostProcess> process);

 private:
  using Process = std::unique_ptr<HostProcess>;
  using Started = base::Result<Process>;
  struct Idle {
    base::TenantId tenant;
    Process process;
    std::chrono::steady_clock::time_point since;
  };
  struct Start {
    std::vector<Folder> folders;
    std::promise<Started> started;
  };

  // With the lock held. What must die is moved to `dead`, to be destroyed without it.
  Process take_idle(base::TenantId tenant, const Invocation& invocation, std::vector<Process>& dead);
  bool make_room(base::TenantId tenant, std::vector<Process>& dead);
  void keep();  // the thread that starts processes: they die with the thread that started them
  Started start_process(std::vector<Folder> folders) const;
  void collect_idle(std::vector<Process>& dead);

  const Sandbox& sandbox_;
  const PoolLimits limits_;
  const std::string proxy_socket_;
  std::mutex mutex_;
  std::condition_variable given_back_, wanted_;
  std::deque<Idle> idle_;
  std::vector<Process> spares_;
  std::map<base::TenantId, int> lent_;
  int lent_in_all_ = 0;
  std::deque<Start> starts_;
  bool used_ = false;  // a server without Actions keeps no spare process
  bool stopping_ = false;
  std::thread keeper_;
};

}  // namespace segue::actions
