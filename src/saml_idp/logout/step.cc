#include "saml_idp/logout/step.h"

#include "audit/event_of.h"
#include "audit/untold.h"
#include "interaction/pages.h"
#include "saml_idp/logout/ending.h"
#include "saml_idp/logout/messages.h"
#include "saml_idp/logout/walk.h"
#include "sessions/logout_walk.h"
#include "store/revocations.h"

namespace segue::saml_idp {
namespace {

// Browsers give up after twenty redirects in a row, and a service provider may need some of its own.
constexpr std::int64_t kMostInARow = 3;

}  // namespace

Step::Step(const Services& services, const http::Call& call, const tenancy::Snapshot& tenant, Standing at)
    : services_(services),
      call_(call),
      tenant_(tenant),
      at_(std::move(at)),
      next_(tenancy::derive_next(tenant.keys(), model::HandleKind::logout_walk, at_.handle)),
      now_(services.clock.now()) {}

http::Response Step::take(bool told, const std::optional<audit::Event>& failure) {
  close(told);
  auto response = next();
  // One that has ended leads nobody further: its last step's answer can be had again by the same handle.
  return count(at_.walk.finished_at ? at_.handle.secret_hash : next_.secret_hash, failure) ? std::move(response) : elsewhere();
}

http::Response Step::go_on() {
  if (at_.walk.awaited.empty() || plan().asked_again) return take(false);
  auto asked = ask_again();
  if (!asked) return take(false);
  plan().asked_again = true;
  return count(at_.handle.secret_hash) ? std::move(*asked) : elsewhere();
}

http::Response Step::repeat() {
  auto asked = ask_again();
  return asked ? std::move(*asked) : page(at_.state);
}

void Step::close(bool told) {
  if (at_.walk.awaited.empty()) return;
  at_.walk.awaited.clear();
  plan().asked_again = false;
  if (plan().left.empty()) return;
  if (!told) plan().untold.push_back(plan().left.front().client_id);
  plan().left.erase(plan().left.begin());
}

http::Response Step::next() {
  const std::string state(next_.text.reveal());
  // Images first: nobody who keeps the browser keeps them from being shown.
  if (!plan().images.empty() && !plan().images_shown) {
    plan().images_shown = true;
    return page(state);
  }
  plan().images.clear();
  while (!plan().left.empty()) {
    if (plan().in_a_row == kMostInARow) {
      plan().in_a_row = 0;
      return page(state);
    }
    auto id = new_message_id(services_.random);
    if (auto asked = request_to(plan().left.front(), id, state)) {
      ++plan().in_a_row;
      at_.walk.awaited = std::move(id);
      return std::move(*asked);
    }
    plan().untold.push_back(plan().left.front().client_id);
    plan().left.erase(plan().left.begin());
  }
  return finish();
}

http::Response Step::finish() {
  at_.walk.finished_at = now_;
  const auto& end = plan().end;
  if (end.client_id.empty()) return end_logout(services_, call_, tenant_, end, true);
  if (auto answer = answer_who_began(services_, tenant_, end, plan().untold.empty())) return std::move(*answer);
  plan().untold.push_back(end.client_id);
  return signed_out_page(call_);
}

std::optional<http::Response> Step::request_to(const model::SessionParticipant& participant, const std::string& id,
                                               const std::string& state) {
  const auto party = party_of(tenant_, participant.client_id);
  const auto key = services_.keys.signing_key(tenant_, now_);
  if (!party.ok() || !party->addon.slo_enabled || party->addon.logout_callback.empty() || !key.ok()) return std::nullopt;
  return send_logout_request({.tenant = tenant_, .key = **key, .now = now_}, *party, participant, id, state);
}

std::optional<http::Response> Step::ask_again() {
  if (at_.walk.awaited.empty() || plan().left.empty()) return std::nullopt;
  return request_to(plan().left.front(), at_.walk.awaited, at_.state);
}

// A page of ours, which goes on by itself.
http::Response Step::page(const std::string& state) {
  std::vector<std::string> images;
  for (const auto& participant : plan().images) images.push_back(sessions::cleanup_url(participant));
  return interaction::pages::sign_out_page({.images = std::move(images), .goes_on_at = address_of(state)});
}

bool Step::count(const model::Digest& secret_hash, const std::optional<audit::Event>& failure) {
  return services_.tenants.write_on(tenant_, [&](const store::Writer& w) {
    if (!store::logout_walks::advance(w, at_.walk, secret_hash, now_)) return false;
    if (failure) audit::append(w, *failure, now_);
    if (at_.walk.finished_at && !plan().untold.empty()) audit::append(w, untold_row(), now_);
    return true;
  });
}

http::Response Step::elsewhere() const {
  return interaction::pages::message_page(200, "You are signed out", "The sign-out goes on in another window.", call_.request_id);
}

audit::Event Step::untold_row() {
  return audit::untold_event({.sid = plan().sid,
                              .user_id = plan().user_id,
                              .initiator = std::string(store::revocations::kRpLogout),
                              .why = "Some service providers did not confirm the sign-out.",
                              .client_ids = plan().untold},
                             audit::event_of(call_, "flo", nullptr));
}

}  // namespace segue::saml_idp
