// How long a session lives (contract §6.4): tenant settings in hours, with the documented defaults and limits. A session that
// ends with its browser (ephemeral, `session_cookie.mode` non-persistent) has lifetimes of its own.
#pragma once
#include "base/clock.h"
#include "model/directory.h"
#include "model/session_graph.h"

namespace segue::sessions {

struct Lifetimes {
  base::Duration absolute{}, idle{};
};

// What one setting may be. `name` is the hour form; `…_in_minutes` is the other.
struct LifetimeSetting {
  std::string_view name;
  std::chrono::minutes standard, longest;
};
inline constexpr LifetimeSetting kSessionLifetime{"session_lifetime", std::chrono::hours(168), std::chrono::hours(8760)};
inline constexpr LifetimeSetting kIdleSessionLifetime{"idle_session_lifetime", std::chrono::hours(72), std::chrono::hours(2400)};
inline constexpr LifetimeSetting kEphemeralLifetime{"ephemeral_session_lifetime", std::chrono::hours(72),
                                                    std::chrono::hours(8760)};
inline constexpr LifetimeSetting kIdleEphemeralLifetime{"idle_ephemeral_session_lifetime", std::chrono::hours(24),
                                                        std::chrono::hours(2400)};

// What `hours` stand for: whole minutes, one at least, a value above the limit clamped to it.
std::chrono::minutes clamped(const LifetimeSetting& setting, double hours);
// Hours as the API shows them: 168, or 3.0167 for 181 minutes.
json::value to_hours(std::chrono::minutes minutes);

// Whether the cookies of a session that begins outlive the browser.
bool opens_persistent(const model::Tenant& tenant);
// The tenant's lifetimes for a session of this session's mode.
Lifetimes lifetimes_of(const model::Tenant& tenant, const model::Session& session);
// The absolute end is fixed when a session begins, and a longer setting later does not help it; a shorter one takes effect when
// it is next used. Lowers both ends of `session` to what the settings allow now.
void shorten(model::Session& session, const Lifetimes& lifetimes);

}  // namespace segue::sessions
