#include "management/client_credentials_api.h"

#include "management/answers.h"
#include "management/client_fields.h"
#include "management/client_keys.h"
#include "management/errors.h"
#include "store/client_credentials.h"
#include "store/clients.h"

namespace segue::management {
namespace client_credentials_api {
namespace {

Error inexistent_credential() { return not_found("Credential does not exist", "inexistent_credential"); }

std::string client_of(const Invocation& invocation) { return std::string(invocation.call.path_parameter("id")); }
std::string credential_of(const Invocation& invocation) { return std::string(invocation.call.path_parameter("credential_id")); }

base::Result<http::Response> list_credentials(const Services& services, Invocation& invocation) {
  const auto client_id = client_of(invocation);
  const auto found = services.tenants.store().read(
      invocation.call.tenant, [&](const store::Reader& r) -> base::Result<std::vector<model::ClientCredential>> {
        if (!store::clients::find(r, client_id)) return inexistent_client();
        return store::client_credentials::list_of_client(r, client_id);
      });
  if (!found.ok()) return found.error();
  json::array items;
  for (const auto& credential : *found) items.push_back(credential_answer(credential));
  return json_answer(200, items);
}

base::Result<http::Response> get_credential(const Services& services, Invocation& invocation) {
  const auto found =
      services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> base::Result<model::ClientCredential> {
        if (!store::clients::find(r, client_of(invocation))) return inexistent_client();
        auto credential = store::client_credentials::find(r, client_of(invocation), credential_of(invocation));
        if (!credential) return inexistent_credential();
        return std::move(*credential);
      });
  if (!found.ok()) return found.error();
  return json_answer(200, credential_answer(*found));
}

base::Result<http::Response> create_credential(const Services& services, Invocation& invocation) {
  const auto credential =
      TRY(credential_from(invocation.body.get_object(), client_of(invocation), services.random, invocation.now));
  const auto created = services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Outcome {
    // Locked, so that a client which is being deleted gets no key, and no two requests get the last place.
    if (!store::clients::find_for_change(w, credential.client_id)) return inexistent_client();
    if (store::client_credentials::list_of_client(w, credential.client_id).size() >= kMostCredentials)
      return too_many_credentials();
    if (!store::client_credentials::insert(w, credential)) throw base::Bug("a random credential_id was taken");
    append_change(w, invocation, 201);
    return base::Unit{};
  });
  if (!created.ok()) return created.error();
  return json_answer(201, credential_answer(credential));
}

base::Result<http::Response> update_credential(const Services& services, Invocation& invocation) {
  std::optional<base::Instant> expires_at;
  if (const auto text = json::find_string(invocation.body.get_object(), "expires_at")) expires_at = TRY(expiry_from(*text));
  const auto changed =
      services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<model::ClientCredential> {
        if (!store::clients::find_for_change(w, client_of(invocation))) return inexistent_client();
        if (!store::client_credentials::update_expiry(w, client_of(invocation), credential_of(invocation), expires_at,
                                                      invocation.now)) {
          return inexistent_credential();
        }
        append_change(w, invocation, 201);
        return store::client_credentials::find(w, client_of(invocation), credential_of(invocation)).value();
      });
  if (!changed.ok()) return changed.error();
  return json_answer(201, credential_answer(*changed));
}

base::Result<http::Response> delete_credential(const Services& services, Invocation& invocation) {
  const auto deleted = services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Outcome {
    const auto client = store::clients::find_for_change(w, client_of(invocation));
    if (client && is_in_use(*client, credential_of(invocation))) {
      return invalid_body(
          "The credential is in use: take it out of the client's client_authentication_methods and signed_request_object first");
    }
    if (store::client_credentials::delete_one(w, client_of(invocation), credential_of(invocation)))
      append_change(w, invocation, 204);
    return base::Unit{};
  });
  if (!deleted.ok()) return deleted.error();
  return http::empty_response(204);
}

const Operation kList{.method = http::Method::get,
                      .path = "/api/v2/clients/{id}/credentials",
                      .id = "get_credentials",
                      .scopes = {"read:client_credentials"},
                      .query = unpaged_query(),
                      .statuses = {200, 404},
                      .summary = "Get client credentials",
                      .handler = list_credentials};
const Operation kCreate{.method = http::Method::post,
                        .path = "/api/v2/clients/{id}/credentials",
                        .id = "post_credentials",
                        .scopes = {"create:client_credentials"},
                        .body = &client_credential_create_schema(),
                        .statuses = {201, 404},
                        .summary = "Create a client credential",
                        .handler = create_credential};
const Operation kGet{.method = http::Method::get,
                     .path = "/api/v2/clients/{id}/credentials/{credential_id}",
                     .id = "get_credentials_by_credential_id",
                     .scopes = {"read:client_credentials"},
                     .statuses = {200, 404},
                     .summary = "Get client credential details",
                     .handler = get_credential};
const Operation kUpdate{.method = http::Method::patch,
                        .path = "/api/v2/clients/{id}/credentials/{credential_id}",
                        .id = "patch_credentials_by_credential_id",
                        .scopes = {"update:client_credentials"},
                        .body = &client_credential_update_schema(),
                        .statuses = {201, 404},
                        .summary = "Update a client credential",
                        .handler = update_credential};
const Operation kDelete{.method = http::Method::delete_,
                        .path = "/api/v2/clients/{id}/credentials/{credential_id}",
                        .id = "delete_credentials_by_credential_id",
                        .scopes = {"delete:client_credentials"},
                        .statuses = {204},
                        .summary = "Delete a client credential",
                        .handler = delete_credential};

}  // namespace
}  // namespace client_credentials_api

std::vector<const Operation*> client_credential_operations() {
  using namespace client_credentials_api;
  return {&kList, &kCreate, &kGet, &kUpdate, &kDelete};
}

}  // namespace segue::management
