#include "app/test_controls.h"

#include <signal.h>
#include <unistd.h>

#include "json/value.h"

namespace segue::app {
namespace {

constexpr auto kPatience = std::chrono::seconds(10);

http::Response refused(std::string why) { return http::json_response(400, json::write(json::object{{"error", why}})); }

json::object body_of(const http::Request& request) {
  auto parsed = json::parse(request.body);
  return parsed.ok() && parsed->is_object() ? parsed->get_object() : json::object{};
}

}  // namespace

TestControls::TestControls() = default;

Seams TestControls::seams() {
  return {.wall = &wall_,
          .ticker = &ticks_,
          .fault = &fault_,
          .operator_endpoint = [this](const http::Request& request) { return answer(request); },
          .background_gate = &background_gate_};
}

bool TestControls::Fault::arm(std::string point_name, bool kill, std::int64_t passing) {
  if (!background_gate.close(kPatience)) {
    background_gate.open();
    return false;
  }
  const std::scoped_lock lock(mutex_);
  point_ = std::move(point_name);
  kills_ = kill;
  passing_ = passing;
  armed_ = true;
  return true;
}

void TestControls::Fault::reach(std::string_view point) {
  if (!armed_) return;
  const std::scoped_lock lock(mutex_);
  if (!armed_ || point != point_ || passing_-- > 0) return;
  // SIGKILL: no destructor, no flush, as a power cut would have it.
  if (kills_) ::kill(::getpid(), SIGKILL);
  armed_ = false;
  background_gate.open();
  throw sql::Unavailable("failpoint " + std::string(point));
}

std::optional<http::Response> TestControls::answer(const http::Request& request) {
  if (request.method != http::Method::post) return std::nullopt;
  if (request.path == "/test/clock") return move_clock(request);
  if (request.path == "/test/failpoint") return arm_failpoint(request);
  return std::nullopt;
}

http::Response TestControls::move_clock(const http::Request& request) {
  const auto body = body_of(request);
  constexpr std::int64_t kSecond = 1'000'000;
  if (const auto seconds = json::find_integer(body, "advance_seconds"); seconds && *seconds >= 0) {
    passed_ += *seconds * kSecond;
  } else if (const auto text = json::find_string(body, "set")) {
    const auto wanted = base::from_iso8601(*text);
    if (!wanted || *wanted < wall_.now()) return refused("set must be an ISO 8601 time that is not past");
    passed_ += (*wanted - wall_.now()).count();
  } else if (const auto step = json::find_integer(body, "step_seconds")) {
    stepped_ += *step * kSecond;
  } else {
    return refused("advance_seconds, set or step_seconds");
  }
  return http::json_response(200, json::write(json::object{{"now", base::to_iso8601(wall_.now())}}));
}

http::Response TestControls::arm_failpoint(const http::Request& request) {
  const auto body = body_of(request);
  const auto point = json::find_string(body, "point").value_or("");
  const auto action = json::find_string(body, "action").value_or("");
  if ((point != "before_commit" && point != "after_commit") || (action != "kill" && action != "throw")) {
    return refused("point must be before_commit or after_commit, action kill or throw");
  }
  if (!fault_.arm(point, action == "kill", json::find_integer(body, "after").value_or(0))) {
    return refused("background work did not come to rest");
  }
  return http::json_response(200, "{}");
}

}  // namespace segue::app
