// The tenant log's word on single logout: service providers that were not told of a session's end, or did not confirm it.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "audit/event.h"

namespace segue::audit {

struct Untold {
  std::string sid, user_id;
  std::string initiator;  // what ended the session (store/revocations.h)
  std::string_view why;
  std::vector<std::string> client_ids;
  bool is_wsfed = false;  // none of them is of SAML
};
// `row` is of the request, where there is one.
Event untold_event(const Untold& untold, Event row = {});

}  // namespace segue::audit
