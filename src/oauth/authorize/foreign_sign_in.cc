#include "oauth/authorize/foreign_sign_in.h"

#include "base/text.h"
#include "oauth/authorize/answer_address.h"
#include "oauth/authorize/authorize_endpoint.h"
#include "oauth/authorize/transfer_presentation.h"
#include "oauth/errors.h"
#include "oauth/organization.h"
#include "oauth/shown_parameters.h"
#include "store/one_time_identifiers.h"
#include "tenancy/claim_once.h"

namespace segue::oauth {
namespace {

constexpr std::size_t kLongestHint = 256;

AuthorizationRequest request_of(const tenancy::Snapshot& tenant, interaction::ForeignRequest& asked) {
  AuthorizationRequest out;
  out.client_id = asked.client->client_id;
  out.response_type = {};
  out.redirect_uri = std::move(asked.consumer_url);
  out.connection = std::move(asked.connection);
  out.organization = resolve_organization(tenant, asked.organization);
  out.login_hint = base::shortened(asked.login_hint, kLongestHint);
  out.prompt_login = asked.forces_login;
  out.prompt_none = asked.is_passive;
  out.max_age = asked.max_age;
  out.other = foreign_parameters(asked.shown);
  out.foreign_protocol = std::move(asked.protocol);
  out.message = std::move(asked.message);
  return out;
}

base::Error unknown_consumer(const std::string& url) {
  return {.kind = ErrorKind::forbidden,
          .code = "invalid_request",
          .description =
              "The service provider wants the answer at an address that is not among the application's callbacks. Register "
              "it there, letter for letter.",
          .detail = base::shortened(url, 512) + " is not in the list of allowed callback URLs"};
}

base::Error sent_before() {
  return invalid_request("This sign-in request was sent before. Go back to the application and sign in again.");
}

}  // namespace

interaction::ForeignSignIn foreign_sign_in(const http::Call& call, const tenancy::Snapshot& tenant,
                                           const ValidatedRequest& validated) {
  return {.call = call,
          .tenant = tenant,
          .client = *validated.client,
          .message = validated.request.message,
          .consumer_url = validated.redirect.uri()};
}

bool admits(const store::Reader& r, const SignInContext& c, const model::User& user) {
  return c.protocol == nullptr || c.protocol->admits(r, foreign_sign_in(c.call, c.tenant, c.validated), user);
}

base::Error another_person() {
  return {.kind = ErrorKind::forbidden,
          .code = "authentication_failed",
          .description = "The application asked for another person than the one who signed in.",
          .status = 403};
}

interaction::ForeignProtocol* AuthorizeEndpoint::protocol_of(const AuthorizationRequest& request) const {
  if (!request.is_foreign()) return nullptr;
  const auto found = protocols_.find(request.foreign_protocol);
  if (found == protocols_.end()) throw base::Bug("a request of a protocol that is not served: " + request.foreign_protocol);
  return found->second;
}

http::Response AuthorizeEndpoint::begin_foreign(http::Call& call, const std::shared_ptr<const tenancy::Snapshot>& tenant,
                                                interaction::ForeignRequest asked) {
  // A prefetch or a HEAD asks what would happen; nothing may (design §4).
  if (is_speculative(call.request)) return http::empty_response(204);
  const auto client = asked.client;
  auto request = request_of(*tenant, asked);
  const auto redirect = verify_answer_address(*tenant, *client, request);
  if (!redirect) return refuse(call, *tenant, client.get(), {.error = unknown_consumer(request.redirect_uri)}, "f");
  ValidatedRequest validated{std::move(request), client, *redirect};

  if (!asked.identifier.empty() && !tenancy::claim_once(*tenant, call, store::one_time_identifiers::kSamlMessage,
                                                        client->client_id, asked.identifier, asked.remembered_until))
    return refuse(call, *tenant, validated, sent_before(), "f");
  if (asked.objection) return refuse(call, *tenant, validated, *asked.objection, "f");
  if (const auto connection = check_connection(*tenant, *client, validated.request); !connection.ok())
    return refuse(call, *tenant, validated, connection.error(), "f");
  PresentedRequest presented;
  if (!asked.session_transfer_token.empty()) presented.session_transfer_token = std::move(asked.session_transfer_token);
  presented.unsolicited = asked.initiated_here;
  return begin(call, tenant, std::move(validated), presented);
}

}  // namespace segue::oauth
