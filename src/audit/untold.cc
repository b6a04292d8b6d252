#include "audit/untold.h"

#include "base/text.h"

namespace segue::audit {

Event untold_event(const Untold& untold, Event row) {
  row.type = "flo";
  row.description = std::string(untold.why) + " Not told: " + base::join(untold.client_ids, ", ") + ".";
  row.user_id = untold.user_id;
  row.details = json::object{{"session_id", untold.sid},
                             {"initiated_by", untold.initiator},
                             {"protocol", untold.is_wsfed ? "wsfed" : "samlp"},
                             {"untold", json::to_array(untold.client_ids)}};
  return row;
}

}  // namespace segue::audit
