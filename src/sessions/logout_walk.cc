#include "sessions/logout_walk.h"

#include <algorithm>
#include <set>

#include "audit/untold.h"
#include "base/bytes.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "http/cookies.h"
#include "http/parameters.h"
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

// Who has to be told, each once, by the newest session that was signed in there.
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

  void take_over(const model::Digest& browser) {
    for (auto& walk : store::logout_walks::take_over(w_, browser, now_)) {
      auto& left = walk.plan.left;
      if (!walk.awaited.empty() && !left.empty()) {
        plan_.untold.push_back(left.front().client_id);
        left.erase(left.begin());
      }
      for (const auto& participant : left) add(participant);
      plan_.images.insert(plan_.images.end(), walk.plan.images.begin(), walk.plan.images.end());
      plan_.untold.insert(plan_.untold.end(), walk.plan.untold.begin(), walk.plan.untold.end());
      if (plan_.sid.empty()) plan_.sid = walk.plan.sid;
      if (plan_.user_id.empty()) plan_.user_id = walk.plan.user_id;
    }
  }

 private:
  void add(const model::SessionParticipant& participant) {
    if (participant.client_id == ended_.knows && participant.protocol == ended_.protocol) return;
    if (!known_.insert(participant.client_id).second) return;
    const auto client = tenant_.client(participant.client_id, &w_);
    if (!client) return;
    if (!is_told(*client, participant)) return;
    if (!ended_.leads) {
      plan_.untold.push_back(participant.client_id);
    } else if (participant.protocol == "samlp") {
      plan_.left.push_back(participant);
    } else {
      // WS-Federation 1.2 §13.2.4
      http::Parameters cleanup;
      cleanup.add("wa", "wsignoutcleanup1.0");
      plan_.images.push_back(http::append_query(participant.consumer_url, cleanup));
    }
  }

  static bool is_told(const model::Client& client, const model::SessionParticipant& participant) {
    if (participant.protocol == "samlp") return model::logout_addon_of(&client).has_value();
    return participant.consumer_url.starts_with("https://") || participant.consumer_url.starts_with("http://");
  }

  const store::Writer& w_;
  const tenancy::Snapshot& tenant_;
  const base::Instant now_;
  model::LogoutPlan& plan_;
  const Ended& ended_;
  std::set<std::string> known_;
};

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
  out.fresh = !presented_browser(request);
  out.browser = out.fresh ? base::base64url(random.bytes<32>()) : http::cookie_values(request, kWalkCookie).front();
  return out;
}

Begun begin_walk(const store::Writer& w, const tenancy::Snapshot& tenant, const PreparedWalk& prepared, Ended ended,
                 base::Instant now) {
  model::LogoutWalk walk;
  auto& plan = walk.plan;
  plan.end = std::move(ended.end);
  if (!ended.sessions.empty()) {
    plan.sid = ended.sessions.front().sid;
    plan.user_id = ended.sessions.front().user_id;
  }
  walk.browser_hash = crypto::sha256(prepared.browser);
  Gathering gathering(w, tenant, now, plan, ended);
  gathering.add_sessions(ended.sessions);
  if (ended.leads && !prepared.fresh) gathering.take_over(walk.browser_hash);
  if (plan.left.empty() && plan.images.empty()) {
    if (!plan.untold.empty()) {
      audit::append(w,
                    audit::untold_event({.sid = plan.sid,
                                         .user_id = plan.user_id,
                                         .initiator = std::string(store::revocations::kRpLogout),
                                         .why = ended.leads ? "A service provider did not answer."
                                                            : "The sign-out was asked for in a frame or as an image.",
                                         .client_ids = plan.untold},
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

http::Response lead_on(const PreparedWalk& prepared) {
  auto response = http::redirect_response(std::string(kLogoutPath) + "?state=" + std::string(prepared.handle.text.reveal()));
  if (prepared.fresh) {
    http::set_cookie(response, {.name = std::string(kWalkCookie),
                                .value = prepared.browser,
                                .expires = std::nullopt,
                                .same_site = http::SameSite::none});
  }
  return response;
}

}  // namespace segue::sessions
