// Row 9: a service provider asks by HTTP-Redirect and the browser has a session.
#pragma once
#include "bench/row.h"
#include "bench/world.h"

namespace segue::bench {

// Its limit: signed assertions per CPU-second of one thread, xmlsec alone, over an assertion that the row was given.
Row saml_row(const World& world);

}  // namespace segue::bench
