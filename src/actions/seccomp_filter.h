// The system calls that a sandboxed Node.js may make, as a program for the kernel (seccomp BPF).
#pragma once
#include <string>

#include "base/result.h"

namespace segue::actions {

enum class Confinement { host, installer };

// Everything that is not listed does not exist for the process (ENOSYS). The bytes are what `bwrap --seccomp` reads.
base::Result<std::string> seccomp_filter(Confinement confinement);

}  // namespace segue::actions
