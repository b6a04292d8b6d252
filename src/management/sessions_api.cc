#include "management/sessions_api.h"

#include "management/answers.h"
#include "management/device_answer.h"
#include "management/errors.h"
#include "management/revocation.h"
#include "management/session_metadata.h"
#include "store/refresh_tokens.h"
#include "store/sessions.h"
#include "store/users.h"

namespace segue::management {
namespace sessions_api {
namespace {

namespace sessions = store::sessions;
namespace rts = store::refresh_tokens;

base::Error inexistent_session() { return not_found("The session does not exist.", "inexistent_session"); }

json::object answer_of(const sessions::Shown& shown, const std::vector<std::string>& client_ids) {
  const auto& s = shown.session;
  json::array clients, methods;
  for (const auto& client_id : client_ids) clients.push_back(json::object{{"client_id", client_id}});
  for (const auto& method : s.methods)
    methods.push_back(json::object{{"name", method.name}, {"timestamp", base::to_iso8601(method.at)}});
  return {{"id", s.sid},
          {"user_id", s.user_id},
          {"created_at", base::to_iso8601(s.created_at)},
          {"updated_at", base::to_iso8601(s.last_interacted_at)},
          {"authenticated_at", base::to_iso8601(s.authenticated_at)},
          {"idle_expires_at", base::to_iso8601(s.idle_expires_at)},
          {"expires_at", base::to_iso8601(s.expires_at)},
          {"last_interacted_at", base::to_iso8601(s.last_interacted_at)},
          {"device", device_answer(s.initial, s.last)},
          {"clients", std::move(clients)},
          {"authentication", json::object{{"methods", std::move(methods)}}},
          {"cookie", json::object{{"mode", s.persistent ? "persistent" : "non-persistent"}}},
          {"session_metadata", shown.metadata.empty() ? json::value(nullptr) : json::value(shown.metadata)}};
}

base::Result<http::Response> get_session(const Services& services, Invocation& invocation) {
  const auto answer =
      services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> std::optional<json::object> {
        const auto found = sessions::find_shown(r, invocation.call.path_parameter("id"), invocation.now);
        if (!found) return std::nullopt;
        return answer_of(*found, sessions::list_clients(r, found->session.session_id));
      });
  if (!answer) return inexistent_session();
  return json_answer(200, *answer);
}

base::Result<http::Response> update_session(const Services& services, Invocation& invocation) {
  auto metadata = TRY(read_metadata(invocation.body.get_object(), "session_metadata"));
  const auto answer =
      services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) -> std::optional<json::object> {
        auto found = sessions::find_shown(w, invocation.call.path_parameter("id"), invocation.now);
        if (!found) return std::nullopt;
        sessions::set_metadata(w, found->session.session_id, metadata);
        append_change(w, invocation, 200);
        found->metadata = metadata;
        return answer_of(*found, sessions::list_clients(w, found->session.session_id));
      });
  if (!answer) return inexistent_session();
  return json_answer(200, *answer);
}

// contract §4.9. False when there is no such session. The user is locked first: no exchange and no sign-in of theirs is half-way
// through.
bool end_session(const Services& services, Invocation& invocation, bool takes_refresh_tokens) {
  const auto now = invocation.now;
  return services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) {
    const auto found = sessions::find_shown(w, invocation.call.path_parameter("id"), now);
    if (!found) return false;
    const auto& session = found->session;
    store::users::find_for_change(w, session.user_id);
    if (!sessions::revoke(w, session.session_id, now)) return false;
    if (takes_refresh_tokens) {
      for (const auto& client_id : rts::list_clients_of_user(w, session.user_id)) {
        rts::revoke_families_in(w, session.user_id, client_id, session.session_id, revocation_cascades_at(w, client_id), now);
      }
    }
    append_change(w, invocation, 202, session.ancestry.transfer_id);
    return true;
  });
}

// 202 whether or not there was one: what was asked for is so.
base::Result<http::Response> delete_session(const Services& services, Invocation& invocation) {
  end_session(services, invocation, false);
  return http::empty_response(202);
}

