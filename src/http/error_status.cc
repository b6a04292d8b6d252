#include "http/error_status.h"

namespace segue::http {

int status_of(const base::Error& error) {
  if (error.status != 0) return error.status;
  switch (error.kind) {
    case base::ErrorKind::invalid_input: return 400;
    case base::ErrorKind::unauthenticated: return 401;
    case base::ErrorKind::forbidden: return 403;
    case base::ErrorKind::not_found: return 404;
    case base::ErrorKind::conflict: return 409;
    case base::ErrorKind::too_large: return 413;
    case base::ErrorKind::rate_limited: return 429;
    case base::ErrorKind::unavailable: return 503;
  }
  return 500;
}

}  // namespace segue::http
