// The command line of `segue` (design §2).
#pragma once
#include "app/server.h"

namespace segue::app {

inline constexpr const char* kVersion = "0.1.0";

// Returns the exit status. A failure is one line on standard error and status 1; a wrong command line is status 2.
int run_command_line(int argc, char** argv, const Seams& seams);

}  // namespace segue::app
