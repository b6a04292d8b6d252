#include "tenancy/tenants.h"

#include <map>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>

#include "base/text.h"
#include "store/tenants.h"

namespace segue::tenancy {
namespace {

crypto::Secret opened(const KeyFile& key_file, std::string_view sealed, const std::string& context) {
  auto plain = key_file.open(sealed, context);
  if (!plain.ok()) throw std::runtime_error(plain.error().description);
  return std::move(plain).value();
}

std::shared_ptr<const TenantKeys> load_keys(const store::Reader& r, const KeyFile& key_file) {
  std::map<std::string, crypto::Secret> secrets;
  for (const auto& row : store::tenants::secrets(r)) {
    secrets[row.purpose] = opened(key_file, row.wrapped, seal_context(r.tenant, "tenant_secret", row.purpose));
  }
  const auto bytes_of = [&](const char* purpose) { return base::as_bytes(secrets[purpose].reveal()); };
  auto keys = std::make_shared<TenantKeys>(TenantKeys{.handle = crypto::BlockCipher(bytes_of("handle")),
                                                      .derivation = crypto::HmacKey(bytes_of("derivation")),
                                                      .opaque_token = crypto::AeadKey(bytes_of("opaque_token")),
                                                      .signing = {}});
  for (const auto& row : store::signing_keys::list_usable(r)) {
    if (auto key = open_signing_key(key_file, r.tenant, row)) keys->signing.push_back(std::move(*key));
  }
  return keys;
}

}  // namespace

struct Tenants::Impl {
  const KeyFile& key_file;
  mutable std::shared_mutex mutex;
  std::map<std::string, Host, std::less<>> hosts;
  std::map<base::TenantId, std::shared_ptr<const Snapshot>> snapshots;
  std::mutex refreshing;  // one reload at a time, outside the lock that readers take
};

Tenants::Tenants(store::Store& store, const KeyFile& key_file)
    : store_(store), impl_(new Impl{.key_file = key_file, .mutex = {}, .hosts = {}, .snapshots = {}, .refreshing = {}}) {
  refresh();
}
Tenants::~Tenants() = default;

std::optional<Tenants::Host> Tenants::resolve(std::string_view host) const {
  const std::shared_lock lock(impl_->mutex);
  const auto found = impl_->hosts.find(host);
  return found == impl_->hosts.end() ? std::nullopt : std::optional(found->second);
}

std::shared_ptr<const Snapshot> Tenants::snapshot(base::TenantId tenant) const {
  const std::shared_lock lock(impl_->mutex);
  const auto found = impl_->snapshots.find(tenant);
  if (found == impl_->snapshots.end()) throw base::Bug("a snapshot of an unknown tenant was asked for");
  return found->second;
}

std::shared_ptr<const Snapshot> Tenants::newest(base::TenantId tenant) {
  auto known = snapshot(tenant);
  const auto stored = store_.read(tenant, [](const store::Reader& r) { return store::tenants::config_version(r); });
  if (stored == known->version()) return known;
  refresh(tenant);
  return snapshot(tenant);
}

std::vector<base::TenantId> Tenants::list() const {
  const std::shared_lock lock(impl_->mutex);
  std::vector<base::TenantId> out;
  for (const auto& [id, snapshot] : impl_->snapshots) out.push_back(id);
  return out;
}

void Tenants::refresh() {
  std::vector<model::Tenant> stored;
  store_.database().read([&](sql::Connection& connection) { stored = store::tenants::list_all(connection); });
  for (const auto& tenant : stored) {
    bool changed = true;
    {
      const std::shared_lock lock(impl_->mutex);
      const auto found = impl_->snapshots.find(tenant.id);
      changed = found == impl_->snapshots.end() || found->second->version() != tenant.config_version;
    }
    if (changed) refresh(tenant.id);
  }
}

void Tenants::refresh(base::TenantId id) {
  const std::scoped_lock one_at_a_time(impl_->refreshing);
  std::shared_ptr<const Snapshot> made;
  store_.read(id, [&](const store::Reader& r) {
    auto tenant = store::tenants::find(r);
    if (tenant)
      made = std::make_shared<const Snapshot>(store_, impl_->key_file, std::move(*tenant), load_keys(r, impl_->key_file));
    return 0;
  });
  if (!made) return;
  const std::unique_lock lock(impl_->mutex);
  std::erase_if(impl_->hosts, [&](const auto& entry) { return entry.second.tenant == id; });
  for (const auto& domain : made->tenant().domains) impl_->hosts[base::ascii_lower(domain)] = {id, domain};
  impl_->snapshots[id] = std::move(made);
}

}  // namespace segue::tenancy
