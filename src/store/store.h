// The only way to the database: read or write as one tenant. Repositories are namespaces of functions in this folder, one per
// table; reading functions take a Reader, and only a Writer lets a function change a row.
#pragma once
#include <cstdint>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/id_generator.h"
#include "base/ids.h"
#include "sql/database.h"

namespace segue::store {

// Sees one tenant's rows. No function takes a tenant, so none can forget it.
struct Reader {
  sql::Connection& connection;
  base::TenantId tenant;
};

// Changes one tenant's rows inside one transaction that commits before Store::write returns.
struct Writer : Reader {
  base::IdGenerator& ids;
};

// True where a write transaction excludes every other one (SQLite): what it has read is as good as locked.
inline bool excludes_other_writers(const Writer& w) { return w.connection.engine() == sql::Engine::sqlite; }

// The tenant's configuration changed while a decision was made on its older snapshot: decide again (tenancy/decide.h).
struct ConfigurationChanged {};

class Store {
 public:
  Store(sql::Database& database, base::IdGenerator& ids) : database_(database), ids_(ids) {}

  template <class F>
  auto read(base::TenantId tenant, F f) {
    using Value = decltype(f(std::declval<const Reader&>()));
    std::optional<Value> out;
    database_.read([&](sql::Connection& connection) { out.emplace(f(Reader{connection, tenant})); });
    return std::move(*out);
  }

  // `f` may run more than once: it changes nothing outside the writer. It returns facts; an exception rolls back.
  template <class F>
  auto write(base::TenantId tenant, F f) {
    using Value = decltype(f(std::declval<const Writer&>()));
    std::optional<Value> out;
    database_.write([&](sql::Connection& connection) {
      out.reset();
      out.emplace(f(Writer{{connection, tenant}, ids_}));
    });
    return std::move(*out);
  }

  sql::Database& database() { return database_; }
  base::IdGenerator& ids() { return ids_; }

 private:
  sql::Database& database_;
  base::IdGenerator& ids_;
};

}  // namespace segue::store
