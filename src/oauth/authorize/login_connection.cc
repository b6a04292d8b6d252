#include "oauth/authorize/login_connection.h"

namespace segue::oauth {

std::shared_ptr<const model::Connection> login_connection(const tenancy::Snapshot& tenant, const ValidatedRequest& v,
                                                          std::string_view only) {
  const auto& wanted = v.request.connection;
  const auto organization = tenant.organization(v.request.organization);
  std::shared_ptr<const model::Connection> out;
  const auto standard = tenant.default_directory();
  for (const auto& connection : tenant.connections_of(*v.client)) {
    if (connection->strategy != "auth0" || (!wanted.empty() && connection->name != wanted)) continue;
    if (!only.empty() && connection->connection_id != only) continue;
    if (organization && organization->connection(connection->connection_id) == nullptr) continue;
    if (!out || (standard && connection->connection_id == standard->connection_id)) out = connection;
  }
  return out;
}

}  // namespace segue::oauth
