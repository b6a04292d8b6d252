// Sign-ins through an Action beside token requests: neither may hold the other up.
#pragma once
#include "bench/row.h"
#include "bench/world.h"

namespace segue::bench {

// First without any Action, then with one that waits 50 ms: 50 sign-ins a second, half of them refresh exchanges and half silent
// authentications, due whether or not the earlier ones were answered, beside 32 connections of client credentials (`tokens`) at
// 70 % of what they can do alone. And what a warm call of an empty Action adds to a refresh.
void measure_actions(const World& world, const Row& tokens, const Load& load, double seconds);

}  // namespace segue::bench
