#include "model/directory.h"

namespace segue::model {

const json::object* options_of(const Connection& connection) { return json::find_object(connection.document, "options"); }

ResourceServer resource_server_from_document(std::string id, json::object document) {
  ResourceServer out;
  out.resource_server_id = std::move(id);
  out.identifier = json::find_string(document, "identifier").value_or("");
  out.name = json::find_string(document, "name").value_or("");
  out.is_system = json::find_bool(document, "is_system").value_or(false);
  out.allow_offline_access = json::find_bool(document, "allow_offline_access").value_or(false);
  out.allow_online_access = json::find_bool(document, "allow_online_access").value_or(false);
  out.allow_online_access_with_ephemeral_sessions =
      json::find_bool(document, "allow_online_access_with_ephemeral_sessions").value_or(false);
  out.skip_consent_for_verifiable_first_party_clients =
      json::find_bool(document, "skip_consent_for_verifiable_first_party_clients").value_or(false);
  out.token_lifetime = json::find_integer(document, "token_lifetime").value_or(86400);
  out.token_lifetime_for_web = json::find_integer(document, "token_lifetime_for_web").value_or(7200);
  out.signing_alg = json::find_string(document, "signing_alg").value_or("RS256");
  const auto dialect = json::find_string(document, "token_dialect").value_or("access_token");
  out.by_rfc_9068 = dialect.starts_with("rfc9068_profile");
  out.enforce_policies = json::find_bool(document, "enforce_policies").value_or(false);
  out.says_permissions = out.enforce_policies && dialect.ends_with("_authz");
  if (const auto* proof = json::find_object(document, "proof_of_possession")) {
    out.demands_proof = json::find_bool(*proof, "required").value_or(false);
    // Without a word it is for all: a demand never covers less than it may mean.
    out.demands_proof_of_everybody = json::find_string(*proof, "required_for").value_or("all_clients") != "public_clients";
  }
  if (const auto* scopes = json::find(document, "scopes"); scopes != nullptr && scopes->is_array()) {
    for (const auto& scope : scopes->get_array()) {
      if (scope.is_object()) out.scopes.push_back(json::find_string(scope.get_object(), "value").value_or(""));
    }
  }
  if (const auto* policies = json::find_object(document, "subject_type_authorization")) {
    if (const auto* client = json::find_object(*policies, "client")) {
      out.client_policy = json::find_string(*client, "policy").value_or(out.client_policy);
    }
    if (const auto* user = json::find_object(*policies, "user")) {
      out.user_policy = json::find_string(*user, "policy").value_or(out.user_policy);
    }
  }
  out.document = std::move(document);
  return out;
}

ClientGrant client_grant_from_document(std::string id, json::object document) {
  ClientGrant out;
  out.client_grant_id = std::move(id);
  out.client_id = json::find_string(document, "client_id").value_or("");
  out.audience = json::find_string(document, "audience").value_or("");
  out.subject_type = json::find_string(document, "subject_type").value_or("client");
  out.scope = json::find_strings(document, "scope");
  out.allow_all_scopes = json::find_bool(document, "allow_all_scopes").value_or(false);
  out.document = std::move(document);
  return out;
}

}  // namespace segue::model
