#include "saml_idp/logout/walk.h"

#include "audit/event_of.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "http/parameters.h"
#include "http/speculative.h"
#include "interaction/pages.h"
#include "saml_idp/logout/step.h"
#include "saml_messages/logout.h"
#include "sessions/logout_walk.h"

namespace segue::saml_idp {
namespace {

using saml_messages::refused;

// An answer that changes nothing. The person may go on without it.
http::Response stray_page(const http::Call& call, const tenancy::Snapshot& tenant, std::string_view why, std::string_view state) {
  return interaction::pages::message_page(
      400, "Sign-out failed", why, call.request_id,
      {.href = tenant.issuer(call.domain) + address_of(state).substr(1), .label = "Continue"});
}

// The walk that the text names, in the browser that began it.
base::Result<Standing> find_walk(const tenancy::Snapshot& tenant, const http::Call& call, std::string_view state) {
  const auto nobody = [] { return refused("This is no sign-out that was begun in this browser."); };
  auto handle = sessions::presented_walk(tenant.keys(), state);
  const auto browser = sessions::presented_browser(call.request);
  if (!handle || !browser) return nobody();
  auto found = tenant.store().read(call.tenant, [&](const store::Reader& r) { return store::logout_walks::find(r, handle->id); });
  if (!found || !crypto::equal_in_constant_time(found->walk.browser_hash, *browser)) return nobody();
  Standing out{.walk = std::move(found->walk), .handle = std::move(*handle), .state = std::string(state)};
  if (crypto::equal_in_constant_time(found->secret_hash, out.handle.secret_hash)) return out;
  const auto next = tenancy::derive_next(tenant.keys(), model::HandleKind::logout_walk, out.handle);
  if (!crypto::equal_in_constant_time(found->secret_hash, next.secret_hash)) return nobody();
  out.state = next.text.reveal();
  out.handle = *sessions::presented_walk(tenant.keys(), out.state);
  out.came_again = true;
  return out;
}

// Its end can be had once more while it would have lasted.
bool may_end_again(const model::LogoutWalk& walk, base::Instant now) { return is_done(walk) && walk.expires_at > now; }

bool is_over(const model::LogoutWalk& walk, base::Instant now) { return walk.finished_at || walk.expires_at <= now; }

// Of one that is done: its end once more, lest whoever began it waits for an answer that was lost.
http::Response end_again(const Services& services, const http::Call& call, const tenancy::Snapshot& tenant,
                         const model::LogoutPlan& plan) {
  return end_logout(services, call, tenant, plan.end, plan.untold.empty());
}

base::Result<saml_messages::LogoutResponse> read_answer(const http::Call& call, const tenancy::Snapshot& tenant,
                                                        const Party& from, const saml_messages::Arrived& arrived,
                                                        base::Instant now) {
  // Without a key nobody knows who says so.
  if (!from.key) return refused("Set addons.samlp.signingCert of the application: its answers must be signed.");
  const auto document = TRY(saml_messages::open(arrived, from.trust()));
  auto response = TRY(saml_messages::read_logout_response(document));
  TRY(saml_messages::check_destination(response.header, true, logout_url(tenant, call.domain, *from.client)));
  TRY(saml_messages::check_age(response.header, now));
  return response;
}

// Why the answer says that the service provider has not done it. Nothing: it has.
std::optional<std::string> failure_of(const base::Result<saml_messages::LogoutResponse>& response) {
  if (!response.ok()) return response.error().description;
  if (response->status.success()) return std::nullopt;
  return "It answered with the status " + base::shortened(response->status.code + " " + response->status.sub_code, 256) + ".";
}

audit::Event failure_row(const http::Call& call, const Party& from, const model::LogoutPlan& plan, const std::string& failure) {
  auto row = audit::event_of(call, "flo", from.client.get());
  row.user_id = plan.user_id;
  row.description = "The service provider did not confirm the sign-out. " + failure;
  row.details = json::object{{"session_id", plan.sid}, {"initiated_by", "idp"}, {"protocol", "samlp"}};
  return row;
}

}  // namespace

std::string address_of(std::string_view state) { return std::string(sessions::kLogoutPath) + "?state=" + std::string(state); }

base::Result<http::Response> go_on(const Services& services, http::Call& call) {
  // Nor in a frame or an image, by which a page of another site would drive it.
  if (!http::is_top_level_navigation(call.request)) return http::empty_response(204);
  const auto parameters = TRY(http::Parameters::parse(call.request.query));
  const auto state = parameters.find("state").value_or("");
  return services.tenants.on_current(call.tenant, [&](const auto& tenant) -> base::Result<http::Response> {
    auto at = TRY(find_walk(*tenant, call, state));
    const auto& plan = at.walk.plan;
    if (is_over(at.walk, services.clock.now())) {
      return may_end_again(at.walk, services.clock.now()) && !plan.end.client_id.empty()
                 ? end_again(services, call, *tenant, plan)
                 : signed_out_page(call, plan.end.redirect_to);
    }
    const bool came_again = at.came_again;
    Step step(services, call, *tenant, std::move(at));
    return came_again ? step.repeat() : step.go_on();
  });
}

base::Result<http::Response> take_answer(const Services& services, http::Call& call, const tenancy::Snapshot& tenant,
                                         const Party& from, const saml_messages::Arrived& arrived) {
  const auto state = arrived.relay_state.value_or("");
  auto at = TRY(find_walk(tenant, call, state));
  const auto now = services.clock.now();
  const auto& walk = at.walk;
  const auto& plan = walk.plan;
  const bool over = is_over(walk, now);
  // The last answer once more.
  if (may_end_again(walk, now) && !at.came_again) return end_again(services, call, tenant, plan);
  if (over && at.came_again) return refused("This sign-out has ended. Its answer came too late, or twice.");
  if (at.came_again || walk.awaited.empty() || plan.left.empty() || plan.left.front().client_id != from.client->client_id)
    return stray_page(call, tenant, "Nobody waits for this answer of the application.", state);
  const auto response = read_answer(call, tenant, from, arrived, now);
  // SAML core §3.2.2: an answer to another request is none to this one. The genuine one may still come.
  if (response.ok() && response->in_response_to != walk.awaited)
    return stray_page(call, tenant, "The application's answer is to another request than it was sent.", state);
  const auto failure = failure_of(response);
  if (over) {
    // Too late for the log, which says that it was not told. The person is signed out all the same.
    if (response.ok()) return signed_out_page(call, plan.end.redirect_to);
    return refused("This sign-out has ended. Its answer came too late, or twice.");
  }
  const auto row = failure ? std::optional(failure_row(call, from, plan, *failure)) : std::nullopt;
  return Step(services, call, tenant, std::move(at)).take(!failure, row);
}

}  // namespace segue::saml_idp
