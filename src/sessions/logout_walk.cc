#include "sessions/logout_walk.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "audit/untold.h"
#include "base/bytes.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "http/cookies.h"
#include "http/parameters.h"
#include "sessions/session_cookie.h"
#include "store/descendants.h"
#include "store/logout_walks.h"
#include "store/revocations.h"
#include "store/session_clients.h"

namespace segue::sessions {
namespace {

// __Host-: nobody else can plant it. Answers of service providers are forms of other sites, too, hence SameSite=None.
constexpr std::string_view kWalkCookie = "__Host-segue_logout";
constexpr auto kWalkLifetime = std::chrono::minutes(10);  // service providers may ask the person something
constexpr std::size_t kMostEnded = 32;                    // of one browser; the rest is left to src/backchannel

// Who has to be told, each once for each person, by the newest session that was signed in there.
class Gathering {
 public:
  Gathering(const store::Writer& w, const tenancy::Snapshot& tenant, base::Instant now, model::LogoutPlan& plan,
            const Ended& ended)
      : w_(w), tenant_(tenant), now_(now), plan_(plan), ended_(ended) {}

  // The session, and those that it replaced in the browser.
  void add_sessions(const std::vector<model::Session>& ended) {
    std::vector<base::RowId> sessions;
    for (const auto& session : ended) sessions.push_back(session.session_id);
    for (std::size_t k = 0; k < sessions.size() && k < kMostEnded; ++k) {
      for (const auto& participant : store::session_clients::claim_participants(w_, sessions[k], now_)) add(participant);
      const auto replaced = store::descendants::list_replaced(w_, sessions[k]);
      sessions.insert(sessions.end(), replaced.begin(), replaced.end());
    }
  }

  void take_over(std::vector<model::LogoutWalk> walks) {
    for (auto& walk : walks) {
      auto& left = walk.plan.left;
      if (!walk.awaited.empty() && !left.empty()) {
        add_untold(left.front().client_id);
        left.erase(left.begin());
      }
      for (const auto& participant : left) add(participant);
      for (const auto& participant : walk.plan.images) add(participant);
      for (const auto& client_id : walk.plan.untold) add_untold(client_id);
      // Whoever began that one waits for its answer, unless it has asked again.
      const auto& began = walk.plan.end.client_id;
      if (!began.empty() && began != plan_.end.client_id) add_untold(began);
      if (plan_.sid.empty()) plan_.sid = walk.plan.sid;
      if (plan_.user_id.empty()) plan_.user_id = walk.plan.user_id;
    }
  }

  bool is_wsfed() const { return !has_untold_saml_; }

 private:
  void add(const model::SessionParticipant& participant) {
    if (participant.client_id == ended_.knows && participant.protocol == ended_.protocol) return;
    // Browsers may present sessions of several people, each of whom has to be signed out.
    if (!known_.insert({participant.client_id, participant.name_id, participant.name_id_format}).second) return;
    const auto client = tenant_.client(participant.client_id, &w_);
    if (!client) return;
    if (!is_told(*client, participant)) return;
    if (!ended_.leads) {
      add_untold(participant.client_id, participant.protocol == "samlp");
    } else {
      (participant.protocol == "samlp" ? plan_.left : plan_.images).push_back(participant);
    }
  }
  void add_untold(const std::string& client_id, bool is_saml = true) {
    has_untold_saml_ |= is_saml;
    auto& untold = plan_.untold;
    if (std::find(untold.begin(), untold.end(), client_id) == untold.end()) untold.push_back(client_id);
  }

  static bool is_told(const model::Client& client, const model::SessionParticipant& participant) {
    if (participant.protocol == "samlp") return model::logout_addon_of(&client).has_value();
    return model::is_web_page(participant.consumer_url);
  }

