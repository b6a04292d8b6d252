#include "saml_idp/logout/walk.h"

#include "assertions/key_ring.h"
#include "audit/event_of.h"
#include "audit/untold.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "http/parameters.h"
#include "http/speculative.h"
#include "interaction/pages.h"
#include "saml_idp/logout/messages.h"
#include "saml_messages/logout.h"
#include "saml_messages/names.h"
#include "sessions/logout_walk.h"
#include "store/revocations.h"

namespace segue::saml_idp {
namespace {

using saml_messages::refused;

// Browsers give up after twenty redirects in a row, and a service provider may need some of its own.
constexpr std::int64_t kMostInARow = 3;

http::Response signed_out_page(const http::Call& call, const std::string& leads_to = {}) {
  return interaction::pages::message_page(200, "You are signed out", "You can close this page.", call.request_id,
                                          {.href = leads_to, .label = "Continue"});
}

std::string address_of(std::string_view state) { return std::string(sessions::kLogoutPath) + "?state=" + std::string(state); }

// An answer that changes nothing. The person may go on without it.
http::Response stray_page(const http::Call& call, const tenancy::Snapshot& tenant, std::string_view why, std::string_view state) {
  return interaction::pages::message_page(
      400, "Sign-out failed", why, call.request_id,
      {.href = tenant.issuer(call.domain) + address_of(state).substr(1), .label = "Continue"});
}

// The walk that the text names, in the browser that began it.
base::Result<model::LogoutWalk> find_walk(const tenancy::Snapshot& tenant, const http::Call& call, std::string_view state) {
  const auto handle = sessions::presented_walk(tenant.keys(), state);
  const auto browser = sessions::presented_browser(call.request);
  if (handle && browser) {
    auto found =
        tenant.store().read(call.tenant, [&](const store::Reader& r) { return store::logout_walks::find(r, handle->id); });
    if (found && crypto::equal_in_constant_time(found->secret_hash, handle->secret_hash) &&
        crypto::equal_in_constant_time(found->walk.browser_hash, *browser))
      return std::move(found->walk);
  }
  return refused("This is no sign-out that was begun in this browser.");
}

bool is_over(const model::LogoutWalk& walk, base::Instant now) { return walk.finished_at || walk.expires_at <= now; }

class Step {
 public:
  Step(const Services& services, const http::Call& call, const tenancy::Snapshot& tenant, model::LogoutWalk walk,
       std::string_view state)
      : services_(services), call_(call), tenant_(tenant), walk_(std::move(walk)), state_(state), now_(services.clock.now()) {}

  // From whoever was asked last to whoever is next.
  http::Response take(bool told) {
    close(told);
    auto response = next();
    const bool counts = services_.tenants.write_on(tenant_, [&](const store::Writer& w) {
      if (!store::logout_walks::advance(w, walk_, now_)) return false;
      if (walk_.finished_at && !plan().untold.empty()) audit::append(w, untold_row(), now_);
      return true;
    });
    if (counts) return response;
    return interaction::pages::message_page(200, "You are signed out", "The sign-out goes on in another window.",
                                            call_.request_id);
  }

 private:
  model::LogoutPlan& plan() { return walk_.plan; }

  void close(bool told) {
    if (walk_.awaited.empty()) return;
    walk_.awaited.clear();
    if (plan().left.empty()) return;
    if (!told) plan().untold.push_back(plan().left.front().client_id);
    plan().left.erase(plan().left.begin());
  }

  http::Response next() {
    while (!plan().left.empty()) {
      if (plan().in_a_row == kMostInARow) return pause({});
      if (auto asked = ask(plan().left.front())) return std::move(*asked);
      plan().left.erase(plan().left.begin());
    }
    if (!plan().images.empty()) return pause(std::exchange(plan().images, {}));
    walk_.finished_at = now_;
    return end_logout(services_, call_, tenant_, plan().end, plan().untold.empty());
  }

  // Nothing: nobody has to be asked there any more, or nobody can be.
  std::optional<http::Response> ask(const model::SessionParticipant& participant) {
    auto party = party_of(tenant_, participant.client_id);
    if (!party.ok() || !party->addon.slo_enabled || party->addon.logout_callback.empty()) return std::nullopt;
    const auto key = services_.keys.signing_key(tenant_, now_);
    if (!key.ok()) {
      plan().untold.push_back(participant.client_id);
      return std::nullopt;
    }
    ++plan().in_a_row;
    walk_.awaited = new_message_id(services_.random);
    return send_logout_request({.tenant = tenant_, .key = **key, .now = now_}, *party, participant, walk_.awaited, state_);
  }

  // A page of ours, which goes on by itself.
  http::Response pause(const std::vector<std::string>& images) {
    plan().in_a_row = 0;
    return interaction::pages::sign_out_page({.images = images, .goes_on_at = address_of(state_)});
  }

