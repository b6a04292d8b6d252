// The databases that a story runs on.
#pragma once
#include <vector>

#include "support/fresh_database.h"
#include "support/world.h"

namespace segue::test {

// Those that are there: PostgreSQL where a server is.
inline std::vector<Engine> engines() {
  std::vector<Engine> out = {Engine::sqlite};
  if (FreshDatabase::server_url()) out.push_back(Engine::postgres);
  return out;
}

}  // namespace segue::test
