#include "tenancy/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <unordered_set>

#include "base/text.h"
#include "store/action_secrets.h"
#include "store/actions.h"
#include "store/client_credentials.h"
#include "store/client_grants.h"
#include "store/clients.h"
#include "store/connections.h"
#include "store/organizations.h"
#include "store/resource_servers.h"
#include "store/settings_documents.h"
#include "store/tenants.h"
#include "store/token_exchange_profiles.h"
#include "store/trigger_bindings.h"

namespace segue::tenancy {
namespace {

// In bytes, and more than the Management API lets any be: what callers make up is remembered too, and must stay small.
constexpr std::size_t kLongestName = 2400;

// Records by key, loaded once. What does not exist is remembered too, up to a bound, so that guessed ids cost one read each.
template <class T>
class Remembered {
 public:
  template <class Load>
  T get(const std::string& key, Load load) const {
    {
      const std::shared_lock lock(mutex_);
      if (const auto found = items_.find(key); found != items_.end()) return found->second;
    }
    T loaded = load();
    const std::unique_lock lock(mutex_);
    if (items_.size() < 100'000) items_.emplace(key, loaded);
    return loaded;
  }

 private:
  mutable std::shared_mutex mutex_;
  mutable std::map<std::string, T, std::less<>> items_;
};

std::string_view host_without_port(std::string_view domain) {
  const auto colon = domain.rfind(':');
  return colon == std::string_view::npos || domain.find(']', colon) != std::string_view::npos ? domain : domain.substr(0, colon);
}

// scheme://host[:port] of a URL, lower case; empty when it has none.
std::string origin_of(std::string_view url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return {};
  return base::ascii_lower(url.substr(0, std::min(url.find_first_of("/?#", scheme_end + 3), url.size())));
}

}  // namespace

const TenantSigningKey& TenantKeys::current(crypto::SignatureAlgorithm algorithm, base::Instant now) const {
  const TenantSigningKey* current = nullptr;
  const TenantSigningKey* predecessor = nullptr;  // the newest that every key set lists
  const auto is_listed_everywhere = [&](const TenantSigningKey& key) {
    return !key.published_at || now >= *key.published_at + kSigningDelay;
  };
  for (const auto& key : signing) {
    if (key.key.algorithm() != algorithm || key.state == KeyState::next) continue;
    if (key.state == KeyState::current) {
      current = &key;
    } else if (is_listed_everywhere(key) && (predecessor == nullptr || key.current_since > predecessor->current_since)) {
      predecessor = &key;
    }
  }
  if (current == nullptr) throw base::Bug("the tenant has no current signing key of this algorithm");
  return is_listed_everywhere(*current) || predecessor == nullptr ? *current : *predecessor;
}

const TenantSigningKey* TenantKeys::find(std::string_view kid) const {
  for (const auto& key : signing) {
    if (key.kid == kid) return &key;
  }
  return nullptr;
}

struct Snapshot::Impl {
  store::Store& store;
  const KeyFile& key_file;
  model::Tenant tenant;
  std::shared_ptr<const TenantKeys> keys;

  Remembered<std::shared_ptr<const model::Client>> clients;
  Remembered<std::shared_ptr<const model::Connection>> connections, connections_by_name;
  Remembered<std::shared_ptr<const model::ResourceServer>> resource_servers;
  Remembered<std::optional<model::ClientGrant>> client_grants;
  Remembered<std::shared_ptr<const model::Organization>> organizations, organizations_by_name;
  Remembered<std::vector<std::shared_ptr<const model::Connection>>> connections_of_client;
  Remembered<std::shared_ptr<const std::vector<ClientKey>>> client_keys;
  Remembered<std::string> client_secrets;
  Remembered<std::shared_ptr<const std::vector<model::BoundAction>>> bindings;
  Remembered<std::shared_ptr<const ExchangeAction>> exchange_actions;
  Remembered<std::shared_ptr<const store::settings_documents::Document>> settings_documents;
  std::once_flag origins_once;
  std::unordered_set<std::string> origins;
  std::once_flag names_once;
  std::multimap<std::string, std::string, std::less<>> aliases, audiences;  // to client_id

