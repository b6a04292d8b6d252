// A browser's way through the service providers of other protocols when a session ends (docs/decisions/0041).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "model/client.h"
#include "model/saml_addon.h"
#include "model/session_graph.h"

namespace segue::model {

// A service provider that a session is signed in at, and by which names it knows the person and the session.
struct SessionParticipant {
  std::string client_id;
  std::string protocol;  // "samlp" or "wsfed"
  std::string name_id, name_id_format, session_index;
  std::string consumer_url;  // where its sign-ins are answered
  friend bool operator==(const SessionParticipant&, const SessionParticipant&) = default;
};

// Where it ends.
struct LogoutEnd {
  std::string redirect_to;  // verified when it began; empty: a page
  // The service provider that began it and gets an answer. Empty: none did.
  std::string client_id, request_id;
  std::optional<std::string> relay_state = {};
  bool by_post = false;  // the binding that it used
  friend bool operator==(const LogoutEnd&, const LogoutEnd&) = default;
};

struct LogoutPlan {
  std::string sid, user_id;                // of the session that ended, for the log
  std::vector<SessionParticipant> left;    // of SAML. The first one is next; while an answer is awaited, it is who was asked
  bool asked_again = false;                // that one was sent the same request twice
  std::vector<SessionParticipant> images;  // of WS-Federation
  bool images_shown = false;               // on a page that may be lost: they stay until the browser goes on from it
  std::vector<std::string> untold;         // clients that did not confirm
  std::int64_t in_a_row = 0;               // asked since a page was shown
  LogoutEnd end;
  friend bool operator==(const LogoutPlan&, const LogoutPlan&) = default;
};
std::string to_text(const LogoutPlan& plan);
LogoutPlan logout_plan_from(std::string_view text);

struct LogoutWalk {
  base::RowId logout_walk_id{};
  Digest browser_hash{};
  std::int64_t step = 0;
  std::string awaited;  // empty: nobody was asked since the last answer
  LogoutPlan plan;
  base::Instant created_at{}, expires_at{};
  std::optional<base::Instant> finished_at = {};
};
// Everybody's turn has come. A walk that another one took over, or that expired, has ended with somebody left.
bool is_done(const LogoutWalk& walk);

// Where a client's answers in single logout go. Empty: it has named no such address.
std::string logout_callback_of(const Client* client);
// The addon of a client that takes part in single logout: is told of logouts, and may begin one. Nothing: it does not.
std::optional<SamlAddon> logout_addon_of(const Client* client);

}  // namespace segue::model
