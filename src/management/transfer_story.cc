#include "management/transfer_story.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "http/caller_address.h"
#include "management/answers.h"

namespace segue::management {
namespace transfer_story_ {
namespace {

constexpr auto kLifetime = std::chrono::seconds(60);  // of a session transfer token (contract §1.6)

std::string text_of(const json::object& o, std::string_view name) { return json::find_string(o, name).value_or(""); }
const json::object& details_of(const TransferRow& row) {
  static const json::object kNone;
  const auto* const details = json::find_object(row.record, "details");
  return details != nullptr ? *details : kNone;
}

json::value shown(const json::value& compared) {
  const auto* const text = compared.if_string();
  if (text == nullptr) return compared;
  if (text->empty()) return nullptr;
  return json::value(shortened_address(json::to_view(*text)));
}

// The checks in the order in which they are asked (oauth/authorize/evaluate_transfer.h), with the reasons by which each refuses.
struct Check {
  std::string_view name;
  std::array<std::string_view, 4> reasons;
  std::string_view compared;             // the pair in transfer_checks; empty: none
  std::string_view wanted_by = "token";  // whose value the first of the pair is
};
constexpr Check kChecks[] = {
    {"token", {"unknown", "expired", "already_used", "transport_conflict"}, ""},
    {"creator", {"creator_disabled", "", "", ""}, ""},
    {"parent", {"parent_revoked", "", "", ""}, ""},
    {"device_binding", {"ip_mismatch", "asn_mismatch", "asn_unknown", ""}, "device"},
    {"organization", {"organization_mismatch", "", "", ""}, "organization"},
    {"connection", {"connection_disabled", "", "", ""}, "connection"},
    {"user", {"user_blocked", "", "", ""}, ""},
    {"authentication", {"prompt_required", "max_age", "", ""}, "max_age"},
    {"existing_session", {"user_mismatch", "", "", ""}, "user"},
};

// A redemption whose token was not even looked at, and is still good (find_transfer_tokens).
constexpr Check kTransport = {
    "transport", {"client_not_enabled", "method_not_allowed", "wrong_cookie_name", "unsolicited"}, "transport", "client"};

// What stands for the two values of a check that compares a state.
struct State {
  std::string_view check, wanted, reason, found;
};
constexpr State kStates[] = {
    {"token", "unused", "", "unused"},
    {"token", "unused", "expired", "expired"},
    {"token", "unused", "already_used", "used"},
    {"token", "unused", "transport_conflict", "different tokens by cookie and query"},
    {"creator", "may create session transfer tokens", "", "may"},
    {"creator", "may create session transfer tokens", "creator_disabled", "may not"},
    {"parent", "live", "", "live"},
    {"parent", "live", "parent_revoked", "ended"},
    {"user", "not blocked", "", "not blocked"},
    {"user", "not blocked", "user_blocked", "blocked"},
    {"authentication", "no new authentication asked for", "", "none"},
    {"authentication", "no new authentication asked for", "prompt_required", "prompt=login"},
};

json::object check_of(const Check& check, std::string_view reason, bool passed, const json::object& compared) {
  json::object out{{"check", check.name}, {"passed", passed}};
  if (!passed) out["reason"] = reason;
  if (check.name == "device_binding") out["binding"] = text_of(compared, "binding");
  const auto* const pair = json::find(compared, check.compared);
  if (pair != nullptr && pair->is_array() && pair->get_array().size() == 2) {
    out[check.wanted_by] = shown(pair->get_array()[0]);
    out["request"] = shown(pair->get_array()[1]);
    return out;
  }
  for (const auto& state : kStates) {
    if (state.check != check.name || state.reason != (passed ? std::string_view() : reason)) continue;
    out["token"] = state.wanted;
    out["request"] = state.found;
  }
  return out;
}

bool is_reason_of(const Check& check, std::string_view reason) {
  return !reason.empty() && std::find(check.reasons.begin(), check.reasons.end(), reason) != check.reasons.end();
}

// Those that were asked: none behind the one that refused.
json::array checks_of(const json::object& details, std::string_view reason) {
  json::array out;
  const auto* const compared = json::find_object(details, "transfer_checks");
  if (compared == nullptr) return out;
  if (is_reason_of(kTransport, reason)) return {check_of(kTransport, reason, false, *compared)};
  for (const auto& check : kChecks) {
    const bool passed = !is_reason_of(check, reason);
    out.push_back(check_of(check, reason, passed, *compared));
    if (!passed) break;
  }
  return out;
}

bool came_by_transfer(const TransferRow& row) {
  return json::find_bool(details_of(row), "triggered_by_session_transfer_token").value_or(false);
}

std::string_view step_of(const TransferRow& row, bool first) {
  const auto type = text_of(row.record, "type");
  if (type == "sertft") return first ? "exchange" : "refresh";
  if (type == "fertft" || type == "ferrt") return "refresh";
  if (type == "s" || type == "ssa") return came_by_transfer(row) ? "redemption" : "single_sign_on";
  if (type == "w" && is_reason_of(kTransport, text_of(details_of(row), "reason"))) return "presentation";
  if (type == "f" || type == "fsa" || type == "w") return "redemption";
  if (type == "seacft" || type == "feacft" || type == "sede" || type == "fede") return "code_exchange";
  if (type == "srrt") return "revocation";
  if (type == "sapi") return "management";
  if (type == "slo") return "logout";
  if (type == "oidc_backchannel_logout_succeeded" || type == "oidc_backchannel_logout_failed") return "backchannel_logout";
  return "event";
}

bool succeeded(std::string_view type) { return type.starts_with('s') || type == "oidc_backchannel_logout_succeeded"; }

// Why a redemption was refused, from the closed list. A refusal behind the evaluation is the pipeline's.
std::string reason_of(const TransferRow& row) {
  const auto& details = details_of(row);
  if (auto reason = json::find_string(details, "reason")) return *reason;
  const auto* const error = json::find_object(details, "error");
  if (error != nullptr && text_of(*error, "oauthError") == "access_denied") return "denied_by_action";
  return error != nullptr ? text_of(*error, "oauthError") : "";
}

json::object step(const TransferRow& row, bool first) {
  const auto& r = row.record;
  const auto type = text_of(r, "type");
  const auto name = step_of(row, first);
  const bool good = succeeded(type);
  json::object out{{"step", name},
                   {"outcome", good ? "success" : "failure"},
                   {"date", text_of(r, "date")},
                   {"log_id", row.log_id},
                   {"type", type},
                   {"description", text_of(r, "description")},
                   {"client_id", text_of(r, "client_id")},
                   {"client_name", text_of(r, "client_name")},
                   {"ip", shortened_address(text_of(r, "ip"))},
                   {"user_agent", text_of(r, "user_agent")}};
  const auto reason = good ? std::string() : reason_of(row);
  if (!reason.empty()) out["reason"] = reason;
  if (name == "redemption" || name == "presentation") out["checks"] = checks_of(details_of(row), reason);
  return out;
}

struct Verdict {
  std::string_view verdict = "pending";
  std::string reason;
  const TransferRow* row = nullptr;
};
// The first redemption decides: what is presented again later changes nothing. Without one, a presentation that was not looked at
// is why.
Verdict verdict_of(const std::vector<TransferRow>& rows, base::Instant now) {
  for (const auto& row : rows) {
    if (step_of(row, false) != "redemption") continue;
    if (succeeded(text_of(row.record, "type"))) return {"accepted", "", &row};
    return {"refused", reason_of(row), &row};
  }
  Verdict out;
  for (const auto& row : rows) {
    if (step_of(row, false) == "presentation") out = {"pending", reason_of(row), &row};
  }
  const auto began = base::from_iso8601(text_of(rows.front().record, "date"));
  if (began && *began + kLifetime <= now) out.verdict = "never_redeemed";
  return out;
}

}  // namespace
}  // namespace transfer_story_

std::string shortened_address(std::string_view address) {
  const bool is_v6 = address.find(':') != std::string_view::npos;
  const auto canonical = http::canonical_address(address);
  if (!canonical) return std::string(address);
  const auto network = http::Network::parse(*canonical);
  if (!network.ok()) return std::string(address);
  auto bytes = network->bytes;
  const std::size_t kept = bytes.size() == 4 ? 3 : 8;
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(kept), bytes.end(), '\0');
  return http::address_of_bytes(bytes) + (is_v6 && bytes.size() == 16 ? "/64" : "/24");
}

json::object transfer_story(std::string_view transfer_id, const std::vector<TransferRow>& rows, base::Instant now) {
  using namespace transfer_story_;
  json::array steps;
  for (const auto& row : rows) steps.push_back(step(row, &row == rows.data()));
  const auto verdict = verdict_of(rows, now);
  const auto& began = rows.front().record;
  json::object out{{"transfer_id", transfer_id},
                   {"verdict", verdict.verdict},
                   {"reason", text_or_null(verdict.reason)},
                   {"user_id", text_or_null(text_of(began, "user_id"))},
                   {"native_client_id", text_or_null(text_of(began, "client_id"))},
                   {"web_client_id", verdict.row != nullptr ? text_or_null(text_of(verdict.row->record, "client_id")) : nullptr},
                   {"steps", std::move(steps)}};
  return out;
}

}  // namespace segue::management
