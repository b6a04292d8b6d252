// The state of one-time rows as text in SQL.
#pragma once
#include <string_view>

#include "model/session_graph.h"

namespace segue::store {

inline model::OneTimeState one_time_state_from(std::string_view text) {
  return text == "issued"     ? model::OneTimeState::issued
         : text == "consumed" ? model::OneTimeState::consumed
                              : model::OneTimeState::revoked;
}

}  // namespace segue::store
