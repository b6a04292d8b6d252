#include "sessions/lifetimes.h"

#include <algorithm>
#include <cmath>

namespace segue::sessions {
namespace {

std::chrono::minutes value_of(const model::Tenant& tenant, const LifetimeSetting& setting) {
  const auto* const value = json::find(tenant.settings, setting.name);
  if (value == nullptr || !value->is_number()) return setting.standard;
  return clamped(setting, value->to_number<double>());
}

}  // namespace

std::chrono::minutes clamped(const LifetimeSetting& setting, double hours) {
  const auto longest = static_cast<double>(setting.longest.count());
  return std::chrono::minutes(std::llround(std::clamp(hours * 60.0, 1.0, longest)));
}

json::value to_hours(std::chrono::minutes minutes) {
  if (minutes.count() % 60 == 0) return minutes.count() / 60;
  return std::round(static_cast<double>(minutes.count()) / 60.0 * 1e4) / 1e4;
}

bool opens_persistent(const model::Tenant& tenant) {
  const auto* const cookie = json::find_object(tenant.settings, "session_cookie");
  return cookie == nullptr || json::find_string(*cookie, "mode") != "non-persistent";
}

Lifetimes lifetimes_of(const model::Tenant& tenant, const model::Session& session) {
  if (session.persistent) return {value_of(tenant, kSessionLifetime), value_of(tenant, kIdleSessionLifetime)};
  return {value_of(tenant, kEphemeralLifetime), value_of(tenant, kIdleEphemeralLifetime)};
}

void shorten(model::Session& session, const Lifetimes& lifetimes) {
  session.expires_at = std::min(session.expires_at, session.created_at + lifetimes.absolute);
  session.idle_expires_at = std::min({session.idle_expires_at, session.last_interacted_at + lifetimes.idle, session.expires_at});
}

}  // namespace segue::sessions
