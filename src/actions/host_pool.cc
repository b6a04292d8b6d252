#include "actions/host_pool.h"

#include <algorithm>

namespace segue::actions {
namespace {

constexpr auto kLookAfterIdle = std::chrono::seconds(5);

base::Error busy(std::string_view why) {
  return {.kind = base::ErrorKind::unavailable, .code = "unavailable", .description = std::string(why)};
}

}  // namespace

HostPool::HostPool(const Sandbox& sandbox, const PoolLimits& limits, std::string proxy_socket)
    : sandbox_(sandbox), limits_(limits), proxy_socket_(std::move(proxy_socket)), keeper_([this] { keep(); }) {}

HostPool::~HostPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wanted_.notify_all();
  keeper_.join();
}

HostPool::Process HostPool::take_idle(base::TenantId tenant, const Invocation& invocation, std::vector<Process>& dead) {
  // From the back: the one used last is warm, the others get old enough to be ended.
  for (auto at = idle_.rbegin(); at != idle_.rend();) {
    if (at->tenant != tenant) {
      ++at;
      continue;
    }
    // One that does not suit may still serve another trigger, unless it holds an older version; then it grows idle.
    const bool quiet = at->process->is_quiet();
    if (quiet && !at->process->suits(invocation)) {
      ++at;
      continue;
    }
    auto process = std::move(at->process);
    at = std::make_reverse_iterator(idle_.erase(std::next(at).base()));
    if (quiet) return process;
    dead.push_back(std::move(process));
  }
  return nullptr;
}

// False when the tenant, or all together, use as many processes as they may.
bool HostPool::make_room(base::TenantId tenant, std::vector<Process>& dead) {
  const auto is_own = [&](const Idle& each) { return each.tenant == tenant; };
  const auto own_idle = static_cast<int>(std::count_if(idle_.begin(), idle_.end(), is_own));
  const auto lent = lent_.find(tenant);
  auto victim = idle_.end();
  if ((lent == lent_.end() ? 0 : lent->second) + own_idle >= limits_.per_tenant) {
    victim = std::find_if(idle_.begin(), idle_.end(), is_own);
    if (victim == idle_.end()) return false;
  } else if (lent_in_all_ + static_cast<int>(idle_.size()) >= limits_.in_all) {
    victim = idle_.begin();
    if (victim == idle_.end()) return false;
  }
  if (victim != idle_.end()) {
    dead.push_back(std::move(victim->process));
    idle_.erase(victim);
  }
  return true;
}

base::Result<HostPool::Process> HostPool::borrow(base::TenantId tenant, const Invocation& invocation) {
  const Deadline deadline(limits_.wait);
  std::vector<Process> dead;  // destroyed after the lock is given up
  std::future<Started> started;
  {
    std::unique_lock lock(mutex_);
    Process process;
    while (!(process = take_idle(tenant, invocation, dead)) && !make_room(tenant, dead)) {
      if (deadline.passed())
        return busy("all processes for Actions are at work: raise actions.processes, or make the Actions faster");
      given_back_.wait_for(lock, std::chrono::milliseconds(deadline.left_ms()));
    }
    used_ = true;
    ++lent_[tenant];
    ++lent_in_all_;
    if (!process && folders_of(invocation).empty() && !spares_.empty()) {
      process = std::move(spares_.back());
      spares_.pop_back();
    }
    wanted_.notify_all();
    if (process) return process;
    starts_.push_back({folders_of(invocation), {}});
    started = starts_.back().started.get_future();
  }
  auto process = started.get();
  if (!process.ok()) give_back(tenant, nullptr);
  return process;
}

void HostPool::give_back(base::TenantId tenant, Process process) {
  {
    const std::lock_guard lock(mutex_);
    if (--lent_[tenant] == 0) lent_.erase(tenant);
    --lent_in_all_;
    if (process && !process->spent() && process->calls() < limits_.calls_per_process)
      idle_.push_back({tenant, std::move(process), monotonic_now()});
  }
  given_back_.notify_all();
  // What is left here is ended now, without the lock.
}

void HostPool::collect_idle(std::vector<Process>& dead) {
  const auto oldest = monotonic_now() - limits_.idle;
  for (auto& each : idle_) {
    if (each.since < oldest) dead.push_back(std::move(each.process));
  }
  std::erase_if(idle_, [](const Idle& each) { return each.process == nullptr; });
}

HostPool::Started HostPool::start_process(std::vector<Folder> folders) const {
  try {
    return HostProcess::start(sandbox_, std::move(folders), proxy_socket_);
  } catch (const std::exception& fault) {
    return busy(fault.what());
  }
}

void HostPool::keep() {
  std::unique_lock lock(mutex_);
  while (true) {
    const bool needs_spare = used_ && static_cast<int>(spares_.size()) < limits_.spares;
    if (stopping_) break;
    std::vector<Process> dead;
    if (!starts_.empty()) {
      auto start = std::move(starts_.front());
      starts_.pop_front();
      lock.unlock();
      start.started.set_value(start_process(std::move(start.folders)));
    } else if (needs_spare) {
      lock.unlock();
      auto spare = start_process({});
      lock.lock();
      if (spare.ok()) {
        spares_.push_back(std::move(*spare));
      } else {
        wanted_.wait_for(lock, kLookAfterIdle);
      }
      continue;
    } else {
      wanted_.wait_for(lock, kLookAfterIdle);
      collect_idle(dead);
      lock.unlock();
    }
    dead.clear();
    lock.lock();
  }
  std::vector<Process> dead;
  for (auto& each : idle_) dead.push_back(std::move(each.process));
  for (auto& each : spares_) dead.push_back(std::move(each));
  idle_.clear();
  spares_.clear();
  lock.unlock();
}

}  // namespace segue::actions
