// Lets a test hold still what works beside the requests, so that the commits it counts are those of requests. Nobody closes it in
// the release binary.
#pragma once
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace segue::app {

class BackgroundGate {
 public:
  // One step of background work. False: the gate is closed, do nothing now.
  class Turn {
   public:
    explicit Turn(BackgroundGate& gate) : gate_(gate), entered_(gate.enter()) {}
    ~Turn() {
      if (entered_) gate_.leave();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    explicit operator bool() const { return entered_; }

   private:
    BackgroundGate& gate_;
    const bool entered_;
  };

  // Nobody enters any more. True when everybody who was in has left within `patience`.
  bool close(std::chrono::milliseconds patience);
  void open();

 private:
  bool enter();
  void leave();

  std::mutex mutex_;
  std::condition_variable left_;
  bool closed_ = false;
  int inside_ = 0;
};

}  // namespace segue::app
