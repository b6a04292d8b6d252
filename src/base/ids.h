// Identifiers that every rank may name.
#pragma once
#include <compare>
#include <cstdint>

namespace segue::base {

// A tenant's row number. Zero is no tenant and matches nothing.
enum class TenantId : std::int64_t {};
constexpr std::int64_t to_integer(TenantId id) { return static_cast<std::int64_t>(id); }

// A time-ordered row id (design §4): 41 bits of milliseconds, 10 of node, 12 of sequence. Zero is no row.
enum class RowId : std::int64_t {};
constexpr std::int64_t to_integer(RowId id) { return static_cast<std::int64_t>(id); }

}  // namespace segue::base
