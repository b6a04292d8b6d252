// The category of an event, by which streams filter (contract §7.4).
#pragma once
#include <span>
#include <string_view>

namespace segue::logstreams {

// What a filter may name.
std::span<const std::string_view> categories();
// "other" for a code that the contract puts nowhere else.
std::string_view category_of(std::string_view type);

}  // namespace segue::logstreams
