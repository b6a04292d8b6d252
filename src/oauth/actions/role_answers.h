// What an Action that asks is told about roles and groups (contract §8.5 `roles.*`, `groups.*`).
#pragma once
#include <vector>

#include "actions/invocation.h"
#include "model/role.h"

namespace segue::oauth {

// `roles`: the user's in this sign-in, by name. There are no groups, so nobody is in one.
actions::Answerer answers_about(std::vector<model::Role> roles);

}  // namespace segue::oauth
