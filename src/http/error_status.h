// The HTTP status of an error, for every face that shows one.
#pragma once
#include "base/error.h"

namespace segue::http {

// Its own, where it has one, else that of its kind.
int status_of(const base::Error& error);

}  // namespace segue::http