  const store::Writer& w_;
  const tenancy::Snapshot& tenant_;
  const base::Instant now_;
  model::LogoutPlan& plan_;
  const Ended& ended_;
  std::set<std::tuple<std::string, std::string, std::string>> known_;  // client_id, name_id, name_id_format
  bool has_untold_saml_ = false;
};

// A function of what the browser presents: when the answer is lost, and the cookie with it, the next attempt finds the walk. Of
// everything that it presents, since somebody may have planted one of the sessions, and must not know the value.
std::string browser_of(const tenancy::TenantKeys& keys, const std::vector<tenancy::PresentedHandle>& sessions,
                       const std::string& cookie) {
  std::string input = "logout_browser|" + cookie;
  for (const auto& session : sessions) input += "|" + base::base64url(session.secret_hash);
  return base::base64url(keys.derivation.mac(input));
}

}  // namespace

std::optional<model::Digest> presented_browser(const http::Request& request) {
  const auto values = http::cookie_values(request, kWalkCookie);
  if (values.size() != 1 || values.front().size() != 43) return std::nullopt;
  return crypto::sha256(values.front());
}

std::optional<tenancy::PresentedHandle> presented_walk(const tenancy::TenantKeys& keys, std::string_view text) {
  return tenancy::parse_handle(keys, model::HandleKind::logout_walk, text);
}

PreparedWalk prepare_walk(const tenancy::Snapshot& tenant, base::Random& random, const http::Request& request) {
  PreparedWalk out;
  out.handle = tenancy::make_handle(tenant.keys(), random, model::HandleKind::logout_walk, tenant.store().ids().next());
  out.before = presented_browser(request);
  const auto cookie = out.before ? http::cookie_values(request, kWalkCookie).front() : std::string();
  const auto sessions = presented_sessions(tenant.keys(), request);
  out.browser = !sessions.empty() ? browser_of(tenant.keys(), sessions, cookie)
                : out.before      ? cookie
                                  : base::base64url(random.bytes<32>());
  return out;
}

Begun begin_walk(const store::Writer& w, const tenancy::Snapshot& tenant, const PreparedWalk& prepared, Ended ended,
                 base::Instant now) {
  model::LogoutWalk walk;
  auto& plan = walk.plan;
  plan.end = std::move(ended.end);
  // Whoever has no address for it waits for no answer.
  auto& began = plan.end.client_id;
  if (!began.empty() && model::logout_callback_of(tenant.client(began, &w).get()).empty()) began.clear();
  if (!ended.sessions.empty()) {
    plan.sid = ended.sessions.front().sid;
    plan.user_id = ended.sessions.front().user_id;
  }
  walk.browser_hash = crypto::sha256(prepared.browser);
  Gathering gathering(w, tenant, now, plan, ended);
  gathering.add_sessions(ended.sessions);
  if (ended.leads) {
    gathering.take_over(store::logout_walks::take_up(w, walk.browser_hash, now));
    if (prepared.before) gathering.take_over(store::logout_walks::take_over(w, *prepared.before, now));
  }
  if (plan.left.empty() && plan.images.empty()) {
    if (!plan.untold.empty()) {
      audit::append(w,
                    audit::untold_event({.sid = plan.sid,
                                         .user_id = plan.user_id,
                                         .initiator = std::string(store::revocations::kRpLogout),
                                         .why = ended.leads ? "A service provider did not answer."
                                                            : "The sign-out was asked for in a frame or as an image.",
                                         .client_ids = plan.untold,
                                         .is_wsfed = gathering.is_wsfed()},
                                        ended.row),
                    now);
    }
    return {.leads_on = false, .all_told = plan.untold.empty()};
  }
  walk.logout_walk_id = prepared.handle.id;
  walk.created_at = now;
  walk.expires_at = now + kWalkLifetime;
  store::logout_walks::insert(w, walk, prepared.handle.secret_hash);
  return {.leads_on = true, .all_told = false};
}

std::string cleanup_url(const model::SessionParticipant& participant) {
  http::Parameters cleanup;
  cleanup.add("wa", "wsignoutcleanup1.0");
  return http::append_query(participant.consumer_url, cleanup);
}

http::Response lead_on(const PreparedWalk& prepared) {
  auto response = http::redirect_response(std::string(kLogoutPath) + "?state=" + std::string(prepared.handle.text.reveal()));
  http::set_cookie(
      response,
      {.name = std::string(kWalkCookie), .value = prepared.browser, .expires = std::nullopt, .same_site = http::SameSite::none});
  return response;
}

}  // namespace segue::sessions
