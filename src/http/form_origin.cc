#include "http/form_origin.h"

#include "base/text.h"

namespace segue::http {

bool is_foreign_form(const Call& call) {
  const auto origin = call.request.headers.find("origin");
  const auto site = call.request.headers.find("sec-fetch-site");
  const bool foreign_origin = origin && *origin != "null" && !base::iequals(*origin, "https://" + call.domain);
  const bool foreign_site = site && *site != "same-origin" && *site != "none";
  return foreign_origin || foreign_site;
}

}  // namespace segue::http
