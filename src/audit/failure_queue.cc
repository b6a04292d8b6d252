#include "audit/failure_queue.h"

#include <algorithm>
#include <array>
#include <exception>
#include <iterator>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "audit/record_text.h"

namespace segue::audit {
namespace {

constexpr std::size_t kMostWaiting = 10'000;
// Rows per transaction: the writer of SQLite has requests to serve in between.
constexpr std::size_t kRowsPerFlush = 200;

// Bounded memory: ten thousand of these wait at most.
void bound(Event& event) {
  constexpr std::size_t kLongestText = 1024, kLongestHeader = 2048;
  for (auto* const text :
       {&event.description, &event.client_id, &event.client_name, &event.ip, &event.client_ip, &event.user_agent, &event.user_id,
        &event.user_name, &event.connection, &event.connection_id, &event.hostname, &event.audience, &event.organization_id}) {
    text->resize(cut(*text, kLongestText).size());
  }
  event.scope.resize(cut(event.scope, kLongestHeader).size());
  if (event.auth0_client.size() > kLongestHeader) event.auth0_client.clear();
  if (!event.details.empty() && boost::json::serialize(event.details).size() > kLongestHeader)
    event.details = {{"truncated", true}};
}

Event row_of_dropped(std::int64_t dropped) {
  Event event;
  event.type = "w";
  event.description = "Too many failed requests to log each of them; " + std::to_string(dropped) + " were left out.";
  event.details["dropped"] = dropped;
  return event;
}

}  // namespace

struct FailureQueue::Impl {
  // What one row tells: the first of its kind, and how many there were.
  struct Waiting {
    Event event;
    base::Instant first{};
    std::int64_t count = 1;

    Event row() const {
      Event out = event;
      if (count > 1) out.details["count"] = count;
      return out;
    }
  };
  using Kind = std::array<std::string, 5>;              // type, description, client_id, ip, user_name
  using Entries = std::list<std::pair<Kind, Waiting>>;  // oldest first

  // What waits for one tenant.
  struct Queue {
    Entries entries;
    std::map<Kind, Entries::iterator> by_kind;
    std::int64_t dropped = 0;

    void drop_oldest() {
      dropped += entries.front().second.count;
      by_kind.erase(entries.front().first);
      entries.pop_front();
    }
  };

  store::Store& store;
  const base::Clock& clock;
  std::mutex mutex;
  std::unordered_map<std::int64_t, Queue> queues;  // by tenant
  std::size_t waiting = 0;
  std::mutex flushing;  // one flush at a time

  // Called with the mutex held.
  void add(base::TenantId tenant, Waiting item) {
    auto& queue = queues[base::to_integer(tenant)];
    Kind kind{item.event.type, item.event.description, item.event.client_id, item.event.ip, item.event.user_name};
    if (const auto same = queue.by_kind.find(kind); same != queue.by_kind.end()) {
      same->second->second.count += item.count;
      return;
    }
    if (waiting >= kMostWaiting) make_room(queue);
    queue.entries.emplace_back(kind, std::move(item));
    queue.by_kind.emplace(std::move(kind), std::prev(queue.entries.end()));
    ++waiting;
  }

  // A flood at one tenant costs the others no rows: who has at least the average gives way, else who has the most.
  void make_room(Queue& asking) {
    auto* victim = &asking;
    if (asking.entries.size() * queues.size() < waiting) {
      for (auto& [tenant, queue] : queues) {
        if (queue.entries.size() > victim->entries.size()) victim = &queue;
      }
    }
    victim->drop_oldest();
    --waiting;
  }

  void write(base::TenantId tenant, const std::vector<Waiting>& batch) {
    store.write(tenant, [&](const store::Writer& w) {
      for (const auto& item : batch) append(w, item.row(), item.first);
      return true;
    });
  }

  // Takes entries out as they are written, so that a fault loses nothing that waits.
  void flush(base::TenantId tenant, Queue& queue) {
    while (!queue.entries.empty()) {
      std::vector<Waiting> batch;
      auto end = queue.entries.begin();
      while (batch.size() < kRowsPerFlush && end != queue.entries.end()) batch.push_back((end++)->second);
      write(tenant, batch);
      queue.entries.erase(queue.entries.begin(), end);
    }
    if (queue.dropped == 0) return;
    write(tenant, {{.event = row_of_dropped(queue.dropped), .first = clock.now()}});
    queue.dropped = 0;
  }

  void put_back(base::TenantId tenant, Queue& queue) {
    const std::scoped_lock lock(mutex);
    queues[base::to_integer(tenant)].dropped += queue.dropped;
    for (auto& [kind, item] : queue.entries) add(tenant, std::move(item));
  }
};

FailureQueue::FailureQueue(store::Store& store, const base::Clock& clock) : impl_(new Impl{store, clock, {}, {}, 0, {}}) {}
FailureQueue::~FailureQueue() = default;

void FailureQueue::push(base::TenantId tenant, Event event) {
  bound(event);
  const auto now = impl_->clock.now();
  const std::scoped_lock lock(impl_->mutex);
  impl_->add(tenant, {.event = std::move(event), .first = now});
}

void FailureQueue::flush() {
  const std::scoped_lock one_at_a_time(impl_->flushing);
  std::unordered_map<std::int64_t, Impl::Queue> queues;
  {
    const std::scoped_lock lock(impl_->mutex);
    queues.swap(impl_->queues);
    impl_->waiting = 0;
  }
  std::exception_ptr fault;
  for (auto& [tenant, queue] : queues) {
    try {
      if (!fault) impl_->flush(base::TenantId(tenant), queue);
    } catch (const sql::Unavailable&) {
      // The database will be back: what was not written waits for the next flush.
      fault = std::current_exception();
    } catch (...) {
      // A row that cannot be written must not stand in front of the others for ever.
      fault = std::current_exception();
      continue;
    }
    if (fault) impl_->put_back(base::TenantId(tenant), queue);
  }
  if (fault) std::rethrow_exception(fault);
}

}  // namespace segue::audit
