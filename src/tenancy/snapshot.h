// A tenant's configuration at one version: immutable for whoever holds it. Records are loaded when first asked for and kept.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/aead.h"
#include "crypto/digest.h"
#include "crypto/signing_key.h"
#include "model/action.h"
#include "model/client.h"
#include "model/directory.h"
#include "model/organization.h"
#include "store/settings_documents.h"
#include "store/store.h"
#include "tenancy/key_file.h"
#include "tenancy/signing_keys.h"

namespace segue::tenancy {

// A public key of a client, ready to verify what it signs.
struct ClientKey {
  std::string credential_id;
  std::string kid;
  std::optional<base::Instant> expires_at;
  crypto::VerificationKey key;
};

// A token-exchange profile with the Action that answers it (contract §3.4).
struct ExchangeAction {
  model::TokenExchangeProfile profile;
  model::RunnableAction action;
};

// Unwrapped keys. They live as long as a snapshot holds them.
struct TenantKeys {
  crypto::BlockCipher handle;    // encrypts the id part of handles
  crypto::HmacKey derivation;    // derives successors of refresh tokens, page CSRF values and step signatures
  crypto::AeadKey opaque_token;  // opaque access tokens
  std::vector<TenantSigningKey> signing;

  // The key that signs at `now`: the current one, or its predecessor while some key set may not list the current one yet.
  const TenantSigningKey& current(crypto::SignatureAlgorithm algorithm, base::Instant now) const;
  const TenantSigningKey* find(std::string_view kid) const;
};

class Snapshot {
 public:
  Snapshot(store::Store& store, const KeyFile& key_file, model::Tenant tenant, std::shared_ptr<const TenantKeys> keys);
  ~Snapshot();

  const model::Tenant& tenant() const;
  std::int64_t version() const;
  const TenantKeys& keys() const;
  std::string issuer(std::string_view domain) const;  // "https://DOMAIN/"
  // "https://CANONICAL/api/v2/": the audience of the Management API.
  std::string management_audience() const;
  bool has_domain(std::string_view host_with_or_without_port) const;  // compared without case (contract §1.3)

  // Null or nothing: there is none. Inside a transaction pass its reader: what is not remembered yet is then read through it, for
  // a transaction must not begin another one.
  std::shared_ptr<const model::Client> client(std::string_view client_id, const store::Reader* r = nullptr) const;
  // The only one that has this name among its `client_aliases`.
  std::shared_ptr<const model::Client> client_with_alias(std::string_view alias) const;
  // Whether another client than this one is called so: by its client_id, `urn:` and that, one of its `client_aliases`, or the
  // audience that an addon of it names. What is made out to the name may then be carried to that one.
  bool is_name_of_another(std::string_view name, std::string_view client_id) const;
  std::shared_ptr<const model::Connection> connection(std::string_view connection_id, const store::Reader* r = nullptr) const;
  std::shared_ptr<const model::Connection> connection_named(std::string_view name) const;
  // The database connection of the `password` grant and of the login page: the tenant setting `default_directory`.
  std::shared_ptr<const model::Connection> default_directory() const;
  // The connections a client may use, by name.
  std::vector<std::shared_ptr<const model::Connection>> connections_of(const model::Client& client,
                                                                       const store::Reader* r = nullptr) const;
  bool connection_serves(std::string_view connection_id, std::string_view client_id, const store::Reader* r = nullptr) const;
  std::shared_ptr<const model::ResourceServer> resource_server(std::string_view identifier,
                                                               const store::Reader* r = nullptr) const;
  std::optional<model::ClientGrant> client_grant(std::string_view client_id, std::string_view audience,
                                                 std::string_view subject_type, const store::Reader* r = nullptr) const;
  // An organization with its connections; by name only where the tenant allows names (organization.cc in oauth/).
  std::shared_ptr<const model::Organization> organization(std::string_view organization_id,
                                                          const store::Reader* r = nullptr) const;
  std::shared_ptr<const model::Organization> organization_named(std::string_view name) const;
  // CORS: whether a client of this tenant declares this origin (contract §3.1).
  bool declares_origin(std::string_view origin) const;
  // Every credential of the client; which of them count for what, its settings say.
  std::shared_ptr<const std::vector<ClientKey>> client_keys(std::string_view client_id) const;
  // What runs at a trigger, in order: the deployed version of each bound Action with its modules and sealed secrets. Never null.
  std::shared_ptr<const std::vector<model::BoundAction>> bindings(std::string_view trigger_id,
                                                                  const store::Reader* r = nullptr) const;
  // Which deployed Action answers a token exchange of this subject_token_type. Null: none does.
  std::shared_ptr<const ExchangeAction> exchange_action(std::string_view subject_token_type,
                                                        const store::Reader* r = nullptr) const;
  // A document of the settings (store/settings_documents.h), without its secrets. Null: it is not set.
  std::shared_ptr<const json::object> settings_document(std::string_view kind, std::string_view name = {},
                                                        const store::Reader* r = nullptr) const;
  // The same as it is stored, with what is sealed.
  std::shared_ptr<const store::settings_documents::Document> stored_settings(std::string_view kind, std::string_view name = {},
                                                                             const store::Reader* r = nullptr) const;
  // Of an Action or of one of its modules, in clear: for the process that is about to run it.
  crypto::Secret action_secret(const model::ActionSecret& secret) const;
  // For what has to be written down while it is still being found out who asks. What a handler decides, it writes through
  // Tenants.
  store::Store& store() const;
  // The client's secret in clear, or empty when it has none.
  crypto::Secret client_secret(const model::Client& client) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Inside a transaction. Throws store::ConfigurationChanged when the tenant's configuration is another than the snapshot's.
void require_current(const store::Writer& w, const Snapshot& snapshot);

}  // namespace segue::tenancy
