// Linking two users into one, and unlinking them (contract §9.10; docs/decisions/0035-linked-identities.md).
#include "base/text.h"
#include "connections/identities.h"
#include "management/answers.h"
#include "management/authorization.h"
#include "management/errors.h"
#include "management/link_with.h"
#include "management/user_identities.h"
#include "management/users_api.h"
#include "store/identities.h"
#include "store/users.h"

namespace segue::management {
namespace user_identities_api {
namespace {

using store::identities::Linked;

const Schema kLinkSchema = object_schema(
    "UserIdentityLink",
    {enforced({.name = "provider", .description = "Provider of the second account", .min_length = 1, .max_length = 64}),
     enforced({.name = "user_id", .type = Type::any, .description = "Its user_id, a text or an integer"}),
     enforced({.name = "connection_id", .description = "Its connection", .max_length = 64}),
     enforced({.name = "link_with", .description = "ID token of the second account", .min_length = 1})});

// What the body asks for.
struct Wanted {
  std::vector<std::string> user_ids;  // it is the first of these that exists
  std::string connection_id;          // empty: of any
  std::optional<LinkWith> proof;
};

base::Result<std::string> read_user_id(const json::object& body) {
  const auto* const value = json::find(body, "user_id");
  if (value == nullptr) return invalid_body("Payload validation error: 'Missing required property: user_id'.");
  if (const auto number = json::find_integer(body, "user_id")) return std::to_string(*number);
  if (!value->is_string() || value->get_string().empty() || value->get_string().size() > 255)
    return invalid_body("user_id: a text of 1 to 255 characters or an integer is needed");
  return std::string(json::to_view(value->get_string()));
}

base::Result<Wanted> read_wanted(const Invocation& invocation) {
  const auto& body = invocation.body.get_object();
  if (const auto token = json::find_string(body, "link_with")) {
    if (body.size() > 1)
      return invalid_body("link_with names the account: provider, user_id and connection_id cannot be sent with it");
    auto proof = TRY(read_link_with(*invocation.tenant, invocation.token, *token, invocation.now));
    return Wanted{{proof.user_id}, "", std::move(proof)};
  }
  // Who may change only themselves has to show that the second account is theirs, too.
  if (!invocation.token.allows("update:users")) {
    return forbidden(
        "Insufficient scope, expected any of: update:users. Without it, send link_with with an ID token of the "
        "second account",
        "insufficient_scope");
  }
  const auto provider = json::find_string(body, "provider");
  if (!provider) return invalid_body("Payload validation error: 'Missing required property: provider'.");
  return Wanted{possible_user_ids(*provider, TRY(read_user_id(body))), json::find_string(body, "connection_id").value_or(""), {}};
}

base::Error refusal_of(Linked linked) {
  switch (linked) {
    case Linked::no_user: return inexistent_user();
    case Linked::no_identity: return invalid_body("Linking to an inexistent identity is not allowed");
    case Linked::itself: return invalid_body("Main identity and the new one are the same");
    case Linked::before: return conflict("Specified identity already exists", "identity_conflict");
    case Linked::too_many:
      return invalid_body("The number of user identifiers associated with a user exceeds the maximum allowed: " +
                          std::to_string(store::identities::kMost));
    case Linked::done: break;
  }
  throw base::Bug("what was linked is no error");
}

base::Outcome link_wanted(const store::Writer& w, const Invocation& invocation, const Wanted& wanted, std::string_view user_id) {
  std::optional<model::User> row;
  for (const auto& each : wanted.user_ids) {
    if (!row) row = store::identities::find(w, each);
  }
  if (!store::users::find(w, user_id)) return inexistent_user();
  if (!row) {
    return wanted.proof ? invalid_body("Provided secondary account not found") : refusal_of(Linked::no_identity);
  }
  if (!wanted.connection_id.empty() && row->connection_id != wanted.connection_id)
    return invalid_body("The provider/connection is not configured: the account belongs to another connection");
  if (!row->linked_to.empty()) return refusal_of(Linked::before);
  if (wanted.proof && !still_proves(*wanted.proof, *row)) return invalid_body("Unable to link with the secondary account");
  const auto linked = store::identities::link(w, user_id, row->user_id, invocation.now);
  if (linked != Linked::done) return refusal_of(linked);
  return base::Unit{};
}

// All identities of the user, as they are after a change.
http::Response identities_answer(const Services& services, const Invocation& invocation, int status, std::string_view user_id) {
  const auto user = services.tenants.store().read(invocation.call.tenant,
                                                  [&](const store::Reader& r) { return store::users::find(r, user_id); });
  return json_answer(status, user ? connections::identities_of(*invocation.tenant, *user) : json::array{});
}

base::Result<http::Response> link_identity(const Services& services, Invocation& invocation) {
  const auto user_id = invocation.call.path_parameter("id");
  TRY(require_own_user(invocation.token, {"update:users"}, user_id));
  const auto wanted = TRY(read_wanted(invocation));
  const auto linked = services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) -> base::Outcome {
    TRY(link_wanted(w, invocation, wanted, user_id));
    append_change(w, invocation, 201);
    return base::Unit{};
  });
  if (!linked.ok()) return linked.error();
  return identities_answer(services, invocation, 201, user_id);
}

base::Result<http::Response> unlink_identity(const Services& services, Invocation& invocation) {
  const auto user_id = invocation.call.path_parameter("id");
  TRY(require_own_user(invocation.token, {"update:users"}, user_id));
  const auto named = possible_user_ids(invocation.call.path_parameter("provider"), invocation.call.path_parameter("user_id"));
  const auto unlinked = services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) -> base::Outcome {
    if (!store::users::find(w, user_id)) return inexistent_user();
    if (base::contains(named, user_id)) return invalid_body("Main identity cannot be removed");
    for (const auto& each : named) {
      if (!store::identities::unlink(w, user_id, each, invocation.now)) continue;
      append_change(w, invocation, 200);
      return base::Unit{};
    }
    return not_found("The user has no such identity", "inexistent_identity");
  });
  if (!unlinked.ok()) return unlinked.error();
  return identities_answer(services, invocation, 200, user_id);
}

const Operation kLink{.method = http::Method::post,
                      .path = "/api/v2/users/{id}/identities",
                      .id = "post_identities",
                      .scopes = {"update:users", "update:current_user_identities"},
                      .body = &kLinkSchema,
                      .statuses = {201, 404, 409},
                      .summary = "Link a user account",
                      .handler = link_identity};
const Operation kUnlink{.method = http::Method::delete_,
                        .path = "/api/v2/users/{id}/identities/{provider}/{user_id}",
                        .id = "delete_user_identity_by_user_id",
                        .scopes = {"update:users", "update:current_user_identities"},
                        .statuses = {200, 404},
                        .summary = "Unlink a user identity",
                        .handler = unlink_identity};

}  // namespace
}  // namespace user_identities_api

std::vector<const Operation*> user_identity_operations() {
  using namespace user_identities_api;
  return {&kLink, &kUnlink};
}

}  // namespace segue::management
