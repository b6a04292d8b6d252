#include "oauth/authorize/stored_request.h"

#include "base/bytes.h"
#include "crypto/digest.h"
#include "oauth/authorize/answer_address.h"
#include "oauth/authorize/browser_binding.h"
#include "oauth/organization.h"
#include "store/authorize_transactions.h"
#include "tenancy/handles.h"

namespace segue::oauth {
namespace {

base::Error another_browser() {
  return {.kind = base::ErrorKind::invalid_input,
          .code = "invalid_request",
          .description =
              "This sign-in page belongs to another browser, or cookies are blocked. Allow cookies for this site, go back to the "
              "application "
              "and sign in again.",
          .status = 400};
}

}  // namespace

base::Error expired_request() {
  return {.kind = base::ErrorKind::invalid_input,
          .code = "expired",
          .description = "This sign-in page has expired or was used already. Go back to the application and sign in again.",
          .status = 400};
}

std::optional<StoredRequest> find_stored(const Services& services, const tenancy::Snapshot& tenant, std::string_view state) {
  const auto handle = tenancy::parse_handle(tenant.keys(), model::HandleKind::authorize_transaction, state);
  if (!handle) return std::nullopt;
  const auto found = services.tenants.store().read(
      tenant.tenant().id, [&](const store::Reader& r) { return store::authorize_transactions::find(r, handle->id); });
  if (!found || !crypto::equal_in_constant_time(found->secret_hash, handle->secret_hash)) return std::nullopt;
  const auto document = json::parse(found->transaction.request);
  if (!document.ok() || !document->is_object()) return std::nullopt;
  return StoredRequest{found->transaction, authorization_request_from(document->get_object()), found->secret_hash};
}

base::Result<StoredRequest> open_stored(const Services& services, const tenancy::Snapshot& tenant, const http::Call& call,
                                        std::string_view state, std::string_view step, base::Instant now) {
  auto stored = find_stored(services, tenant, state);
  if (!stored || stored->transaction.finished_at || stored->transaction.expires_at <= now || stored->transaction.step != step)
    return expired_request();
  const auto binding = presented_binding(call.request);
  if (!binding || !crypto::equal_in_constant_time(binding->hash(), stored->transaction.binding_hash)) return another_browser();
  return std::move(*stored);
}

std::string page_signature(const tenancy::Snapshot& tenant, const model::AuthorizeTransaction& transaction, std::string_view page,
                           std::string_view shows) {
  std::string input = std::string(page) + "_csrf|" + std::to_string(base::to_integer(transaction.transaction_id)) + "|";
  input += base::as_text(transaction.binding_hash);
  if (!shows.empty()) input.append("|").append(shows);
  return base::base64url(tenant.keys().derivation.mac(input));
}

std::optional<ValidatedRequest> validated_again(const tenancy::Snapshot& tenant, const AuthorizationRequest& request,
                                                const store::Reader* r) {
  auto client = tenant.client(request.client_id, r);
  auto redirect = client ? verify_answer_address(tenant, *client, request, r) : std::nullopt;
  if (!redirect) return std::nullopt;
  return ValidatedRequest{request, std::move(client), std::move(*redirect)};
}

}  // namespace segue::oauth
