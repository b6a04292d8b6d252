#include "management/users_api.h"

#include "base/text.h"
#include "connections/accounts.h"
#include "connections/identifiers.h"
#include "connections/password_policy.h"
#include "crypto/password.h"
#include "management/answers.h"
#include "management/authorization.h"
#include "management/errors.h"
#include "management/uri.h"
#include "management/user_answer.h"
#include "management/user_identities.h"
#include "management/user_rules.h"
#include "management/user_search.h"
#include "management/verification.h"
#include "store/email_tickets.h"
#include "store/identities.h"
#include "store/password_tickets.h"
#include "store/users.h"

namespace segue::management {
namespace users_api {
namespace {

using Fields = std::vector<Field>;

constexpr const char* kByAddress = "users of a database connection are identified by e-mail or user name here";
constexpr std::int64_t kMostReachable = 1000;  // contract §9.3: offset pages of users end here

Fields profile_fields(bool nullable) {
  return {
      enforced(
          {.name = "email", .description = "E-mail address", .nullable = nullable, .max_length = 254, .format = Format::email}),
      refused("", kByAddress,
              {.name = "phone_number", .description = "Phone number", .nullable = nullable, .pattern = Pattern::phone_number}),
      enforced({.name = "user_metadata", .type = Type::object, .description = "Data the user may change", .open = true}),
      enforced({.name = "app_metadata", .type = Type::object, .description = "Data the user may not change", .open = true}),
      enforced({.name = "blocked", .type = Type::boolean, .description = "Whether the user is blocked"}),
      enforced({.name = "email_verified", .type = Type::boolean, .description = "Whether the e-mail address is verified"}),
      refused("false", kByAddress,
              {.name = "phone_verified", .type = Type::boolean, .description = "Whether the phone number is verified"}),
      enforced({.name = "given_name", .description = "Given name", .nullable = nullable, .max_length = 150}),
      enforced({.name = "family_name", .description = "Family name", .nullable = nullable, .max_length = 150}),
      enforced({.name = "name", .description = "Full name", .nullable = nullable, .max_length = 300}),
      enforced({.name = "nickname", .description = "Nickname", .nullable = nullable, .max_length = 300}),
      enforced({.name = "picture", .description = "URL of a picture", .nullable = nullable, .format = Format::strict_uri}),
      enforced({.name = "password", .description = "Password", .nullable = nullable, .min_length = 1, .max_length = 1024}),
      enforced({.name = "verify_email", .type = Type::boolean, .description = "Whether a verification e-mail is sent"}),
      enforced({.name = "username", .description = "User name", .nullable = nullable, .min_length = 1, .max_length = 128})};
}

Schema create_schema() {
  auto fields = profile_fields(false);
  fields.push_back(enforced({.name = "connection", .description = "Name of the connection", .required = true, .min_length = 1}));
  fields.push_back(enforced({.name = "user_id",
                             .description = "The user's id without its prefix",
                             .min_length = 1,
                             .max_length = 255,
                             .pattern = Pattern::no_white_space}));
  return object_schema("UserCreate", std::move(fields));
}

Schema update_schema() {
  auto fields = profile_fields(true);
  fields.push_back(enforced({.name = "connection", .description = "Name of the connection"}));
  fields.push_back(enforced({.name = "client_id", .description = "Client that the verification e-mail names"}));
  fields.push_back(
      refused("false", "no message is sent here",
              {.name = "verify_phone_number", .type = Type::boolean, .description = "Whether a verification message is sent"}));
  return object_schema("UserUpdate", std::move(fields));
}

const Schema kCreateSchema = create_schema();
const Schema kUpdateSchema = update_schema();

base::Error user_conflict(std::string message) {
  return {.kind = ErrorKind::invalid_input, .code = "auth0_idp_error", .description = std::move(message)};
}

base::Result<model::User> new_user(const Services& services, const Invocation& invocation, const model::Connection& connection) {
  const auto& body = invocation.body.get_object();
  model::User user;
  user.connection_id = connection.connection_id;
  user.email = json::find_string(body, "email").value_or("");
  user.username = json::find_string(body, "username").value_or("");
  for (const auto* name : {"email", "password"}) {
    if (!json::find_string(body, name))
      return invalid_body("Payload validation error: 'Missing required property: " + std::string(name) + "'.");
  }
  TRY(check_has_username(connection, user.username));
  TRY(connections::check_password(options_of(connection), *json::find_string(body, "password")));
  user.user_id = "auth0|" + json::find_string(body, "user_id").value_or(services.random.text(24, base::kHexDigits));
  user.email_verified = json::find_bool(body, "email_verified").value_or(false);
  user.blocked = json::find_bool(body, "blocked").value_or(false);
  if (json::find(body, "blocked") != nullptr) user.profile["blocked"] = user.blocked;
  for (const auto name : kProfileFields) {
    if (const auto* const v = json::find(body, name)) user.profile[name] = *v;
  }
  merge_metadata(user.profile, body);
  connections::add_profile_defaults(user.profile, user.email, user.username);
  user.created_at = user.updated_at = invocation.now;
  return user;
}

bool asks_for_verification(const json::object& body) { return json::find_bool(body, "verify_email").value_or(false); }

connections::AccountChange change_by(const Invocation& invocation, const model::Connection& connection) {
  return {.call = invocation.call, .tenant = *invocation.tenant, .connection = connection};
}

base::Result<http::Response> create_user(const Services& services, Invocation& invocation) {
  const auto& body = invocation.body.get_object();
  const auto connection = invocation.tenant->connection_named(json::find_string(body, "connection").value_or(""));
  if (!connection) {
    return Error{
        .kind = ErrorKind::invalid_input, .code = "inexistent_connection", .description = "The connection does not exist."};
  }
  auto user = TRY(new_user(services, invocation, *connection));
  if (invocation.call.lane != http::Lane::hashing) return http::continue_on(http::Lane::hashing);
  user.password_hash =
      crypto::hash_password(crypto::Secret(json::find_string(body, "password").value_or("")), services.password_cost);
  std::optional<mail::VerificationMail> verification;
  if (asks_for_verification(body)) verification = prepare_verification(services, invocation, {.connection = connection}, user);
  const auto written = services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) {
    const auto out = connections::create_user(w, services.account_triggers, change_by(invocation, *connection), user);
    if (out != store::users::Written::done) return out;
    append_change(w, invocation, 201);
    if (verification) append_verification(w, invocation, *verification, user);
    return out;
  });
  if (written == store::users::Written::missing) {
    return Error{
        .kind = ErrorKind::invalid_input, .code = "inexistent_connection", .description = "The connection does not exist."};
  }
  if (written == store::users::Written::taken) return conflict("The user already exists.", "auth0_idp_error");
  return json_answer(201, user_answer(*invocation.tenant, user));
}

base::Result<http::Response> list_users(const Services& services, Invocation& invocation) {
  const auto filter_fields = TRY(FieldFilter::read(invocation.query, user_answer_fields()));
  const auto paging = TRY(read_paging(invocation.query));
  if (!paging.is_checkpoint && std::int64_t{paging.offset.page + 1} * paging.offset.per_page > kMostReachable) {
    return invalid_query(
        "Requesting page exceeds the allowed maximum of 1000 records. Use `from` and `take` to read all of them.");
  }
  if (const auto engine = json::find_string(invocation.query, "search_engine"); engine && *engine != "v3") {
    return invalid_query("You are not allowed to use search_engine=" + *engine + ". Use search_engine=v3 instead");
  }
  const auto search = TRY(read_user_search(*invocation.tenant, invocation.query));
  const auto found = TRY(find_users(services.tenants.store(), *invocation.tenant, search, paging));
  json::array items;
  std::vector<std::string> keys;
  for (const auto& user : found.users) {
    items.push_back(filter_fields.apply(user_answer(*invocation.tenant, user)));
    keys.push_back(user.user_id);
  }
  return paging.is_checkpoint ? checkpoint_answer("users", paging, std::move(items), keys)
                              : page_answer("users", paging, std::move(items), found.total);
}

base::Result<http::Response> list_users_by_email(const Services& services, Invocation& invocation) {
  const auto filter_fields = TRY(FieldFilter::read(invocation.query, user_answer_fields()));
  const auto users = services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) {
    return store::users::list_by_email(r, json::find_string(invocation.query, "email").value_or(""));
  });
  json::array items;
  for (const auto& user : users) items.push_back(filter_fields.apply(user_answer(*invocation.tenant, user)));
  return json_answer(200, items);
}

