#include "oauth/authorize/attempt.h"

#include <algorithm>

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
  // In one order everywhere: two browsers with the same two tokens the other way round must not wait for each other.
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return out;
}

}  // namespace

AuthorizeAttempt gather_attempt(const Services& services, const http::Call& call,
                                const std::shared_ptr<const tenancy::Snapshot>& tenant, ValidatedRequest validated,
                                GrantedResource resource, const http::Parameters& parameters) {
  const auto& keys = tenant->keys();
  auto cookie = sessions::presented_session(keys, call.request);
  // A message goes to a page that stays: no navigation that a token is handed over by (design §4).
  const bool navigates = validated.request.response_mode != ResponseMode::web_message;
  auto presentation = navigates ? find_transfer_tokens(call, parameters, *validated.client) : TransferPresentation{};
  auto handles = parse_transfers(keys, presentation.tokens);
  auto prepared = prepare_sign_in(*tenant, services, cookie);
  return {.call = call,
          .tenant = tenant,
          .validated = std::move(validated),
          .resource = std::move(resource),
          .now = services.clock.now(),
          .origin = origin_of(call, services.geoip),
          .cookie = std::move(cookie),
          .presentation = std::move(presentation),
          .transfer_handles = std::move(handles),
          .binding = browser_binding(call.request, services.random),
          .transaction = tenancy::make_handle(keys, services.random, model::HandleKind::authorize_transaction,
                                              services.tenants.store().ids().next()),
          .prepared = std::move(prepared)};
}

}  // namespace segue::oauth
