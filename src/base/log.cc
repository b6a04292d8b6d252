#include "base/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/json_text.h"

namespace segue::base::log {
namespace {

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = spdlog::stderr_logger_mt("segue");
    made->set_pattern("%v");
    return made;
  }();
  return *instance;
}

constexpr spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warn: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

constexpr std::string_view name_of(Level level) {
  constexpr std::string_view kNames[] = {"debug", "info", "warn", "error"};
  return kNames[static_cast<int>(level)];
}

}  // namespace

bool set_level(std::string_view name) {
  for (const auto level : {Level::debug, Level::info, Level::warn, Level::error}) {
    if (name_of(level) == name) {
      logger().set_level(to_spdlog(level));
      return true;
    }
  }
  return false;
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  if (!logger().should_log(to_spdlog(level))) return;
  const auto now = std::chrono::time_point_cast<std::chrono::microseconds>(spdlog::log_clock::now());
  std::string line =
      fmt::format(R"({{"time":{},"level":"{}","message":{})", now.time_since_epoch().count(), name_of(level), json_text(message));
  for (const auto& [key, value] : fields) line += fmt::format(",{}:{}", json_text(key), json_text(value));
  logger().log(to_spdlog(level), "{}", line + "}");
}

}  // namespace segue::base::log
