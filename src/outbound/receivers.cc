#include "outbound/receivers.h"

#include <algorithm>
#include <iterator>

namespace segue::outbound {

base::Duration pause_after(std::int64_t failures) {
  using namespace std::chrono_literals;
  constexpr base::Duration kPauses[] = {1s, 5s, 30s, 2min, 10min, 1h};
  constexpr auto kLast = static_cast<std::int64_t>(std::size(kPauses)) - 1;
  return kPauses[std::clamp<std::int64_t>(failures - 1, 0, kLast)];
}

bool Receivers::serve_one(std::vector<ReceiverKey> due, const base::Clock& clock,
                          const std::function<std::optional<End>(const ReceiverKey&)>& deliver) {
  {
    const std::scoped_lock lock(mutex_);
    std::rotate(due.begin(), std::upper_bound(due.begin(), due.end(), last_), due.end());
  }
  for (const auto& receiver : due) {
    if (!begin(receiver, clock.now())) continue;
    {
      const std::scoped_lock lock(mutex_);
      last_ = receiver;
    }
    struct Turn {
      Receivers& receivers;
      const ReceiverKey& receiver;
      const base::Clock& clock;
      End ending = End::nothing_sent;
      ~Turn() { receivers.end(receiver, ending, clock.now()); }
    } turn{*this, receiver, clock};
    if (const auto ending = deliver(receiver)) return turn.ending = *ending, true;
  }
  return false;
}

bool Receivers::begin(const ReceiverKey& receiver, base::Instant now) {
  const std::scoped_lock lock(mutex_);
  auto& state = states_[receiver];
  if (state.failures > 0) {
    if (now < state.rests_until || state.under_way > 0 || failing_under_way_ >= most_failing_) return false;
    ++failing_under_way_;
    state.is_trial = true;
  } else if (state.under_way >= kMostAtOnce) {
    return false;
  }
  ++state.under_way;
  return true;
}

void Receivers::end(const ReceiverKey& receiver, End end, base::Instant now) {
  const std::scoped_lock lock(mutex_);
  const auto found = states_.find(receiver);
  auto& state = found->second;
  if (state.is_trial) --failing_under_way_;
  state.is_trial = false;
  --state.under_way;
  if (end == End::answered) state.failures = 0;
  // Deliveries that failed side by side are one failure.
  if (end == End::failed && (state.failures == 0 || now >= state.rests_until)) {
    ++state.failures;
    state.rests_until = now + pause_after(state.failures);
  }
  if (state.failures == 0 && state.under_way == 0) states_.erase(found);
}

}  // namespace segue::outbound