base::Result<http::Response> get_user(const Services& services, Invocation& invocation) {
  const auto filter_fields = TRY(FieldFilter::read(invocation.query, user_answer_fields()));
  const auto user_id = invocation.call.path_parameter("id");
  TRY(require_own_user(invocation.token, {"read:users", "read:user_idp_tokens"}, user_id));
  const auto user = services.tenants.store().read(invocation.call.tenant,
                                                  [&](const store::Reader& r) { return store::users::find(r, user_id); });
  if (!user) return inexistent_user();
  return json_answer(200, filter_fields.apply(user_answer(*invocation.tenant, *user)));
}

// contract §9.13: identifiers and the password change one at a time.
base::Outcome check_simultaneous(const json::object& body) {
  const auto has = [&](std::string_view name) { return json::find(body, name) != nullptr; };
  const std::pair<std::string_view, std::string_view> kPairs[] = {{"password", "email"},
                                                                  {"password", "email_verified"},
                                                                  {"username", "email"},
                                                                  {"username", "email_verified"},
                                                                  {"username", "password"}};
  for (const auto& [a, b] : kPairs) {
    if (has(a) && has(b)) return invalid_body("Cannot update " + std::string(a) + " and " + std::string(b) + " simultaneously");
  }
  for (const auto* name : {"email", "password", "username"}) {
    if (const auto* const v = json::find(body, name); v != nullptr && v->is_null()) {
      return invalid_body(std::string(name) + ": null is refused: a database user keeps it");
    }
  }
  return base::Unit{};
}

