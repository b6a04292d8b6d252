#include "store/trigger_bindings.h"

#include "store/tenants.h"

namespace segue::store::trigger_bindings {
namespace {

#define SEGUE_BINDING                                                                                           \
  "select binding_id, trigger_id, action_id, display_name, created_at, updated_at from trigger_bindings where " \
  "tenant_id = $1 and "
constexpr sql::Statement kList{"trigger_bindings.list", SEGUE_BINDING "trigger_id = $2 order by position"};
constexpr sql::Statement kListOfAction{"trigger_bindings.list_of_action",
                                       SEGUE_BINDING "action_id = $2 order by trigger_id, position"};
#undef SEGUE_BINDING
constexpr sql::Statement kDelete{"trigger_bindings.delete",
                                 "delete from trigger_bindings where tenant_id = $1 and trigger_id = $2"};
constexpr sql::Statement kDeleteOfAction{"trigger_bindings.delete_of_action",
                                         "delete from trigger_bindings where tenant_id = $1 and action_id = $2"};
constexpr sql::Statement kInsert{"trigger_bindings.insert", R"sql(
    insert into trigger_bindings (tenant_id, trigger_id, position, binding_id, action_id, display_name, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8))sql"};

model::ActionBinding read_binding(const sql::Row& row) {
  return {row.string(0), row.string(1), row.string(2), row.string(3), row.instant(4), row.instant(5)};
}

}  // namespace

std::vector<model::ActionBinding> list(const Reader& r, std::string_view trigger_id) {
  return r.connection.list(kList, {r.tenant, trigger_id}, read_binding);
}

std::vector<model::ActionBinding> list_of_action(const Reader& r, std::string_view action_id) {
  return r.connection.list(kListOfAction, {r.tenant, action_id}, read_binding);
}

void replace(const Writer& w, std::string_view trigger_id, const std::vector<model::ActionBinding>& bindings) {
  // First: its row lock keeps two replacements apart, which would otherwise both delete and both insert.
  tenants::bump_config_version(w);
  w.connection.execute(kDelete, {w.tenant, trigger_id});
  std::int64_t position = 0;
  for (const auto& b : bindings) {
    w.connection.execute(
        kInsert, {w.tenant, trigger_id, position++, b.binding_id, b.action_id, b.display_name, b.created_at, b.updated_at});
  }
}

std::int64_t delete_of_action(const Writer& w, std::string_view action_id) {
  const auto deleted = w.connection.execute(kDeleteOfAction, {w.tenant, action_id});
  if (deleted > 0) tenants::bump_config_version(w);
  return deleted;
}

}  // namespace segue::store::trigger_bindings
