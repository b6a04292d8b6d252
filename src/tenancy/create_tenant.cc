#include "base/text.h"
#include "crypto/digest.h"
#include "store/client_grants.h"
#include "store/clients.h"
#include "store/connections.h"
#include "store/resource_servers.h"
#include "store/tenants.h"
#include "tenancy/management_scopes.h"
#include "tenancy/signing_keys.h"
#include "tenancy/tenants.h"

namespace segue::tenancy {
namespace {

// HOST or HOST:PORT, where HOST is a DNS name, an IPv4 address or a bracketed IPv6 address. Port 443 is not written.
base::Result<std::string> checked_domain(std::string_view wanted) {
  auto domain = base::ascii_lower(wanted);
  if (domain.ends_with(":443")) domain.resize(domain.size() - 4);
  const auto valid = !domain.empty() && domain.size() <= 253 &&
                     domain.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-:[]") == std::string::npos;
  if (!valid) {
    return base::Error{
        .kind = base::ErrorKind::invalid_input,
        .code = "invalid_domain",
        .description = "--domain must be HOST or HOST:PORT, such as login.example.com or localhost:8443; it was \"" +
                       std::string(wanted) + "\"."};
  }
  return domain;
}

// `read:client_grants` is described as "Read Client Grants".
std::string description_of(std::string_view scope) {
  std::string out(scope);
  bool begins = true;
  for (char& c : out) {
    if (c == ':' || c == '_' || c == '-') c = ' ';
    if (begins && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    begins = c == ' ';
  }
  return out;
}

model::ResourceServer management_api(base::Random& random, const std::string& audience) {
  json::array scopes;
  for (const auto scope : management_scopes()) {
    scopes.push_back(json::object{{"value", scope}, {"description", description_of(scope)}});
  }
  json::object document{{"name", "Auth0 Management API"},
                        {"identifier", audience},
                        {"allow_offline_access", false},
                        {"skip_consent_for_verifiable_first_party_clients", false},
                        {"subject_type_authorization", json::object{{"client", json::object{{"policy", "require_client_grant"}}},
                                                                    {"user", json::object{{"policy", "allow_all"}}}}},
                        {"token_lifetime", 86400},
                        {"token_lifetime_for_web", 7200},
                        {"signing_alg", "RS256"},
                        {"is_system", true},
                        {"scopes", std::move(scopes)}};
  return model::resource_server_from_document(random.text(24, base::kHexDigits), std::move(document));
}

// contract §9.9: what a database connection has when nothing is said.
model::Connection default_connection(base::Random& random) {
  model::Connection out;
  out.connection_id = "con_" + random.text(16, base::kAlphanumeric);
  out.name = "Username-Password-Authentication";
  out.strategy = "auth0";
  out.document = json::object{
      {"options",
       json::object{
           {"mfa", json::object{{"active", true}, {"return_enroll_settings", true}}},
           {"passwordPolicy", "good"},
           {"strategy_version", 2},
           {"authentication_methods",
            json::object{
                {"password", json::object{{"enabled", true}, {"api_behavior", "required"}, {"signup_behavior", "allow"}}},
                {"passkey", json::object{{"enabled", false}}}}},
           {"passkey_options",
            json::object{{"challenge_ui", "both"}, {"progressive_enrollment_enabled", true}, {"local_enrollment_enabled", true}}},
           {"brute_force_protection", true},
           {"disable_self_service_change_password", false}}},
      {"is_domain_connection", false},
      {"authentication", json::object{{"active", true}}},
      {"connected_accounts", json::object{{"active", false}}},
      {"realms", json::array{out.name}}};
  return out;
}

json::object client_document(std::string_view name, std::string_view app_type, json::array grant_types) {
  return json::object{
      {"name", name},
      {"app_type", app_type},
      {"is_first_party", true},
      {"is_token_endpoint_ip_header_trusted", false},
      {"oidc_conformant", true},
      {"jwt_configuration", json::object{{"secret_encoded", false}, {"lifetime_in_seconds", 36000}, {"alg", "RS256"}}},
      {"sso_disabled", false},
      {"cross_origin_authentication", false},
      {"grant_types", std::move(grant_types)},
      {"custom_login_page_on", true},
      {"token_endpoint_auth_method", "client_secret_post"},
      {"refresh_token", json::object{{"rotation_type", "non-rotating"},
                                     {"expiration_type", "non-expiring"},
                                     {"leeway", 0},
                                     {"token_lifetime", 31557600},
                                     {"infinite_token_lifetime", true},
                                     {"infinite_idle_token_lifetime", true},
                                     {"idle_token_lifetime", 2592000}}}};
}

model::Client confidential_client(const KeyFile& key_file, base::Random& random, base::TenantId tenant, std::string client_id,
                                  const crypto::Secret& secret, json::object document, base::Instant now) {
  auto out = model::client_from_document(std::move(client_id), std::move(document));
  out.sealed_client_secret = key_file.seal(random, secret.reveal(), seal_context(tenant, "client_secret", out.client_id));
  out.created_at = out.updated_at = now;
  return out;
}

}  // namespace

base::Result<ManagementClient> create_tenant(store::Store& store, const KeyFile& key_file, base::Random& random,
                                             base::Instant now, const NewTenant& wanted) {
  const auto domain = TRY(checked_domain(wanted.domain));
  ManagementClient out;
  out.domain = domain;
  out.audience = "https://" + domain + "/api/v2/";
  out.client_id = wanted.management_client_id.empty() ? random.text(32, base::kAlphanumeric) : wanted.management_client_id;
  out.client_secret =
      crypto::Secret(wanted.management_client_secret.empty() ? random.text(64, base::kUrlSafe) : wanted.management_client_secret);

  // Keys are made before the transaction: write closures hold SQL only (design §3). The tenant's number is part of what is
  // sealed, so it is read first; two commands at once are kept apart by the primary key.
  base::TenantId id{};
  store.database().read([&](sql::Connection& connection) { id = store::tenants::next_id(connection); });
  std::vector<store::tenants::WrappedSecret> secrets;
  for (const auto* purpose : {"handle", "derivation", "opaque_token"}) {
    const auto raw = random.bytes<32>();
    secrets.push_back({purpose, key_file.seal(random, base::as_text(raw), seal_context(id, "tenant_secret", purpose))});
  }
  // With the next ones from the start: a rotation then promotes a key that every key set has listed for long.
  std::vector<store::signing_keys::Row> signing_keys;
  for (const auto algorithm : kSigningAlgorithms) {
    signing_keys.push_back(make_signing_key(key_file, random, id, domain, algorithm, KeyState::current, now));
    signing_keys.push_back(make_signing_key(key_file, random, id, domain, algorithm, KeyState::next, now));
  }
  for (auto& key : signing_keys) key.published_at.reset();
  auto api = management_api(random, out.audience);
  api.created_at = api.updated_at = now;
  auto connection = default_connection(random);
  connection.created_at = connection.updated_at = now;
  const auto management_client = confidential_client(
      key_file, random, id, out.client_id, out.client_secret,
      client_document("Segue Management (machine to machine)", "non_interactive", json::array{"client_credentials"}), now);
  auto global_document = client_document("All Applications", "",
                                         json::array{"authorization_code", "implicit", "refresh_token", "client_credentials"});
  global_document.erase("app_type");
  global_document["global"] = true;
  const auto global_client =
      confidential_client(key_file, random, id, random.text(32, base::kAlphanumeric),
                          crypto::Secret(random.text(64, base::kUrlSafe)), std::move(global_document), now);
  json::array all_scopes;
  for (const auto scope : management_scopes()) all_scopes.push_back(json::value(scope));
  auto client_grant = model::client_grant_from_document("cgr_" + random.text(16, base::kAlphanumeric),
                                                        json::object{{"client_id", out.client_id},
                                                                     {"audience", out.audience},
                                                                     {"scope", std::move(all_scopes)},
                                                                     {"subject_type", "client"},
                                                                     {"allow_all_scopes", false}});
  client_grant.created_at = now;

  model::Tenant tenant;
  tenant.id = id;
  tenant.name = domain.substr(0, domain.find(':'));
  tenant.domains = {domain};
  tenant.settings = json::object{{"default_directory", connection.name}, {"friendly_name", tenant.name}};
  tenant.created_at = now;

  const bool inserted = store.write(id, [&](const store::Writer& w) {
    if (!store::tenants::insert(w.connection, tenant)) return false;
    for (const auto& secret : secrets) store::tenants::insert_secret(w, secret, now);
    for (const auto& key : signing_keys) store::signing_keys::insert(w, key);
    store::resource_servers::insert(w, api);
    store::connections::insert(w, connection);
    store::clients::insert(w, global_client);
    store::clients::insert(w, management_client);
    store::client_grants::insert(w, client_grant);
    store::connections::enable_client(w, connection.connection_id, management_client.client_id);
    return true;
  });
  if (!inserted) {
    return base::Error{
        .kind = base::ErrorKind::conflict,
        .code = "domain_taken",
        .description = "The domain " + domain + " already belongs to a tenant of this database; `segue tenant list` shows them."};
  }
  return out;
}

}  // namespace segue::tenancy
