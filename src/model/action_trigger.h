// The triggers that run Actions (contract §8.1). The other triggers of the contract belong to features that are not served here:
// an Action for one of them is refused when it is written.
#pragma once
#include <array>
#include <string_view>

namespace segue::model {

struct ActionTrigger {
  std::string_view id;
  std::string_view version;             // current
  std::string_view compatible_version;  // an older one whose Actions run as they are; empty: none
  bool entity_bound = false;            // an entity names its Action; there is no list of bindings
};

inline constexpr std::array<ActionTrigger, 6> kActionTriggers{{
    {"post-login", "v3", "v2"},
    {"credentials-exchange", "v2", ""},
    {"pre-user-registration", "v2", ""},
    {"post-user-registration", "v2", ""},
    {"post-change-password", "v2", ""},
    {"custom-token-exchange", "v1", "", true},
}};
inline constexpr std::string_view kCustomTokenExchange = "custom-token-exchange";

inline const ActionTrigger* find_action_trigger(std::string_view id) {
  for (const auto& trigger : kActionTriggers) {
    if (trigger.id == id) return &trigger;
  }
  return nullptr;
}

}  // namespace segue::model
