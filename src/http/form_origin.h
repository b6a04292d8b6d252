// Whether a form came from this site's own pages.
#pragma once
#include "http/call.h"

namespace segue::http {

// True when the browser says that another site sent the request. A form's CSRF value decides anyway; this stops a foreign form
// before the database is asked. Our pages' Referrer-Policy makes browsers send `Origin: null` with their forms (Fetch Standard
// §3.2, "append a request Origin header"), so null says nothing and Sec-Fetch-Site speaks where there is one.
bool is_foreign_form(const Call& call);

}  // namespace segue::http
