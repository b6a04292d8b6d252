#include "audit/shown_record.h"

#include "base/result.h"

namespace segue::audit {

json::object shown_record(std::string_view record, std::string_view log_id, std::string_view tenant_name) {
  auto stored = json::parse(record);
  if (!stored.ok() || !stored->is_object()) throw base::Bug("the log record " + std::string(log_id) + " is not an object");
  json::object out;
  for (auto& member : stored->get_object()) {
    const bool is_last_but_id = member.key() == "isMobile";
    if (is_last_but_id) {
      out["log_id"] = log_id;
      out["tenant_name"] = tenant_name;
      out["_id"] = log_id;
    }
    out[member.key()] = std::move(member.value());
    if (is_last_but_id) out["id"] = log_id;
  }
  return out;
}

}  // namespace segue::audit
