// The schema's versions, embedded from store/migrations/.
#pragma once
#include <span>

#include "sql/migrator.h"

namespace segue::store {

std::span<const sql::Migration> migrations();

}  // namespace segue::store
