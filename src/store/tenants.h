// Tenants, their domains and symmetric keys, and the facts of the whole database.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "model/directory.h"
#include "store/store.h"

namespace segue::store::tenants {

// Across tenants: for start-up, the command line and the host directory only.
std::vector<model::Tenant> list_all(sql::Connection& connection);
// Adds a tenant with its one domain. False, and nothing written, when the domain is taken.
bool insert(sql::Connection& connection, const model::Tenant& tenant);
base::TenantId next_id(sql::Connection& connection);

std::optional<model::Tenant> find(const Reader& r);
// The same for read-modify-write: locked until the commit.
std::optional<model::Tenant> find_for_change(const Writer& w);
std::int64_t config_version(const Reader& r);
// Every change of configuration calls it, in its own transaction.
void bump_config_version(const Writer& w);
// Another domain of the tenant, behind the others. False when there is a tenant that has it.
bool add_domain(const Writer& w, std::string_view domain);
// Not the canonical one, which stays.
bool remove_domain(const Writer& w, std::string_view domain);
// Whether any tenant has it: names are globally unique.
bool has_domain(const Reader& r, std::string_view domain);
void update_settings(const Writer& w, const json::object& settings);

struct WrappedSecret {
  std::string purpose;
  std::string wrapped;
};
std::vector<WrappedSecret> secrets(const Reader& r);
void insert_secret(const Writer& w, const WrappedSecret& secret, base::Instant now);

}  // namespace segue::store::tenants

namespace segue::store::database_state {

// The newest time that any node has seen; the epoch on a new database.
base::Instant high_water(sql::Connection& connection);
// Raises it; never lowers it.
void raise_high_water(sql::Connection& connection, base::Instant t);
// For `segue doctor --reset-clock` only.
void reset_high_water(sql::Connection& connection, base::Instant t);

// Takes a free node number below 1,024 for `holder`, or nothing when all are leased.
std::optional<int> lease_node(sql::Connection& connection, std::string_view holder, base::Instant now, base::Instant until);
// False when the lease was lost.
bool renew_node(sql::Connection& connection, int node, std::string_view holder, base::Instant until);
// How many node numbers are leased at `now`.
int count_nodes(sql::Connection& connection, base::Instant now);
void release_node(sql::Connection& connection, int node, std::string_view holder);

}  // namespace segue::store::database_state
