#include "actions/runner.h"

#include "actions/api_table.h"

namespace segue::actions {

Runner::Runner(const RunnerOptions& options, base::Random& random)
    : options_(options), random_(random), sandbox_(options.sandbox), pool_(sandbox_, options.pool, options.proxy_socket) {}

Outcome Runner::run(base::TenantId tenant, const Invocation& invocation) {
  if (methods_of(invocation.trigger).empty()) throw base::Bug("no such trigger: " + invocation.trigger);
  if (invocation.actions.empty()) return {.status = Status::ok};
  if (!sandbox_.usable()) return {.status = Status::unavailable, .reason = sandbox_.problem()};
  auto process = pool_.borrow(tenant, invocation);
  if (!process.ok()) return {.status = Status::unavailable, .reason = process.error().description};
  auto outcome = (*process)->call(invocation, random_.text(22, base::kAlphanumeric), options_.limits);
  pool_.give_back(tenant, std::move(*process));
  return outcome;
}

}  // namespace segue::actions
