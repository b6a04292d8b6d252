#include "actions/runner.h"

#include <fmt/format.h>
#include <unistd.h>

#include "actions/api_table.h"

namespace segue::actions {

namespace {

// Several servers may share a data folder, so the name is this process's own.
std::unique_ptr<outbound::Proxy> make_proxy(const RunnerOptions& options, const Sandbox& sandbox) {
  if (!options.allow_network || !sandbox.confines()) return nullptr;
  return std::make_unique<outbound::Proxy>(fmt::format("{}-{}.sock", options.sandbox.host_folder, ::getpid()), options.proxy);
}

}  // namespace

Runner::Runner(const RunnerOptions& options, base::Random& random)
    : options_(options),
      random_(random),
      sandbox_(options.sandbox),
      proxy_(make_proxy(options, sandbox_)),
      pool_(sandbox_, options.pool, proxy_ ? proxy_->socket_path() : "") {}

Outcome Runner::run(base::TenantId tenant, const Invocation& invocation) {
  if (methods_of(invocation.trigger).empty()) throw base::Bug("no such trigger: " + invocation.trigger);
  if (invocation.actions.empty()) return {.status = Status::ok};
  if (!sandbox_.usable()) return {.status = Status::unavailable, .reason = sandbox_.problem()};
  auto outcome = run_once(tenant, invocation);
  // A process may have died while it waited for its first call. No Action has run then, so another may be asked.
  return outcome.status == Status::unavailable ? run_once(tenant, invocation) : outcome;
}

Outcome Runner::run_once(base::TenantId tenant, const Invocation& invocation) {
  auto process = pool_.borrow(tenant, invocation);
  if (!process.ok()) return {.status = Status::unavailable, .reason = process.error().description};
  try {
    auto outcome = (*process)->call(invocation, random_.text(22, base::kAlphanumeric), options_.limits);
    pool_.give_back(tenant, std::move(*process));
    return outcome;
  } catch (...) {
    // A fault of the server in between, as when a question meets a database that is gone: the process waits for an answer.
    (*process)->abandon();
    pool_.give_back(tenant, std::move(*process));
    throw;
  }
}

}  // namespace segue::actions
