#include "sessions/lifetimes.h"

namespace segue::sessions {
namespace {

base::Duration hours_or(const model::Tenant& tenant, std::string_view name, base::Duration otherwise) {
  const auto* value = json::find(tenant.settings, name);
  if (value == nullptr || !value->is_number()) return otherwise;
  return base::Duration(static_cast<std::int64_t>(value->to_number<double>() * 3'600'000'000.0));
}

}  // namespace

Lifetimes lifetimes_of(const model::Tenant& tenant) {
  const Lifetimes standard;
  return {hours_or(tenant, "session_lifetime", standard.absolute), hours_or(tenant, "idle_session_lifetime", standard.idle)};
}

}  // namespace segue::sessions
