#include "oauth/authorize/attempt.h"

#include <algorithm>

#include "oauth/organization.h"
#include "oauth/origin.h"
#include "sessions/session_cookie.h"

namespace segue::oauth {
namespace {

std::vector<tenancy::PresentedHandle> parse_transfers(const tenancy::TenantKeys& keys, const std::vector<std::string>& tokens) {
  std::vector<tenancy::PresentedHandle> out;
  for (const auto& text : tokens) {
    if (auto handle = tenancy::parse_handle(keys, model::HandleKind::session_transfer_token, text))
      out.push_back(std::move(*handle));
  }
  return out;
}

// The token that was pushed, among those that the browser brings: one more value unless it is one of them.
bool add_pushed(const model::PushedTransfer& pushed, std::vector<tenancy::PresentedHandle>& handles) {
  for (const auto& each : handles) {
    if (each.id == pushed.session_transfer_token_id && crypto::equal_in_constant_time(each.secret_hash, pushed.secret_hash))
      return false;
  }
  if (pushed.session_transfer_token_id != base::RowId{})
    handles.push_back({.id = pushed.session_transfer_token_id, .secret_hash = pushed.secret_hash, .secret = {}});
  return true;
}

}  // namespace

AuthorizeAttempt gather_attempt(const Services& services, const http::Call& call,
                                const std::shared_ptr<const tenancy::Snapshot>& tenant, ValidatedRequest validated,
                                GrantedResource resource, const PresentedRequest& presented) {
  const auto& keys = tenant->keys();
  const bool allowed = check_organization(*tenant, *validated.client, validated.request.organization).ok();
  auto cookie = sessions::presented_session(keys, call.request);
  // A message goes to a page that stays: no navigation that a token is handed over by (design §4).
  const bool navigates = validated.request.response_mode != ResponseMode::web_message;
  auto presentation = navigates ? find_transfer_tokens(call, presented, *validated.client, validated.request.foreign_protocol)
                                : TransferPresentation{};
  auto handles = parse_transfers(keys, presentation.tokens);
  auto transfers = presentation.tokens.size();
  if (presentation.pushed && add_pushed(*presentation.pushed, handles)) ++transfers;
  // In one order everywhere: two browsers with the same two tokens the other way round must not wait for each other.
  std::sort(handles.begin(), handles.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  auto prepared = prepare_sign_in(*tenant, services, cookie);
  return {.call = call,
          .tenant = tenant,
          .validated = std::move(validated),
          .resource = std::move(resource),
          .organization_allowed = allowed,
          .now = services.clock.now(),
          .origin = origin_of(call, services.geoip),
          .has_asn_database = services.geoip.has_asn(),
          .cookie = std::move(cookie),
          .pushed = presented.pushed,
          .presentation = std::move(presentation),
          .transfer_handles = std::move(handles),
          .transfers = transfers,
          .binding = browser_binding(call.request, services.random),
          .transaction = tenancy::make_handle(keys, services.random, model::HandleKind::authorize_transaction,
                                              services.tenants.store().ids().next()),
          .prepared = std::move(prepared)};
}

}  // namespace segue::oauth
