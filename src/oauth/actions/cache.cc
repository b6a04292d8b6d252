#include "oauth/actions/cache.h"

#include <algorithm>

#include "oauth/actions/commands.h"

namespace segue::oauth {
namespace {

// contract §8.3
constexpr std::size_t kMostCached = 20, kLongestKey = 64, kLongestValue = 4096, kMostInAll = 8192;
constexpr std::int64_t kLongestCached = 24 * 3600 * 1000, kStandardCached = 15 * 60 * 1000;  // milliseconds

std::int64_t expiry_of(const json::array& arguments, std::int64_t now) {
  const auto* const options = arguments.size() > 2 && arguments[2].is_object() ? &arguments[2].get_object() : nullptr;
  const auto number = [&](std::string_view name) -> std::optional<std::int64_t> {
    const auto* const found = options != nullptr ? json::find(*options, name) : nullptr;
    if (found == nullptr || !found->is_number()) return std::nullopt;
    return static_cast<std::int64_t>(std::clamp(found->to_number<double>(), 0.0, 9e15));
  };
  const auto absolute = number("expires_at");
  return std::min(absolute ? *absolute : now + std::min(number("ttl").value_or(kStandardCached), kLongestCached),
                  now + kLongestCached);
}

void set(ActionCache::Entries& entries, const json::array& arguments, std::int64_t now) {
  auto key = text_argument(arguments, 0);
  auto value = text_argument(arguments, 1);
  if (key.empty() || key.size() > kLongestKey || value.size() > kLongestValue) return;
  std::size_t total = key.size() + value.size();
  for (const auto& [name, entry] : entries) total += name == key ? 0 : name.size() + entry.value.size();
  if (total > kMostInAll || (!entries.contains(key) && entries.size() >= kMostCached)) return;
  entries.insert_or_assign(std::move(key), actions::CacheEntry{std::move(value), expiry_of(arguments, now)});
}

}  // namespace

ActionCache::Entries ActionCache::of(base::TenantId tenant, const std::string& trigger, base::Instant now) const {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find({tenant, trigger});
  if (found == entries_.end()) return {};
  auto out = found->second;
  std::erase_if(out, [&](const auto& entry) { return entry.second.expires_at <= base::to_millis(now); });
  return out;
}

void ActionCache::apply(base::TenantId tenant, const std::string& trigger, const std::vector<actions::ActionResult>& results,
                        base::Instant now) {
  const std::scoped_lock lock(mutex_);
  Entries* entries = nullptr;
  for (const auto& result : results) {
    for (const auto& command : result.commands) {
      if (!command.method.starts_with("cache.")) continue;
      if (entries == nullptr) {
        entries = &entries_[{tenant, trigger}];
        std::erase_if(*entries, [&](const auto& entry) { return entry.second.expires_at <= base::to_millis(now); });
      }
      if (command.method == "cache.set") set(*entries, command.arguments, base::to_millis(now));
      if (command.method == "cache.delete") entries->erase(text_argument(command.arguments, 0));
    }
  }
}

}  // namespace segue::oauth
