// Which tenant a host belongs to, and its current snapshot. Refreshed within a second on every node, and at once on the writing
// one.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "store/store.h"
#include "tenancy/key_file.h"
#include "tenancy/snapshot.h"

namespace segue::tenancy {

class Tenants {
 public:
  // Loads every tenant. Throws std::runtime_error with a text for the operator when the key file does not open their keys.
  Tenants(store::Store& store, const KeyFile& key_file);
  ~Tenants();

  struct Host {
    base::TenantId tenant;
    std::string domain;  // as registered
  };
  // `host` in lower case, without :443. Does not touch the database.
  std::optional<Host> resolve(std::string_view host) const;
  // Never null for a tenant that resolve() named.
  std::shared_ptr<const Snapshot> snapshot(base::TenantId tenant) const;
  // The same, after a look at the stored version: for what verifies a token without a transaction of its own, so that a revoked
  // key is out at once on every node.
  std::shared_ptr<const Snapshot> newest(base::TenantId tenant);
  std::vector<base::TenantId> list() const;

  // Reloads tenants whose version changed in the database, and new ones. Called each second by app/.
  void refresh();
  // Reloads one tenant now.
  void refresh(base::TenantId tenant);

  store::Store& store() { return store_; }

  // Runs `f(std::shared_ptr<const Snapshot>)`, which decides in write_on(). When the configuration changed between its snapshot
  // and its transaction, the transaction has rolled back, the snapshot is loaded again and `f` runs again: a client that was just
  // restricted is restricted here too (design §5).
  template <class F>
  auto on_current(base::TenantId tenant, F f) {
    for (;;) {
      try {
        return f(snapshot(tenant));
      } catch (const store::ConfigurationChanged&) {
        refresh(tenant);
      }
    }
  }
  // One transaction on a snapshot that is current inside it: `f(const store::Writer&)` returns facts. Throws ConfigurationChanged
  // to on_current() otherwise.
  template <class F>
  auto write_on(const Snapshot& snapshot, F f) {
    return store_.write(snapshot.tenant().id, [&](const store::Writer& w) {
      require_current(w, snapshot);
      return f(w);
    });
  }
  // Both in one, for decisions that look at the snapshot inside the transaction only: `f(const Snapshot&, const store::Writer&)`.
  template <class F>
  auto decide(base::TenantId tenant, F f) {
    return on_current(tenant, [&](const std::shared_ptr<const Snapshot>& current) {
      return write_on(*current, [&](const store::Writer& w) { return f(*current, w); });
    });
  }
  // A change of configuration by this node: commits, then refreshes at once.
  template <class F>
  auto change(base::TenantId tenant, F f) {
    auto out = store_.write(tenant, f);
    refresh(tenant);
    return out;
  }

 private:
  struct Impl;
  store::Store& store_;
  std::unique_ptr<Impl> impl_;
};

// What `segue init` and `segue tenant add` make: the tenant, its keys, its system resource server, the default connection, the
// global client and the management client. Returns the management client's credentials.
struct NewTenant {
  std::string domain;                                          // HOST[:PORT], lower case
  std::string management_client_id, management_client_secret;  // empty: generated
};
struct ManagementClient {
  std::string domain, client_id, audience;
  crypto::Secret client_secret;
};
base::Result<ManagementClient> create_tenant(store::Store& store, const KeyFile& key_file, base::Random& random,
                                             base::Instant now, const NewTenant& wanted);

}  // namespace segue::tenancy