  void read_names() {
    std::call_once(names_once, [&] {
      auto names = store.read(tenant.id, [](const store::Reader& r) { return store::clients::names(r); });
      for (auto& each : names.aliases) aliases.emplace(std::move(each.name), std::move(each.client_id));
      for (auto& each : names.audiences) audiences.emplace(std::move(each.name), std::move(each.client_id));
    });
  }

  template <class Find>
  auto read(const store::Reader* r, Find find) {
    return r != nullptr ? find(*r) : store.read(tenant.id, find);
  }
  template <class T, class Find>
  std::shared_ptr<const T> load(const store::Reader* r, Find find) {
    auto found = read(r, find);
    return found ? std::make_shared<const T>(std::move(*found)) : nullptr;
  }
};

Snapshot::Snapshot(store::Store& store, const KeyFile& key_file, model::Tenant tenant, std::shared_ptr<const TenantKeys> keys)
    : impl_(new Impl{.store = store,
                     .key_file = key_file,
                     .tenant = std::move(tenant),
                     .keys = std::move(keys),
                     .clients = {},
                     .connections = {},
                     .connections_by_name = {},
                     .resource_servers = {},
                     .client_grants = {},
                     .organizations = {},
                     .organizations_by_name = {},
                     .connections_of_client = {},
                     .client_keys = {},
                     .client_secrets = {},
                     .bindings = {},
                     .exchange_actions = {},
                     .origins_once = {},
                     .origins = {},
                     .names_once = {},
                     .aliases = {},
                     .audiences = {}}) {}
Snapshot::~Snapshot() = default;

const model::Tenant& Snapshot::tenant() const { return impl_->tenant; }
std::int64_t Snapshot::version() const { return impl_->tenant.config_version; }
const TenantKeys& Snapshot::keys() const { return *impl_->keys; }
std::string Snapshot::issuer(std::string_view domain) const { return fmt::format("https://{}/", domain); }
std::string Snapshot::management_audience() const { return fmt::format("https://{}/api/v2/", impl_->tenant.canonical_domain()); }

bool Snapshot::has_domain(std::string_view host) const {
  for (const auto& domain : impl_->tenant.domains) {
    if (base::iequals(host, domain) || base::iequals(host, host_without_port(domain))) return true;
  }
  return false;
}

std::shared_ptr<const model::Client> Snapshot::client(std::string_view client_id, const store::Reader* r) const {
  if (client_id.empty() || client_id.size() > 64) return nullptr;
  const std::string key(client_id);
  return impl_->clients.get(key, [&] {
    return impl_->load<model::Client>(r, [&](const store::Reader& reader) { return store::clients::find(reader, key); });
  });
}

std::shared_ptr<const model::Connection> Snapshot::connection(std::string_view connection_id, const store::Reader* r) const {
  const std::string key(connection_id);
  return impl_->connections.get(key, [&] {
    return impl_->load<model::Connection>(r, [&](const store::Reader& reader) { return store::connections::find(reader, key); });
  });
}

std::shared_ptr<const model::Connection> Snapshot::connection_named(std::string_view name) const {
  if (name.size() > kLongestName) return nullptr;
  const std::string key(name);
  return impl_->connections_by_name.get(key, [&] {
    return impl_->load<model::Connection>(
        nullptr, [&](const store::Reader& reader) { return store::connections::find_by_name(reader, key); });
  });
}

std::shared_ptr<const model::Connection> Snapshot::default_directory() const {
  const auto name = json::find_string(impl_->tenant.settings, "default_directory").value_or("");
  return name.empty() ? nullptr : connection_named(name);
}

std::vector<std::shared_ptr<const model::Connection>> Snapshot::connections_of(const model::Client& client,
                                                                               const store::Reader* r) const {
  return impl_->connections_of_client.get(client.client_id, [&] {
    std::vector<std::shared_ptr<const model::Connection>> out;
    auto found =
        impl_->read(r, [&](const store::Reader& reader) { return store::connections::list_of_client(reader, client.client_id); });
    for (auto& connection : found) out.push_back(std::make_shared<const model::Connection>(std::move(connection)));
    return out;
  });
}

bool Snapshot::connection_serves(std::string_view connection_id, std::string_view client_id, const store::Reader* r) const {
  const auto found = client(client_id, r);
  if (!found) return false;
  for (const auto& connection : connections_of(*found, r)) {
    if (connection->connection_id == connection_id) return true;
  }
  return false;
}

std::shared_ptr<const model::ResourceServer> Snapshot::resource_server(std::string_view identifier,
                                                                       const store::Reader* r) const {
  if (identifier.size() > kLongestName) return nullptr;
  const std::string key(identifier);
  return impl_->resource_servers.get(key, [&] {
    return impl_->load<model::ResourceServer>(
        r, [&](const store::Reader& reader) { return store::resource_servers::find_by_identifier(reader, key); });
  });
}

std::optional<model::ClientGrant> Snapshot::client_grant(std::string_view client_id, std::string_view audience,
                                                         std::string_view subject_type, const store::Reader* r) const {
  const auto key = fmt::format("{}\n{}\n{}", client_id, audience, subject_type);
  return impl_->client_grants.get(key, [&] {
    return impl_->read(r, [&](const store::Reader& reader) {
      return store::client_grants::find_pair(reader, client_id, audience, subject_type);
    });
  });
}

std::shared_ptr<const model::Organization> Snapshot::organization(std::string_view organization_id,
                                                                  const store::Reader* r) const {
  if (organization_id.empty() || organization_id.size() > 64) return nullptr;
  const std::string key(organization_id);
  return impl_->organizations.get(key, [&] {
    return impl_->load<model::Organization>(r,
                                            [&](const store::Reader& reader) { return store::organizations::find(reader, key); });
  });
}

std::shared_ptr<const json::object> Snapshot::settings_document(std::string_view kind, std::string_view name,
                                                                const store::Reader* r) const {
  const auto stored = stored_settings(kind, name, r);
  return stored ? std::shared_ptr<const json::object>(stored, &stored->document) : nullptr;
}

std::shared_ptr<const store::settings_documents::Document> Snapshot::stored_settings(std::string_view kind, std::string_view name,
                                                                                     const store::Reader* r) const {
  return impl_->settings_documents.get(fmt::format("{}\n{}", kind, name), [&] {
    return impl_->load<store::settings_documents::Document>(
        r, [&](const store::Reader& reader) { return store::settings_documents::find(reader, kind, name); });
  });
}

std::shared_ptr<const model::Organization> Snapshot::organization_named(std::string_view name) const {
  if (name.empty() || name.size() > 64) return nullptr;
  const std::string key(name);
  return impl_->organizations_by_name.get(key, [&] {
    return impl_->load<model::Organization>(
        nullptr, [&](const store::Reader& reader) { return store::organizations::find_by_name(reader, key); });
  });
}

std::shared_ptr<const model::Client> Snapshot::client_with_alias(std::string_view alias) const {
  impl_->read_names();
  const auto named = impl_->aliases.equal_range(alias);
  if (named.first == named.second) return nullptr;
  const auto& only = named.first->second;
  const auto is_other = [&](const auto& entry) { return entry.second != only; };
  return std::any_of(named.first, named.second, is_other) ? nullptr : client(only);
}

bool Snapshot::is_name_of_another(std::string_view name, std::string_view client_id) const {
  constexpr std::string_view kUrn = "urn:";
  for (const auto id : {name, name.starts_with(kUrn) ? name.substr(kUrn.size()) : name}) {
    if (id != client_id && client(id)) return true;
  }
  impl_->read_names();
  for (const auto* const names : {&impl_->aliases, &impl_->audiences}) {
    const auto [first, last] = names->equal_range(name);
    if (std::any_of(first, last, [&](const auto& entry) { return entry.second != client_id; })) return true;
  }
  return false;
}

bool Snapshot::declares_origin(std::string_view origin) const {
  std::call_once(impl_->origins_once, [&] {
    for (const auto& url :
         impl_->store.read(impl_->tenant.id, [](const store::Reader& r) { return store::clients::declared_urls(r); })) {
      if (auto declared = origin_of(url); !declared.empty()) impl_->origins.insert(std::move(declared));
    }
  });
  return impl_->origins.contains(base::ascii_lower(origin));
}

std::shared_ptr<const std::vector<ClientKey>> Snapshot::client_keys(std::string_view client_id) const {
  const std::string id(client_id);
  return impl_->client_keys.get(id, [&] {
    auto out = std::make_shared<std::vector<ClientKey>>();
    for (auto& row : impl_->store.read(
             impl_->tenant.id, [&](const store::Reader& r) { return store::client_credentials::list_of_client(r, id); })) {
      const auto algorithm = crypto::signature_algorithm_from(row.alg);
      auto key = algorithm ? crypto::VerificationKey::from_public_pem(*algorithm, row.pem) : std::nullopt;
      if (key) out->push_back({std::move(row.credential_id), std::move(row.kid), row.expires_at, std::move(*key)});
    }
    return std::shared_ptr<const std::vector<ClientKey>>(std::move(out));
  });
}

std::shared_ptr<const std::vector<model::BoundAction>> Snapshot::bindings(std::string_view trigger_id,
                                                                          const store::Reader* r) const {
  const std::string id(trigger_id);
  return impl_->bindings.get(id, [&] {
    auto out = std::make_shared<std::vector<model::BoundAction>>();
    impl_->read(r, [&](const store::Reader& reader) {
      for (auto& binding : store::trigger_bindings::list(reader, id)) {
        const auto action = store::actions::find(reader, binding.action_id);
        // Only what is deployed can be bound, and neither ends without the other.
        if (!action || !action->deployed_version) throw base::Bug("a binding has no deployed Action");
        out->push_back({.binding_id = std::move(binding.binding_id),
                        .display_name = std::move(binding.display_name),
                        .action = store::actions::runnable(reader, *action, *action->deployed_version)});
      }
      return true;
    });
    return std::shared_ptr<const std::vector<model::BoundAction>>(std::move(out));
  });
}

std::shared_ptr<const ExchangeAction> Snapshot::exchange_action(std::string_view subject_token_type,
                                                                const store::Reader* r) const {
  if (subject_token_type.size() > kLongestName) return nullptr;
  const std::string type(subject_token_type);
  return impl_->exchange_actions.get(type, [&] {
    return impl_->load<ExchangeAction>(r, [&](const store::Reader& reader) -> std::optional<ExchangeAction> {
      auto profile = store::token_exchange_profiles::find_by_type(reader, type);
      if (!profile) return std::nullopt;
      const auto action = store::actions::find(reader, profile->action_id);
      if (!action || !action->deployed_version) return std::nullopt;
      return ExchangeAction{std::move(*profile), store::actions::runnable(reader, *action, *action->deployed_version)};
    });
  });
}

crypto::Secret Snapshot::action_secret(const model::ActionSecret& secret) const {
  const auto context = seal_context(impl_->tenant.id, store::action_secrets::kSealPurpose, secret.secret_id);
  auto opened = impl_->key_file.open(secret.sealed, context);
  if (!opened.ok()) throw base::Bug(opened.error().description);
  return std::move(opened).value();
}

store::Store& Snapshot::store() const { return impl_->store; }

void require_current(const store::Writer& w, const Snapshot& snapshot) {
  if (store::tenants::config_version(w) != snapshot.version()) throw store::ConfigurationChanged{};
}

crypto::Secret Snapshot::client_secret(const model::Client& client) const {
  if (client.sealed_client_secret.empty()) return {};
  return crypto::Secret(impl_->client_secrets.get(client.client_id, [&] {
    auto opened =
        impl_->key_file.open(client.sealed_client_secret, seal_context(impl_->tenant.id, "client_secret", client.client_id));
    if (!opened.ok()) throw base::Bug(opened.error().description);
    return std::string(opened->reveal());
  }));
}

}  // namespace segue::tenancy