// A token without update:users writes only what its own scopes name.
base::Outcome check_update_scopes(const Invocation& invocation) {
  const auto& token = invocation.token;
  if (token.allows("update:users")) return base::Unit{};
  for (const auto& member : invocation.body.get_object()) {
    const bool allowed = (member.key() == "app_metadata" && token.allows("update:users_app_metadata")) ||
                         (member.key() == "user_metadata" && token.allows("update:current_user_metadata") &&
                          token.subject == invocation.call.path_parameter("id"));
    if (!allowed)
      return insufficient_scope(member.key() == "app_metadata" ? "update:users,update:users_app_metadata" : "update:users");
  }
  return base::Unit{};
}

struct UserChange {
  model::User user;
  std::string_view ends_sessions;  // the initiator that relying parties are told; empty: they go on
};

base::Result<UserChange> changed_user(const Invocation& invocation, const model::Connection& connection, model::User user) {
  const auto& body = invocation.body.get_object();
  std::string_view ends_sessions;
  if (const auto email = json::find_string(body, "email"); email && *email != user.email) {
    user.email = *email;
    user.email_verified = false;
    ends_sessions = store::revocations::kIdentifierChanged;
  }
  if (const auto username = json::find_string(body, "username"); username && *username != user.username) {
    TRY(check_username(connection, *username));
    user.username = *username;
    ends_sessions = store::revocations::kIdentifierChanged;
  }
  if (const auto verified = json::find_bool(body, "email_verified"); verified && *verified != user.email_verified) {
    user.email_verified = *verified;
    ends_sessions = store::revocations::kIdentifierChanged;
  }
  if (const auto blocked = json::find_bool(body, "blocked")) {
    if (*blocked && !user.blocked) ends_sessions = store::revocations::kAccountDeactivated;
    user.blocked = *blocked;
    user.profile["blocked"] = *blocked;
  }
  for (const auto name : kProfileFields) {
    const auto* const v = json::find(body, name);
    if (v == nullptr) continue;
    if (v->is_null()) {
      user.profile.erase(name);
    } else {
      user.profile[name] = *v;
    }
  }
  merge_metadata(user.profile, body);
  user.updated_at = invocation.now;
  return UserChange{std::move(user), ends_sessions};
}

