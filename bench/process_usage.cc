#include "bench/process_usage.h"

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

namespace segue::bench {

double ProcessUsage::cpu_seconds() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  // The second field is the program's name in parentheses; utime and stime are the 14th and 15th (proc(5)).
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int field = 3; field < 14; field++) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double ProcessUsage::resident_megabytes() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/statm");
  double total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1024 * 1024);
}

void ProcessUsage::wait_until_quiet(double limit_seconds) const {
  constexpr auto kStep = std::chrono::milliseconds(250);
  int quiet = 0;
  double before = cpu_seconds();
  for (double waited = 0; waited < limit_seconds && quiet < quiet_steps_; waited += 0.25) {
    std::this_thread::sleep_for(kStep);
    const double now = cpu_seconds();
    quiet = now - before <= 0.02 ? quiet + 1 : 0;
    before = now;
  }
}

}  // namespace segue::bench