  audit::Event untold_row() {
    return audit::untold_event({.sid = plan().sid,
                                .user_id = plan().user_id,
                                .initiator = std::string(store::revocations::kRpLogout),
                                .why = "Some service providers did not confirm the sign-out.",
                                .client_ids = plan().untold},
                               audit::event_of(call_, "flo", nullptr));
  }

  const Services& services_;
  const http::Call& call_;
  const tenancy::Snapshot& tenant_;
  model::LogoutWalk walk_;
  const std::string state_;
  const base::Instant now_;
};

// Why the answer says that the service provider has not done it. Nothing: it has.
std::optional<std::string> failure_of(const saml_messages::LogoutResponse& response) {
  if (response.status.success()) return std::nullopt;
  return "It answered with the status " + base::shortened(response.status.code + " " + response.status.sub_code, 256) + ".";
}

}  // namespace

http::Response end_logout(const Services& services, const http::Call& call, const tenancy::Snapshot& tenant,
                          const model::LogoutEnd& end, bool all_told) {
  if (end.client_id.empty()) {
    return end.redirect_to.empty() ? signed_out_page(call) : http::redirect_response(end.redirect_to);
  }
  const auto now = services.clock.now();
  const auto party = party_of(tenant, end.client_id);
  const auto key = services.keys.signing_key(tenant, now);
  if (!party.ok() || party->addon.logout_callback.empty() || !key.ok()) return signed_out_page(call);
  // SAML core §3.7.3.2: the session has ended; the second code says that not everybody confirmed it.
  saml_messages::Status status{.code = std::string(saml_messages::status::kSuccess)};
  if (!all_told) status.sub_code = saml_messages::status::kPartialLogout;
  return send_logout_response({.tenant = tenant, .key = **key, .now = now}, *party,
                              {.id = new_message_id(services.random),
                               .in_response_to = end.request_id,
                               .status = std::move(status),
                               .relay_state = end.relay_state,
                               .by_post = end.by_post});
}

base::Result<http::Response> go_on(const Services& services, http::Call& call) {
  // Nor in a frame or an image, by which a page of another site would drive it.
  if (!http::is_top_level_navigation(call.request)) return http::empty_response(204);
  const auto parameters = TRY(http::Parameters::parse(call.request.query));
  const auto state = parameters.find("state").value_or("");
  return services.tenants.on_current(call.tenant, [&](const auto& tenant) -> base::Result<http::Response> {
    auto walk = TRY(find_walk(*tenant, call, state));
    if (is_over(walk, services.clock.now())) return signed_out_page(call, walk.plan.end.redirect_to);
    return Step(services, call, *tenant, std::move(walk), state).take(false);
  });
}

base::Result<http::Response> take_answer(const Services& services, http::Call& call, const tenancy::Snapshot& tenant,
                                         const Party& from, const saml_messages::Arrived& arrived) {
  const auto state = arrived.relay_state.value_or("");
  auto walk = TRY(find_walk(tenant, call, state));
  const auto now = services.clock.now();
  if (is_over(walk, now)) return refused("This sign-out has ended. Its answer came too late, or twice.");
  if (walk.awaited.empty() || walk.plan.left.empty() || walk.plan.left.front().client_id != from.client->client_id)
    return stray_page(call, tenant, "Nobody waits for this answer of the application.", state);
  const auto read = [&]() -> base::Result<saml_messages::LogoutResponse> {
    // Without a key nobody knows who says so.
    if (!from.key) return refused("Set addons.samlp.signingCert of the application: its answers must be signed.");
    const auto document = TRY(saml_messages::open(arrived, from.trust()));
    auto response = TRY(saml_messages::read_logout_response(document));
    TRY(saml_messages::check_destination(response.header, true, logout_url(tenant, call.domain, *from.client)));
    TRY(saml_messages::check_age(response.header, now));
    return response;
  };
  const auto response = read();
  // SAML core §3.2.2: an answer to another request is none to this one. The genuine one may still come.
  if (response.ok() && response->in_response_to != walk.awaited)
    return stray_page(call, tenant, "The application's answer is to another request than it was sent.", state);
  const auto failure = response.ok() ? failure_of(*response) : response.error().description;
  if (failure) {
    auto row = audit::event_of(call, "flo", from.client.get());
    row.user_id = walk.plan.user_id;
    row.description = "The service provider did not confirm the sign-out. " + *failure;
    row.details = json::object{{"session_id", walk.plan.sid}, {"initiated_by", "idp"}, {"protocol", "samlp"}};
    services.failures.push(call.tenant, std::move(row));
  }
  return Step(services, call, tenant, std::move(walk), state).take(!failure);
}

}  // namespace segue::saml_idp
