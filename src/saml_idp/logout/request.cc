#include "saml_idp/logout/request.h"

#include <algorithm>

#include "base/text.h"
#include "saml_messages/names.h"
#include "store/descendants.h"
#include "store/session_clients.h"
#include "store/sessions.h"

namespace segue::saml_idp {
namespace {

using saml_messages::LogoutRequest;
using saml_messages::refused;

constexpr std::size_t kMostReplaced = 32;  // of one session, as many as are led through (sessions/logout_walk.cc)

// SAML core §8.3.1: no Format means "unspecified".
std::string_view format_or_default(std::string_view format) {
  return format.empty() ? saml_messages::kUnspecifiedNameId : format;
}

bool names(const LogoutRequest& request, const model::SessionParticipant& participant) {
  const auto& name_id = request.name_id;
  if (name_id.value != participant.name_id) return false;
  if (format_or_default(name_id.format) != format_or_default(participant.name_id_format)) return false;
  // No index: every session of that person (§3.7.1).
  return request.session_indexes.empty() || base::contains(request.session_indexes, participant.session_index);
}

bool is_named(const store::Reader& r, const LogoutRequest& request, const std::string& client_id, base::RowId session_id) {
  const auto participant = store::session_clients::find_participant(r, session_id, client_id);
  return participant && participant->protocol == "samlp" && names(request, *participant);
}

// The session, and those that it replaced in the browser.
std::vector<base::RowId> line_of(const store::Reader& r, base::RowId session_id) {
  std::vector<base::RowId> out{session_id};
  for (std::size_t k = 0; k < out.size() && k < kMostReplaced; ++k) {
    const auto replaced = store::descendants::list_replaced(r, out[k]);
    out.insert(out.end(), replaced.begin(), replaced.end());
  }
  return out;
}

bool has_other(const store::Reader& r, base::RowId session_id, const std::string& client_id) {
  const auto clients = store::sessions::list_clients(r, session_id);
  return std::any_of(clients.begin(), clients.end(), [&](const auto& each) {
    return each != client_id && store::session_clients::find_participant(r, session_id, each);
  });
}

bool is_over(const store::Reader& r, base::RowId session_id, base::Instant now) {
  const auto found = store::sessions::find(r, session_id);
  if (!found) return true;
  const auto& session = found->session;
  return session.revoked_at || session.expires_at <= now || session.idle_expires_at <= now;
}

}  // namespace

base::Result<LogoutRequest> read_request(const tenancy::Snapshot& tenant, const http::Call& call, const Party& party,
                                         const saml_messages::Arrived& arrived, base::Instant now) {
  const auto document = TRY(saml_messages::open(arrived, party.trust()));
  auto request = TRY(saml_messages::read_logout_request(document));
  TRY(saml_messages::check_destination(request.header, party.key.has_value(), logout_url(tenant, call.domain, *party.client)));
  TRY(saml_messages::check_age(request.header, now));
  TRY(saml_messages::check_not_expired(request, now));
  return request;
}

About what_about(const store::Reader& r, const LogoutRequest& request, const std::string& client_id,
                 const std::vector<model::Session>& live, base::Instant now) {
  // A service provider that was signed in before hears nothing of the sign-in that made the successor, and means the person who
  // is signed in.
  const auto named = std::count_if(live.begin(), live.end(), [&](const model::Session& session) {
    const auto line = line_of(r, session.session_id);
    return std::any_of(line.begin(), line.end(), [&](const auto each) { return is_named(r, request, client_id, each); });
  });
  if (named > 0) return named == static_cast<std::ptrdiff_t>(live.size()) ? About::every_session : About::some;
  const auto ended_before = [&](const std::string& index) {
    const auto session_id = store::session_clients::find_session(r, client_id, index);
    // In a browser without a session there is nothing to end, whoever is meant: the row may be gone.
    if (!session_id) return live.empty();
    return is_named(r, request, client_id, *session_id) && is_over(r, *session_id, now);
  };
  const auto& indexes = request.session_indexes;
  const bool is_over_already = indexes.empty() ? live.empty() : std::all_of(indexes.begin(), indexes.end(), ended_before);
  return is_over_already ? About::ended : About::nobody;
}

bool took_part_beside(const store::Reader& r, const LogoutRequest& request, const std::string& client_id) {
  const auto& indexes = request.session_indexes;
  return std::any_of(indexes.begin(), indexes.end(), [&](const std::string& index) {
    const auto session_id = store::session_clients::find_session(r, client_id, index);
    const auto line = session_id ? line_of(r, *session_id) : std::vector<base::RowId>();
    return std::any_of(line.begin(), line.end(), [&](const auto each) { return has_other(r, each, client_id); });
  });
}

}  // namespace segue::saml_idp
