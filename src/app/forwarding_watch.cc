#include "app/forwarding_watch.h"

#include <fmt/format.h>

#include "base/log.h"

namespace segue::app {
namespace {

const std::string kDisagreement = "headers disagree";

std::string name_of(std::string_view header) { return header == http::kForwarded ? "Forwarded" : "X-Forwarded-For"; }

}  // namespace

void ForwardingWatch::look(const http::Request& request, const http::ForwardingRules& rules) {
  const auto problem = http::forwarding_problem(request, rules);
  if (problem == http::ForwardingProblem::none) return;
  const std::scoped_lock lock(mutex_);
  if (problem == http::ForwardingProblem::headers_disagree) {
    if (!is_due(kDisagreement)) return;
    base::log::warn(
        "a trusted proxy sends two forwarding headers that name different callers: set http.forwarded_header to the "
        "one that your proxies write, and let the first proxy remove the other",
        {{"peer", request.peer_address}, {"read", name_of(rules.header)}});
    return;
  }
  if (!is_due(request.peer_address)) return;
  const auto header = request.headers.find(http::kForwardedFor) ? http::kForwardedFor : http::kForwarded;
  waiting_.push_back({.address = request.peer_address, .header = name_of(header), .seen_at = clock_.now()});
  base::log::warn(describe(waiting_.back()), {{"peer", request.peer_address}});
}

bool ForwardingWatch::is_due(const std::string& subject) {
  const auto now = clock_.now();
  if (const auto told = told_.find(subject); told != told_.end()) {
    if (now - told->second < kQuiet) return false;
    told->second = now;
    return true;
  }
  if (told_.size() >= kMostPeers) std::erase_if(told_, [&](const auto& entry) { return now - entry.second >= kQuiet; });
  if (told_.size() >= kMostPeers) return false;
  told_.emplace(subject, now);
  return true;
}

void ForwardingWatch::write(sql::Database& database) {
  std::vector<store::unnamed_proxies::UnnamedProxy> proxies;
  {
    const std::scoped_lock lock(mutex_);
    proxies.swap(waiting_);
  }
  if (proxies.empty()) return;
  const auto since = clock_.now() - kKept;
  database.write([&](sql::Connection& connection) {
    store::unnamed_proxies::forget_before(connection, since);
    for (const auto& proxy : proxies) store::unnamed_proxies::note(connection, proxy);
  });
}

std::string describe(const store::unnamed_proxies::UnnamedProxy& proxy) {
  return fmt::format(
      "{0} sends {1} and is not named in http.trusted_proxies, so every user behind it has its address and device binding by ip "
      "tells nobody apart. If it is your proxy, add \"{0}\" to http.trusted_proxies and send SIGHUP",
      proxy.address, proxy.header);
}

std::vector<store::unnamed_proxies::UnnamedProxy> unnamed_proxies(sql::Database& database, const http::ForwardingRules& rules,
                                                                  base::Instant now) {
  std::vector<store::unnamed_proxies::UnnamedProxy> out;
  database.read([&](sql::Connection& connection) { out = store::unnamed_proxies::list(connection); });
  std::erase_if(out,
                [&](const auto& proxy) { return rules.trusts(proxy.address) || proxy.seen_at < now - ForwardingWatch::kKept; });
  return out;
}

}  // namespace segue::app