base::Result<http::Response> revoke_session(const Services& services, Invocation& invocation) {
  // contract §6.1 [P]: it ends both kinds, so both scopes are needed.
  if (!invocation.token.allows("delete:sessions") || !invocation.token.allows("delete:refresh_tokens"))
    return insufficient_scope("delete:sessions,delete:refresh_tokens");
  if (!end_session(services, invocation, true)) return inexistent_session();
  return http::empty_response(202);
}

base::Result<http::Response> list_of_user(const Services& services, Invocation& invocation) {
  const auto paging = TRY(read_paging(invocation.query));
  const auto user_id = invocation.call.path_parameter("id");
  struct Found {
    bool exists = false;
    json::array items;
    std::vector<std::string> keys;
  };
  auto found = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    Found out;
    out.exists = store::users::find(r, user_id).has_value();
    if (!out.exists) return out;
    for (const auto& shown : sessions::list_shown(r, user_id, invocation.now, paging.keyset)) {
      out.keys.push_back(shown.session.sid);
      out.items.push_back(answer_of(shown, sessions::list_clients(r, shown.session.session_id)));
    }
    return out;
  });
  if (!found.exists) return inexistent_user();
  return checkpoint_answer("sessions", paging, std::move(found.items), found.keys);
}

base::Result<http::Response> delete_of_user(const Services& services, Invocation& invocation) {
  const bool exists = services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) {
    const auto user_id = invocation.call.path_parameter("id");
    if (!store::users::find_for_change(w, user_id)) return false;
    sessions::revoke_of_user(w, user_id, invocation.now);
    append_change(w, invocation, 202);
    return true;
  });
  if (!exists) return inexistent_user();
  return http::empty_response(202);
}

const Schema& update_schema() {
  static const Schema schema = metadata_body("SessionUpdate", "session_metadata");
  return schema;
}

const Operation kGet{.method = http::Method::get,
                     .path = "/api/v2/sessions/{id}",
                     .id = "get_session",
                     .scopes = {"read:sessions"},
                     .statuses = {200, 404},
                     .summary = "Get session",
                     .handler = get_session};
const Operation kUpdate{.method = http::Method::patch,
                        .path = "/api/v2/sessions/{id}",
                        .id = "patch_sessions_by_id",
                        .scopes = {"update:sessions"},
                        .body = &update_schema(),
                        .statuses = {200, 404},
                        .summary = "Update session",
                        .handler = update_session};
const Operation kDelete{.method = http::Method::delete_,
                        .path = "/api/v2/sessions/{id}",
                        .id = "delete_session",
                        .scopes = {"delete:sessions"},
                        .statuses = {202},
                        .summary = "Delete session",
                        .handler = delete_session};
const Operation kRevoke{.method = http::Method::post,
                        .path = "/api/v2/sessions/{id}/revoke",
                        .id = "revoke_session",
                        .scopes = {"delete:sessions", "delete:refresh_tokens"},
                        .statuses = {202, 404},
                        .summary = "Revokes a session and all associated refresh tokens",
                        .handler = revoke_session};
const Operation kOfUser{.method = http::Method::get,
                        .path = "/api/v2/users/{id}/sessions",
                        .id = "get_sessions_for_user",
                        .scopes = {"read:sessions"},
                        .query = keyset_of_user_query(),
                        .statuses = {200, 404},
                        .summary = "Get sessions for user",
                        .handler = list_of_user};
const Operation kDeleteOfUser{.method = http::Method::delete_,
                              .path = "/api/v2/users/{id}/sessions",
                              .id = "delete_sessions_for_user",
                              .scopes = {"delete:sessions"},
                              .statuses = {202, 404},
                              .summary = "Delete sessions for user",
                              .handler = delete_of_user};

}  // namespace
}  // namespace sessions_api

std::vector<const Operation*> session_operations() {
  using namespace sessions_api;
  return {&kGet, &kUpdate, &kDelete, &kRevoke, &kOfUser, &kDeleteOfUser};
}

}  // namespace segue::management
