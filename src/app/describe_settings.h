// What becomes of each field that the Management API takes, read from its tables of operations and fields.
#pragma once
#include <string>

namespace segue::app {

// docs/reference/settings.md: every field of every body.
std::string describe_settings();
// The table of the README: each resource, what is served of it and how many of its fields are what.
std::string describe_resources();

}  // namespace segue::app
