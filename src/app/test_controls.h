// What segue-test-server has and the release binary has not: time that a test moves, and commits that fail or kill the process.
//   POST /test/clock      {"advance_seconds": 61}   time passes     {"set": "2026-05-08T16:00:56.685Z"}   time passes until then
//                         {"step_seconds": -3600}   the machine's clock is set, time does not pass
//   POST /test/failpoint  {"point": "before_commit" | "after_commit", "action": "kill" | "throw", "after": 0}
//                         `after` commits pass, the next one fails. Background work has come to rest before this
//                         is answered, and rests while the failpoint is armed.
// Both stand on the operator port.
#pragma once
#include <atomic>
#include <mutex>

#include "app/background_gate.h"
#include "app/database_clock.h"
#include "app/server.h"
#include "base/system_clock.h"

namespace segue::app {

class TestControls {
 public:
  TestControls();
  Seams seams();

 private:
  struct Wall final : base::Clock {
    explicit Wall(const TestControls& c) : controls(c) {}
    base::Instant now() const override {
      return controls.system_clock_.now() + base::Duration(controls.passed_ + controls.stepped_);
    }
    const TestControls& controls;
  };
  struct Ticks final : Ticker {
    explicit Ticks(const TestControls& c) : controls(c) {}
    std::chrono::microseconds elapsed() const override {
      return controls.system_ticker_.elapsed() + base::Duration(controls.passed_);
    }
    const TestControls& controls;
  };
  struct Fault final : sql::WriteFault {
    void before_commit() override { reach("before_commit"); }
    void after_commit() override { reach("after_commit"); }
    void reach(std::string_view point);
    explicit Fault(BackgroundGate& gate) : background_gate(gate) {}
    // False: something that works beside the requests did not come to rest.
    bool arm(std::string point_name, bool kill, std::int64_t passing);

   private:
    BackgroundGate& background_gate;
    std::atomic<bool> armed_{false};
    std::mutex mutex_;
    std::string point_;
    bool kills_ = false;
    std::int64_t passing_ = 0;
  };

  std::optional<http::Response> answer(const http::Request& request);
  http::Response move_clock(const http::Request& request);
  http::Response arm_failpoint(const http::Request& request);

  base::SystemClock system_clock_;
  SystemTicker system_ticker_;
  std::atomic<std::int64_t> passed_{0}, stepped_{0};  // microseconds
  Wall wall_{*this};
  Ticks ticks_{*this};
  BackgroundGate background_gate_;
  Fault fault_{background_gate_};
};

}  // namespace segue::app
