#include "management/transfers_api.h"

#include "audit/shown_record.h"
#include "management/answers.h"
#include "management/errors.h"
#include "management/transfer_story.h"
#include "store/logs.h"
#include "store/refresh_tokens.h"
#include "store/sessions.h"

namespace segue::management {
namespace transfers_api {
namespace {

constexpr int kMostRows = 500;

std::string detail_of(const TransferRow& row, std::string_view name) {
  const auto* const details = json::find_object(row.record, "details");
  return details != nullptr ? json::find_string(*details, name).value_or("") : "";
}

// What the rows name, as it stands now: null where there is no such thing any more.
struct Standing {
  json::value session = nullptr, refresh_token = nullptr;
};
Standing standing_of(const store::Reader& r, const std::vector<TransferRow>& rows, base::Instant now) {
  Standing out;
  for (const auto& row : rows) {
    const auto type = json::find_string(row.record, "type").value_or("");
    if (const auto family = detail_of(row, "familyId"); out.refresh_token.is_null() && !family.empty() && &row == rows.data()) {
      if (store::refresh_tokens::find_shown(r, family, now)) out.refresh_token = json::object{{"id", family}};
    }
    if (const auto sid = detail_of(row, "session_id"); out.session.is_null() && (type == "s" || type == "ssa") && !sid.empty()) {
      if (store::sessions::find_shown(r, sid, now)) out.session = json::object{{"id", sid}};
    }
  }
  return out;
}

base::Result<http::Response> get_transfer(const Services& services, Invocation& invocation) {
  const std::string transfer_id(invocation.call.path_parameter("transfer_id"));
  struct Found {
    std::vector<TransferRow> rows;
    Standing standing;
  };
  const auto& tenant_name = invocation.tenant->tenant().name;
  const auto found = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    using store::logs::Term;
    const Term term{.op = Term::Op::equals, .field = "transfer_id", .value = transfer_id};
    Found out;
    const auto rows = store::logs::search(r, {.any_of = {{term}}, .order = store::logs::Order::oldest_first}, 0, kMostRows);
    for (const auto& row : rows.value_or(std::vector<store::logs::Found>())) {
      out.rows.push_back({row.log_id, audit::shown_record(row.record, row.log_id, tenant_name)});
    }
    out.standing = standing_of(r, out.rows, invocation.now);
    return out;
  });
  if (transfer_id.empty() || found.rows.empty()) {
    return not_found("The transfer does not exist. What happened within the last few seconds may not be searchable yet.",
                     "inexistent_transfer");
  }
  auto story = transfer_story(transfer_id, found.rows, invocation.now);
  story["live_session"] = found.standing.session;
  story["live_refresh_token"] = found.standing.refresh_token;
  story["truncated"] = found.rows.size() == static_cast<std::size_t>(kMostRows);
  return json_answer(200, std::move(story));
}

const Operation kGet{.method = http::Method::get,
                     .path = "/api/v2/segue/transfers/{transfer_id}",
                     .id = "get_transfer",
                     .scopes = {"read:logs"},
                     .statuses = {200, 404},
                     .summary = "Explain a handoff",
                     .handler = get_transfer};

}  // namespace
}  // namespace transfers_api

std::vector<const Operation*> transfer_operations() { return {&transfers_api::kGet}; }

}  // namespace segue::management
