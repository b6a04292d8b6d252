#include "management/device_answer.h"

#include "management/answers.h"

namespace segue::management {

json::object device_answer(const model::RequestOrigin& initial, const model::RequestOrigin& last) {
  json::object out{{"initial_user_agent", initial.user_agent},
                   {"initial_ip", text_or_null(initial.ip)},
                   {"last_user_agent", last.user_agent},
                   {"last_ip", text_or_null(last.ip)}};
  // A text, and never null: the declared types of the SDKs.
  if (initial.asn) out["initial_asn"] = std::to_string(*initial.asn);
  if (last.asn) out["last_asn"] = std::to_string(*last.asn);
  return out;
}

}  // namespace segue::management
