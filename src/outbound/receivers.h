// Whose turn it is to be told (design §4: a dead receiver must not stop the others). What is remembered of receivers is this
// node's own and a hint: when a message may be tried again stands in its row.
#pragma once
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"

namespace segue::outbound {

using ReceiverKey = std::pair<base::TenantId, std::string>;

// How long to wait after so many failures in a row.
base::Duration pause_after(std::int64_t failures);

class Receivers {
 public:
  explicit Receivers(int threads) : most_failing_(threads > 1 ? threads / 2 : 1) {}

  // `answered`: it is alive, whatever it said.
  enum class End { answered, failed, nothing_sent };
  // Delivers to one of those that are due, in their order, beginning behind the last one that had a turn. `deliver` says what
  // became of it, or nothing where there was nothing to do after all: the next one has the turn then. False when none had one.
  bool serve_one(std::vector<ReceiverKey> due, const base::Clock& clock,
                 const std::function<std::optional<End>(const ReceiverKey&)>& deliver);

  // Counts a delivery to the receiver in, unless it rests or enough is under way to it already. A receiver that has failed gets
  // one delivery at a time, and all that have failed get half of the threads.
  bool begin(const ReceiverKey& receiver, base::Instant now);
  void end(const ReceiverKey& receiver, End end, base::Instant now);

 private:
  struct State {
    int under_way = 0;
    bool is_trial = false;  // what is under way is the one delivery to a receiver that has failed
    std::int64_t failures = 0;
    base::Instant rests_until{};
  };
  static constexpr int kMostAtOnce = 8;

  const int most_failing_;
  std::mutex mutex_;
  std::map<ReceiverKey, State> states_;  // only those that are being told, or have failed
  int failing_under_way_ = 0;
  ReceiverKey last_;  // whose turn it was
};

}  // namespace segue::outbound
