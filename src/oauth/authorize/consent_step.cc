// The consent page's side of a suspended authorization request (contract §2.7).
#include "base/bytes.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "oauth/authorize/authorize_endpoint.h"
#include "oauth/authorize/continue_sign_in.h"
#include "oauth/authorize/foreign_sign_in.h"
#include "oauth/authorize/known_request.h"
#include "oauth/consent.h"
#include "oauth/errors.h"
#include "oauth/organization.h"
#include "oauth/origin.h"
#include "oauth/permissions.h"
#include "sessions/session_cookie.h"
#include "store/user_consents.h"

namespace segue::oauth {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

base::Result<KnownRequest> open_asked(const Services& services, const tenancy::Snapshot& tenant, const http::Call& call,
                                      std::string_view state, base::Instant now) {
  auto out = TRY(open_known(services, tenant, call, state, kConsentStep, now));
  if (!out.granted.ok()) return out;
  auto resource = with_scopes(std::move(out.granted).value(), out.evidence.effects);
  // The page asks for what the user can give.
  if (resource.resource_server && resource.resource_server->enforce_policies) {
    resource = services.tenants.store().read(call.tenant, [&](const store::Reader& r) {
      return permitted(r, tenant, *out.validated.client, resource, out.evidence.user_id, out.stored.request.organization);
    });
  }
  out.granted = std::move(resource);
  return out;
}

// What the page shows and the answer is about: changed meanwhile, the page has to be shown again.
std::string shown(const KnownRequest& asked, const GrantedResource& resource) {
  return asked.evidence.user_id + "\n" + resource.audience + "\n" + resource.scope;
}

bool is_same(std::string_view a, std::string_view b) {
  return crypto::equal_in_constant_time(base::as_bytes(a), base::as_bytes(b));
}

std::vector<interaction::AskedScope> described(const GrantedResource& resource) {
  std::vector<interaction::AskedScope> out;
  for (auto& scope : base::split(resource.scope, ' ')) {
    interaction::AskedScope asked{.value = scope};
    if (resource.resource_server) {
      const auto* const scopes = json::find(resource.resource_server->document, "scopes");
      for (const auto& known : scopes != nullptr && scopes->is_array() ? scopes->get_array() : json::array{}) {
        if (!known.is_object() || json::find_string(known.get_object(), "value") != scope) continue;
        asked.of_api = true;
        asked.description = json::find_string(known.get_object(), "description").value_or("");
      }
    }
    out.push_back(std::move(asked));
  }
  return out;
}

}  // namespace

base::Result<interaction::PendingConsent> AuthorizeEndpoint::pending_consent(const http::Call& call, std::string_view state) {
  const auto tenant = services_.tenants.snapshot(call.tenant);
  const auto asked = TRY(open_asked(services_, *tenant, call, state, services_.clock.now()));
  const auto resource = TRY(asked.granted);
  interaction::PendingConsent out;
  out.state = state;
  out.client = asked.validated.client;
  out.user_name = asked.user.email.empty() ? asked.user.username : asked.user.email;
  if (resource.resource_server) {
    const auto& api = *resource.resource_server;
    out.api_name = api.name.empty() ? api.identifier : api.name;
  }
  out.scopes = described(resource);
  out.csrf = page_signature(*tenant, asked.stored.transaction, kConsentStep, shown(asked, resource));
  out.redirect_origin = asked.validated.redirect.origin();
  return out;
}

base::Result<http::Response> AuthorizeEndpoint::answer_consent(const http::Call& call, const interaction::PendingConsent& pending,
                                                               bool allowed) {
  return services_.tenants.on_current(
      call.tenant, [&](const std::shared_ptr<const tenancy::Snapshot>& tenant) -> base::Result<http::Response> {
        const auto now = services_.clock.now();
        auto asked = TRY(open_asked(services_, *tenant, call, pending.state, now));
        const SuspendedRequest suspended{.call = call,
                                         .tenant = *tenant,
                                         .validated = asked.validated,
                                         .transaction_id = asked.stored.transaction.transaction_id,
                                         .user = asked.user,
                                         .transfer_id = asked.transfer_id};
        if (!allowed) return end_with(suspended, access_denied("User did not authorize the request"));
        if (!asked.granted.ok()) return end_with(suspended, asked.granted.error());
        const auto& resource = *asked.granted;
        // What was agreed to is what the page showed.
        if (!is_same(pending.csrf, page_signature(*tenant, asked.stored.transaction, kConsentStep, shown(asked, resource))))
          return to_step("/u/consent", pending.state);

        asked.evidence.done.emplace_back(kConsentStep);
        const auto cookie = sessions::presented_session(tenant->keys(), call.request);
        const auto prepared = prepare_sign_in(*tenant, services_, cookie, asked.evidence.sid);
        const auto origin = origin_of(call, services_.geoip);
        const SignInContext context{.call = call,
                                    .tenant = *tenant,
                                    .validated = asked.validated,
                                    .resource = resource,
                                    .prepared = prepared,
                                    .origin = origin,
                                    .now = now,
                                    .protocol = protocol_of(asked.stored.request)};
        const model::UserConsent consent{.consent_id = services_.random.text(24, kHex),
                                         .user_id = asked.evidence.user_id,
                                         .client_id = asked.stored.request.client_id,
                                         .audience = consent_audience(*tenant, resource.audience),
                                         .scope = resource.scope,
                                         .created_at = now,
                                         .updated_at = now};
        const auto continued = services_.tenants.write_on(*tenant, [&](const store::Writer& w) {
          auto out = continue_sign_in(w, {.context = context,
                                          .evidence = asked.evidence,
                                          .cookie = cookie,
                                          .transaction_id = asked.stored.transaction.transaction_id,
                                          .at = kConsentStep});
          // A sign-in that does not go on leaves no consent either.
          if (out.ending == ContinuedSignIn::Ending::opened || out.ending == ContinuedSignIn::Ending::waits)
            store::user_consents::record(w, consent);
          return out;
        });
        using Ending = ContinuedSignIn::Ending;
        switch (continued.ending) {
          case Ending::opened: return answer(context, *continued.opened, *continued.user);
          case Ending::waits: return to_step(continued.step->path, pending.state);
          case Ending::blocked: return end_with(suspended, user_blocked());
          case Ending::not_a_member: return end_with(suspended, not_in_organization(asked.stored.request.organization));
          case Ending::not_invited: return end_uninvited(suspended);
          case Ending::another_person: return end_with(suspended, another_person());
          case Ending::over: return end_with(suspended, login_required());
          case Ending::finished_before: break;
        }
        return expired_request();
      });
}

}  // namespace segue::oauth
