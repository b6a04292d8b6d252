#include "store/actions.h"

#include <algorithm>
#include <set>

#include "store/action_modules.h"
#include "store/action_secrets.h"
#include "store/document.h"
#include "store/tenants.h"
#include "store/token_exchange_profiles.h"
#include "store/trigger_bindings.h"

namespace segue::store::actions {
namespace {

#define SEGUE_ACTION                                                                                                          \
  "select a.action_id, a.name, a.trigger_id, a.document, a.last_number, a.created_at, a.updated_at, v.version_id, v.number, " \
  "v.document, v.created_at from actions a left join action_versions v on v.tenant_id = a.tenant_id and "                     \
  "v.action_id = a.action_id and v.version_id = a.deployed_version_id where a.tenant_id = $1 "
constexpr sql::Statement kFind{"actions.find", SEGUE_ACTION "and a.action_id = $2"};
constexpr sql::Statement kFindByName{"actions.find_by_name", SEGUE_ACTION "and a.name = $2"};
#define SEGUE_FILTER                                                                                                          \
  "and ($2 = '' or a.trigger_id = $2) and ($3 = '' or a.name = $3) and ($4 = '' or ($4 = 'yes') = (a.deployed_version_id <> " \
  "''))"
constexpr sql::Statement kListPage{"actions.list_page",
                                   SEGUE_ACTION SEGUE_FILTER " order by a.created_at, a.action_id limit $5 offset $6"};
constexpr sql::Statement kCount{"actions.count", "select count(*) from actions a where a.tenant_id = $1 " SEGUE_FILTER};
#undef SEGUE_FILTER
constexpr sql::Statement kListAll{"actions.list_all", SEGUE_ACTION "order by a.created_at, a.action_id"};
#undef SEGUE_ACTION
// See clients.find_for_change.
constexpr sql::Statement kLock{"actions.lock",
                               "update actions set created_at = created_at where tenant_id = $1 and action_id = $2"};
constexpr sql::Statement kInsert{"actions.insert", R"sql(
    insert into actions (tenant_id, action_id, name, trigger_id, document, last_number, deployed_version_id, created_at, updated_at)
    values ($1, $2, $3, $4, $5, 0, '', $6, $7) on conflict do nothing)sql"};
constexpr sql::Statement kTaken{"actions.taken", "select 1 from actions where tenant_id = $1 and action_id <> $2 and name = $3"};
constexpr sql::Statement kUpdate{"actions.update", R"sql(
    update actions set name = $3, document = $4, updated_at = $5 where tenant_id = $1 and action_id = $2)sql"};
constexpr sql::Statement kDelete{"actions.delete", "delete from actions where tenant_id = $1 and action_id = $2"};
constexpr sql::Statement kDeleteVersions{"action_versions.delete_of_action",
                                         "delete from action_versions where tenant_id = $1 and action_id = $2"};

constexpr sql::Statement kInsertVersion{"action_versions.insert", R"sql(
    insert into action_versions (tenant_id, action_id, version_id, number, document, created_at, lockfile)
    values ($1, $2, $3, $4, $5, $6, $7))sql"};
constexpr sql::Statement kLockfile{"action_versions.lockfile", R"sql(
    select lockfile from action_versions where tenant_id = $1 and action_id = $2 and version_id = $3)sql"};
constexpr sql::Statement kHasVersion{"action_versions.has",
                                     "select 1 from action_versions where tenant_id = $1 and version_id = $2"};
constexpr sql::Statement kDeploy{"actions.deploy", R"sql(
    update actions set deployed_version_id = $3, last_number = $4 where tenant_id = $1 and action_id = $2)sql"};
constexpr sql::Statement kPrune{"action_versions.prune", R"sql(
    delete from action_versions
     where tenant_id = $1 and action_id = $2
       and number <= (select last_number from actions where tenant_id = $1 and action_id = $2) - $3
       and version_id <> (select deployed_version_id from actions where tenant_id = $1 and action_id = $2))sql"};
#define SEGUE_VERSION \
  "select version_id, number, document, created_at from action_versions where tenant_id = $1 and action_id = $2 "
constexpr sql::Statement kFindVersion{"action_versions.find", SEGUE_VERSION "and version_id = $3"};
constexpr sql::Statement kListVersions{"action_versions.list", SEGUE_VERSION "order by number desc limit $3 offset $4"};
constexpr sql::Statement kListAllVersions{"action_versions.list_all", SEGUE_VERSION};
#undef SEGUE_VERSION
constexpr sql::Statement kCountVersions{"action_versions.count",
                                        "select count(*) from action_versions where tenant_id = $1 and action_id = $2"};

model::ActionVersion read_version(const sql::Row& row, int first) {
  model::ActionVersion out;
  out.version_id = row.string(first);
  out.number = row.integer(first + 1);
  out.source = model::action_source_from_document(document_of(row.text(first + 2)));
  out.created_at = row.instant(first + 3);
  return out;
}

model::Action read_action(const sql::Row& row) {
  model::Action out;
  out.action_id = row.string(0);
  out.name = row.string(1);
  out.trigger_id = row.string(2);
  out.draft = model::action_source_from_document(document_of(row.text(3)));
  out.last_number = row.integer(4);
  out.created_at = row.instant(5);
  out.updated_at = row.instant(6);
  if (!row.null(7)) {
    out.deployed_version = read_version(row, 7);
    out.deployed_version->action_id = out.action_id;
  }
  return out;
}

std::string deployed_parameter(const Filter& filter) {
  if (!filter.deployed) return "";
  return *filter.deployed ? "yes" : "no";
}

}  // namespace

std::optional<model::Action> find(const Reader& r, std::string_view action_id) {
  return r.connection.maybe_one(kFind, {r.tenant, action_id}, read_action);
}

std::optional<model::Action> find_by_name(const Reader& r, std::string_view name) {
  return r.connection.maybe_one(kFindByName, {r.tenant, name}, read_action);
}

std::optional<model::Action> find_for_change(const Writer& w, std::string_view action_id) {
  if (w.connection.execute(kLock, {w.tenant, action_id}) == 0) return std::nullopt;
  return find(w, action_id);
}

std::vector<model::Action> list_page(const Reader& r, const Filter& filter, const Offset& offset) {
  return r.connection.list(kListPage,
                           {r.tenant, filter.trigger_id, filter.name, deployed_parameter(filter), offset.per_page,
                            std::int64_t{offset.page} * offset.per_page},
                           read_action);
}

std::int64_t count(const Reader& r, const Filter& filter) {
  return *r.connection.maybe_one(kCount, {r.tenant, filter.trigger_id, filter.name, deployed_parameter(filter)},
                                 [](const sql::Row& row) { return row.integer(0); });
}

Written insert(const Writer& w, const model::Action& a) {
  const auto document = json::write(model::to_document(a.draft));
  const bool inserted =
      w.connection.execute(kInsert, {w.tenant, a.action_id, a.name, a.trigger_id, document, a.created_at, a.updated_at}) == 1;
  return inserted ? Written::done : Written::taken;
}

Written update(const Writer& w, const model::Action& a) {
  if (w.connection.maybe_one(kTaken, {w.tenant, a.action_id, a.name}, [](const sql::Row&) { return true; }))
    return Written::taken;
  const auto document = json::write(model::to_document(a.draft));
  if (w.connection.execute(kUpdate, {w.tenant, a.action_id, a.name, document, a.updated_at}) == 0) return Written::missing;
  // The name of what runs stands in the errors and logs of its runs.
  if (a.deployed_version) tenants::bump_config_version(w);
  return Written::done;
}

bool delete_one(const Writer& w, std::string_view action_id) {
  if (w.connection.execute(kDelete, {w.tenant, action_id}) == 0) return false;
  w.connection.execute(kDeleteVersions, {w.tenant, action_id});
  action_secrets::keep_only(w, action_id, {});
  trigger_bindings::delete_of_action(w, action_id);
  token_exchange_profiles::delete_of_action(w, action_id);
  tenants::bump_config_version(w);
  return true;
}

void deploy(const Writer& w, const model::ActionVersion& v) {
  w.connection.execute(kInsertVersion, {w.tenant, v.action_id, v.version_id, v.number, json::write(model::to_document(v.source)),
                                        v.created_at, v.lockfile});
  w.connection.execute(kDeploy, {w.tenant, v.action_id, v.version_id, v.number});
  tenants::bump_config_version(w);
}

std::int64_t prune_versions(const Writer& w, std::string_view action_id, int most) {
  return w.connection.execute(kPrune, {w.tenant, action_id, most});
}

void forget_unused_secrets(const Writer& w, std::string_view action_id) {
  const auto action = find(w, action_id);
  if (!action) return;
  std::set<std::string> named;
  for (const auto& secret : action->draft.secrets) named.insert(secret.secret_id);
  const auto versions =
      w.connection.list(kListAllVersions, {w.tenant, action_id}, [](const sql::Row& row) { return read_version(row, 0); });
  for (const auto& version : versions) {
    for (const auto& secret : version.source.secrets) named.insert(secret.secret_id);
  }
  action_secrets::keep_only(w, action_id, {named.begin(), named.end()});
}

std::optional<model::ActionVersion> find_version(const Reader& r, std::string_view action_id, std::string_view version_id) {
  return r.connection.maybe_one(kFindVersion, {r.tenant, action_id, version_id}, [&](const sql::Row& row) {
    auto out = read_version(row, 0);
    out.action_id = action_id;
    return out;
  });
}

std::vector<model::ActionVersion> list_versions(const Reader& r, std::string_view action_id, const Offset& offset) {
  return r.connection.list(kListVersions, {r.tenant, action_id, offset.per_page, std::int64_t{offset.page} * offset.per_page},
                           [&](const sql::Row& row) {
                             auto out = read_version(row, 0);
                             out.action_id = action_id;
                             return out;
                           });
}

std::int64_t count_versions(const Reader& r, std::string_view action_id) {
  return *r.connection.maybe_one(kCountVersions, {r.tenant, action_id}, [](const sql::Row& row) { return row.integer(0); });
}

std::string lockfile(const Reader& r, std::string_view action_id, std::string_view version_id) {
  return r.connection.maybe_one(kLockfile, {r.tenant, action_id, version_id}, [](const sql::Row& row) { return row.string(0); })
      .value_or("");
}

bool has_version(const Reader& r, std::string_view version_id) {
  return r.connection.maybe_one(kHasVersion, {r.tenant, version_id}, [](const sql::Row&) { return true; }).has_value();
}

std::vector<ModuleUse> module_uses(const Reader& r) {
  std::vector<ModuleUse> out;
  for (const auto& action : r.connection.list(kListAll, {r.tenant}, read_action)) {
    const auto add = [&](const model::ActionModuleReference& module) {
      out.push_back({action.action_id, action.name, action.trigger_id, action.draft.trigger_version, module});
    };
    for (const auto& module : action.draft.modules) add(module);
    if (!action.deployed_version) continue;
    const auto& drafted = action.draft.modules;
    for (const auto& module : action.deployed_version->source.modules) {
      if (std::find(drafted.begin(), drafted.end(), module) == drafted.end()) add(module);
    }
  }
  return out;
}

model::RunnableAction runnable(const Reader& r, const model::Action& action, const model::ActionVersion& version) {
  model::RunnableAction out{.action_id = action.action_id,
                            .name = action.name,
                            .trigger_id = action.trigger_id,
                            .version_id = version.version_id,
                            .number = version.number,
                            .runtime = version.source.runtime,
                            .code = version.source.code,
                            .dependencies = version.source.dependencies,
                            .secrets = action_secrets::with_values(r, action.action_id, version.source.secrets),
                            .modules = {},
                            .lockfile = version.lockfile};
  if (out.lockfile.empty() && !out.dependencies.empty()) out.lockfile = lockfile(r, action.action_id, version.version_id);
  for (const auto& reference : version.source.modules) {
    auto found = action_modules::find_version(r, reference.module_id, reference.module_version_id);
    if (!found) continue;
    out.modules.push_back(action_modules::runnable(r, reference.module_name, *found));
  }
  return out;
}

}  // namespace segue::store::actions