base::Result<http::Response> update_user(const Services& services, Invocation& invocation) {
  const auto& body = invocation.body.get_object();
  const auto user_id = invocation.call.path_parameter("id");
  TRY(check_update_scopes(invocation));
  TRY(check_simultaneous(body));
  const auto known = services.tenants.store().read(invocation.call.tenant,
                                                   [&](const store::Reader& r) { return store::users::find(r, user_id); });
  if (!known) return inexistent_user();
  const auto identity_id = TRY(identity_of_connection(*invocation.tenant, *known, body));
  const auto identity = services.tenants.store().read(
      invocation.call.tenant, [&](const store::Reader& r) { return store::identities::find(r, identity_id); });
  if (!identity) return inexistent_user();
  const auto connection = invocation.tenant->connection(identity->connection_id);
  if (!connection) return inexistent_connection();
  std::string new_hash;
  if (const auto password = json::find_string(body, "password")) {
    TRY(connections::check_password(options_of(*connection), *password));
    if (invocation.call.lane != http::Lane::hashing) return http::continue_on(http::Lane::hashing);
    new_hash = crypto::hash_password(crypto::Secret(*password), services.password_cost);
  }
  std::optional<mail::VerificationMail> verification;
  if (asks_for_verification(body)) {
    auto mailed = *identity;
    mailed.email = json::find_string(body, "email").value_or(mailed.email);
    const auto context = TRY(read_link_context(invocation, mailed));
    verification = prepare_verification(services, invocation, context, mailed);
  }
  const auto changed =
      services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<model::User> {
        auto held = store::identities::find_for_change(w, identity_id);
        if (!held || held->subject.user_id != user_id) return inexistent_user();
        auto change = TRY(changed_user(invocation, *connection, std::move(held->identity)));
        if (store::users::update(w, change.user) == store::users::Written::taken) {
          return user_conflict(json::find(body, "username") != nullptr ? "The specified new username already exists"
                                                                       : "The specified new email already exists");
        }
        if (change.user.blocked && change.user.linked_to.empty()) {
          store::password_tickets::end_all_of_user(w, user_id, invocation.now);
          store::email_tickets::end_all_of_user(w, user_id, invocation.now);
        }
        // A reason of the body's own comes first: what ends a session is told to its relying parties once.
        if (!change.ends_sessions.empty()) store::users::end_sessions(w, user_id, invocation.now, change.ends_sessions);
        if (!new_hash.empty()) {
          connections::change_password(w, services.account_triggers, change_by(invocation, *connection), change.user, new_hash,
                                       invocation.now);
        }
        append_change(w, invocation, 200);
        if (verification) append_verification(w, invocation, *verification, change.user);
        return change.user.linked_to.empty() ? std::move(change.user) : store::users::find(w, user_id).value();
      });
  if (!changed.ok()) return changed.error();
  return json_answer(200, user_answer(*invocation.tenant, *changed));
}

base::Result<http::Response> delete_user(const Services& services, Invocation& invocation) {
  const auto user_id = invocation.call.path_parameter("id");
  TRY(require_own_user(invocation.token, {"delete:users"}, user_id));
  services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) {
    const bool deleted = store::users::delete_one(w, user_id, invocation.now);
    if (deleted) append_change(w, invocation, 204);
    return deleted;
  });
  return http::empty_response(204);
}

Fields by_email_query() {
  auto out = field_filter_query();
  out.push_back({.name = "email", .description = "E-mail address to search for", .required = true, .max_length = 254});
  return out;
}

const Operation kList{
    .method = http::Method::get,
    .path = "/api/v2/users",
    .id = "get_users",
    .scopes = {"read:users", "read:user_idp_tokens"},
    .query = list_query({{.name = "sort", .description = "Field to sort by"},
                         {.name = "connection", .description = "Connection filter"},
                         {.name = "q", .description = "Query in Lucene query string syntax", .max_length = 1000},
                         {.name = "search_engine", .description = "Version of the search engine", .one_of = {"v1", "v2", "v3"}},
                         {.name = "primary_order", .type = Type::boolean, .description = "Whether the order is fixed"}}),
    .statuses = {200},
    .summary = "List or search users",
    .handler = list_users};
const Operation kByEmail{.method = http::Method::get,
                         .path = "/api/v2/users-by-email",
                         .id = "get_users_by_email",
                         .scopes = {"read:users"},
                         .query = by_email_query(),
                         .statuses = {200},
                         .summary = "Search users by email",
                         .handler = list_users_by_email};
const Operation kGet{.method = http::Method::get,
                     .path = "/api/v2/users/{id}",
                     .id = "get_users_by_id",
                     .scopes = {"read:users", "read:current_user", "read:user_idp_tokens"},
                     .query = field_filter_query(),
                     .statuses = {200, 404},
                     .summary = "Get a user",
                     .handler = get_user};
const Operation kCreate{.method = http::Method::post,
                        .path = "/api/v2/users",
                        .id = "post_users",
                        .scopes = {"create:users"},
                        .body = &kCreateSchema,
                        .statuses = {201, 409},
                        .summary = "Create a user",
                        .handler = create_user};
const Operation kUpdate{.method = http::Method::patch,
                        .path = "/api/v2/users/{id}",
                        .id = "patch_users_by_id",
                        .scopes = {"update:users", "update:users_app_metadata", "update:current_user_metadata"},
                        .body = &kUpdateSchema,
                        .statuses = {200, 404},
                        .summary = "Update a user",
                        .handler = update_user};
const Operation kDelete{.method = http::Method::delete_,
                        .path = "/api/v2/users/{id}",
                        .id = "delete_users_by_id",
                        .scopes = {"delete:users", "delete:current_user"},
                        .statuses = {204},
                        .summary = "Delete a user",
                        .handler = delete_user};

}  // namespace
}  // namespace users_api

std::vector<const Operation*> user_operations() {
  using namespace users_api;
  return {&kList, &kByEmail, &kGet, &kCreate, &kUpdate, &kDelete};
}

}  // namespace segue::management
