// Row 9: a service provider asks by HTTP-Redirect and the browser has a session.
#pragma once
#include "bench/row.h"
#include "bench/world.h"

namespace segue::bench {

Row saml_row(const World& world);

// Signed assertions per CPU-second of one thread: xmlsec alone, over an assertion like the answer's.
double xml_sign_rate();

}  // namespace segue::bench
