#include "app/sweeper.h"

#include "store/action_executions.h"
#include "store/expired_rows.h"
#include "store/login_attempts.h"
#include "store/logs.h"
#include "store/one_time_identifiers.h"

namespace segue::app {
namespace {

constexpr auto kInterval = std::chrono::minutes(1);
constexpr auto kWalkInterval = std::chrono::hours(1);
constexpr auto kPatience = std::chrono::minutes(1);  // a node whose clock is behind still refuses what has just expired
// Rows of a walk: looking costs no writer, and a page is judged again by the writer that removes from it.
constexpr int kPage = 1000;
constexpr int kCounters = static_cast<int>(store::ended_rows::kTables.size());  // the walk along the failure counters

}  // namespace

bool Sweeper::step() {
  const auto now = clock_.now();
  if (now >= next_) {
    for (const auto tenant : tenants_.list()) {
      if (sweep_expired(tenant, now)) return true;
    }
    next_ = now + kInterval;
  }
  for (const auto tenant : tenants_.list()) {
    for (int k = 0; k <= kCounters; ++k) {
      auto& walk = walks_[{tenant, k}];
      if (now < walk.next) continue;
      if (k == kCounters)
        walk_counters(tenant, walk, now);
      else
        walk_on(tenant, store::ended_rows::kTables[static_cast<std::size_t>(k)], walk, now);
      return true;
    }
  }
  return false;
}

template <class Remove>
std::int64_t Sweeper::remove(base::TenantId tenant, std::string_view table, Remove remove) {
  auto& size = sizes_[table];
  std::chrono::microseconds held{};
  const auto rows = store_.write(tenant, [&](const store::Writer& w) {
    const auto begin = ticker_.elapsed();
    const std::int64_t out = remove(w, size.rows());
    held = ticker_.elapsed() - begin;
    return out;
  });
  size.took(static_cast<int>(rows), held);
  metrics_.removed(table, rows, held);
  return rows;
}

// A look costs no commit, and most of the time there is nothing to do.
bool Sweeper::sweep_expired(base::TenantId tenant, base::Instant now) {
  namespace identifiers = store::one_time_identifiers;
  namespace rows = store::expired_rows;
  namespace executions = store::action_executions;
  if (store_.read(tenant, [&](const store::Reader& r) { return executions::has_expired(r, now); })) {
    remove(tenant, "action_executions", [&](const store::Writer& w, int most) { return executions::sweep(w, now, most); });
    return true;
  }
  if (store_.read(tenant, [&](const store::Reader& r) { return identifiers::has_expired(r, now - kPatience); })) {
    remove(tenant, "one_time_identifiers",
           [&](const store::Writer& w, int most) { return identifiers::sweep(w, now - kPatience, most); });
    return true;
  }
  if (const auto table = store_.read(tenant, [&](const store::Reader& r) { return rows::find_table(r, now); })) {
    remove(tenant, rows::name_of(*table), [&](const store::Writer& w, int most) { return rows::sweep(w, *table, now, most); });
    return true;
  }
  const auto oldest_log = base::IdGenerator::first_at(now - log_retention_);
  if (store_.read(tenant, [&](const store::Reader& r) { return store::logs::has_older(r, oldest_log); })) {
    remove(tenant, "logs", [&](const store::Writer& w, int most) { return store::logs::sweep(w, oldest_log, most); });
    return true;
  }
  return false;
}

void Sweeper::walk_on(base::TenantId tenant, store::ended_rows::Table table, Walk& walk, base::Instant now) {
  namespace rows = store::ended_rows;
  const auto page = store_.read(tenant, [&](const store::Reader& r) { return rows::look(r, table, walk.after, kPage, now); });
  if (walk.rows == 0 && page.looked_at > 0) walk.oldest = base::IdGenerator::time_of(page.first);
  auto through = page.last;
  std::int64_t removed = 0;
  bool whole = true;
  if (!page.ended.empty()) {
    const auto most = static_cast<std::size_t>(sizes_[rows::to_text(table)].rows());
    whole = page.ended.size() <= most;
    if (!whole) through = page.ended[most - 1];
    removed = remove(tenant, rows::to_text(table),
                     [&](const store::Writer& w, int) { return rows::sweep(w, table, walk.after, through, now); });
  }
  if (whole && page.looked_at < kPage) {
    walk.rows += page.looked_at - removed;
    metrics_.walked(rows::to_text(table), tenant, walk.rows, walk.oldest);
    walk = {.next = now + kWalkInterval};
    return;
  }
  walk.after = through;
  // What lies behind a cut batch is looked at again.
  if (whole) walk.rows += page.looked_at - removed;
}

void Sweeper::walk_counters(base::TenantId tenant, Walk& walk, base::Instant now) {
  namespace counters = store::login_attempts;
  const auto begun = now - longest_counter_;
  const auto page = store_.read(
      tenant, [&](const store::Reader& r) { return counters::look_for_begun_before(r, begun, walk.after_key, kPage); });
  // Keys of strangers' choosing: a batch is a part of the page, whose rest is looked at again.
  const auto most = static_cast<std::size_t>(sizes_["login_attempts"].rows());
  const auto count = std::min(most, page.keys.size());
  if (count > 0) {
    remove(tenant, "login_attempts", [&](const store::Writer& w, int) {
      std::int64_t out = 0;
      for (std::size_t k = 0; k < count; ++k) out += counters::remove_begun_before(w, page.keys[k], begun);
      return out;
    });
  }
  const bool whole = count == page.keys.size();
  if (whole && page.looked_at < kPage) {
    walk = {.next = now + kInterval};
    return;
  }
  walk.after_key = whole ? page.last : page.keys[count - 1];
}

}  // namespace segue::app
