#include "store/action_modules.h"

#include <set>

#include "store/action_secrets.h"
#include "store/document.h"

namespace segue::store::action_modules {
namespace {

#define SEGUE_MODULE                                                                                                         \
  "select m.module_id, m.name, m.document, m.created_at, m.updated_at, v.version_id, v.number, v.document, v.created_at "    \
  "from action_modules m left join action_module_versions v on v.tenant_id = m.tenant_id and v.module_id = m.module_id and " \
  "v.version_id = m.latest_version_id where m.tenant_id = $1 "
constexpr sql::Statement kFind{"action_modules.find", SEGUE_MODULE "and m.module_id = $2"};
constexpr sql::Statement kListPage{"action_modules.list_page",
                                   SEGUE_MODULE "order by m.created_at, m.module_id limit $2 offset $3"};
#undef SEGUE_MODULE
// See clients.find_for_change.
constexpr sql::Statement kLock{"action_modules.lock",
                               "update action_modules set created_at = created_at where tenant_id = $1 and module_id = $2"};
constexpr sql::Statement kCount{"action_modules.count", "select count(*) from action_modules where tenant_id = $1"};
constexpr sql::Statement kInsert{"action_modules.insert", R"sql(
    insert into action_modules (tenant_id, module_id, name, document, latest_version_id, created_at, updated_at)
    values ($1, $2, $3, $4, '', $5, $6) on conflict do nothing)sql"};
constexpr sql::Statement kUpdate{"action_modules.update_draft", R"sql(
    update action_modules set document = $3, updated_at = $4 where tenant_id = $1 and module_id = $2)sql"};
constexpr sql::Statement kDelete{"action_modules.delete", "delete from action_modules where tenant_id = $1 and module_id = $2"};
constexpr sql::Statement kDeleteVersions{"action_module_versions.delete_of_module",
                                         "delete from action_module_versions where tenant_id = $1 and module_id = $2"};
constexpr sql::Statement kInsertVersion{"action_module_versions.insert", R"sql(
    insert into action_module_versions (tenant_id, module_id, version_id, number, document, created_at, lockfile)
    values ($1, $2, $3, $4, $5, $6, $7))sql"};
constexpr sql::Statement kLockfile{"action_module_versions.lockfile", R"sql(
    select lockfile from action_module_versions where tenant_id = $1 and module_id = $2 and version_id = $3)sql"};
constexpr sql::Statement kPublish{"action_modules.publish", R"sql(
    update action_modules set latest_version_id = $3 where tenant_id = $1 and module_id = $2)sql"};
constexpr sql::Statement kHasVersion{"action_module_versions.has",
                                     "select 1 from action_module_versions where tenant_id = $1 and version_id = $2"};
#define SEGUE_VERSION                                                                                                            \
  "select module_id, version_id, number, document, created_at from action_module_versions where tenant_id = $1 and module_id = " \
  "$2 "
constexpr sql::Statement kFindVersion{"action_module_versions.find", SEGUE_VERSION "and version_id = $3"};
constexpr sql::Statement kListVersions{"action_module_versions.list", SEGUE_VERSION "order by number desc limit $3 offset $4"};
constexpr sql::Statement kListAllVersions{"action_module_versions.list_all", SEGUE_VERSION};
#undef SEGUE_VERSION
constexpr sql::Statement kCountVersions{"action_module_versions.count",
                                        "select count(*) from action_module_versions where tenant_id = $1 and module_id = $2"};

model::ActionSource source_of(const sql::Row& row, int column) {
  return model::action_source_from_document(document_of(row.text(column)));
}

model::ActionModule read_module(const sql::Row& row) {
  model::ActionModule out{.module_id = row.string(0),
                          .name = row.string(1),
                          .draft = source_of(row, 2),
                          .latest_version = {},
                          .created_at = row.instant(3),
                          .updated_at = row.instant(4)};
  if (!row.null(5)) {
    out.latest_version = model::ActionModuleVersion{.module_id = out.module_id,
                                                    .version_id = row.string(5),
                                                    .number = row.integer(6),
                                                    .source = source_of(row, 7),
                                                    .created_at = row.instant(8)};
  }
  return out;
}

model::ActionModuleVersion read_version(const sql::Row& row) {
  return {row.string(0), row.string(1), row.integer(2), source_of(row, 3), row.instant(4)};
}

}  // namespace

std::optional<model::ActionModule> find(const Reader& r, std::string_view module_id) {
  return r.connection.maybe_one(kFind, {r.tenant, module_id}, read_module);
}

std::optional<model::ActionModule> find_for_change(const Writer& w, std::string_view module_id) {
  if (w.connection.execute(kLock, {w.tenant, module_id}) == 0) return std::nullopt;
  return find(w, module_id);
}

std::vector<model::ActionModule> list_page(const Reader& r, const Offset& offset) {
  return r.connection.list(kListPage, {r.tenant, offset.per_page, std::int64_t{offset.page} * offset.per_page}, read_module);
}

std::int64_t count(const Reader& r) {
  return *r.connection.maybe_one(kCount, {r.tenant}, [](const sql::Row& row) { return row.integer(0); });
}

bool insert(const Writer& w, const model::ActionModule& m) {
  return w.connection.execute(
             kInsert, {w.tenant, m.module_id, m.name, json::write(model::to_document(m.draft)), m.created_at, m.updated_at}) == 1;
}

bool update_draft(const Writer& w, const model::ActionModule& m) {
  return w.connection.execute(kUpdate, {w.tenant, m.module_id, json::write(model::to_document(m.draft)), m.updated_at}) == 1;
}

bool delete_one(const Writer& w, std::string_view module_id) {
  if (w.connection.execute(kDelete, {w.tenant, module_id}) == 0) return false;
  w.connection.execute(kDeleteVersions, {w.tenant, module_id});
  action_secrets::keep_only(w, module_id, {});
  return true;
}

void publish(const Writer& w, const model::ActionModuleVersion& v) {
  w.connection.execute(kInsertVersion, {w.tenant, v.module_id, v.version_id, v.number, json::write(model::to_document(v.source)),
                                        v.created_at, v.lockfile});
  w.connection.execute(kPublish, {w.tenant, v.module_id, v.version_id});
}

model::RunnableModule runnable(const Reader& r, const std::string& name, const model::ActionModuleVersion& v) {
  model::RunnableModule out{.name = name,
                            .version_id = v.version_id,
                            .code = v.source.code,
                            .dependencies = v.source.dependencies,
                            .secrets = action_secrets::with_values(r, v.module_id, v.source.secrets),
                            .lockfile = v.lockfile};
  if (out.lockfile.empty() && !out.dependencies.empty()) out.lockfile = lockfile(r, v.module_id, v.version_id);
  return out;
}

bool has_version(const Reader& r, std::string_view version_id) {
  return r.connection.maybe_one(kHasVersion, {r.tenant, version_id}, [](const sql::Row&) { return true; }).has_value();
}

std::string lockfile(const Reader& r, std::string_view module_id, std::string_view version_id) {
  return r.connection.maybe_one(kLockfile, {r.tenant, module_id, version_id}, [](const sql::Row& row) { return row.string(0); })
      .value_or("");
}

void forget_unused_secrets(const Writer& w, std::string_view module_id) {
  const auto module = find(w, module_id);
  if (!module) return;
  std::set<std::string> named;
  for (const auto& secret : module->draft.secrets) named.insert(secret.secret_id);
  for (const auto& version : w.connection.list(kListAllVersions, {w.tenant, module_id}, read_version)) {
    for (const auto& secret : version.source.secrets) named.insert(secret.secret_id);
  }
  action_secrets::keep_only(w, module_id, {named.begin(), named.end()});
}

std::optional<model::ActionModuleVersion> find_version(const Reader& r, std::string_view module_id, std::string_view version_id) {
  return r.connection.maybe_one(kFindVersion, {r.tenant, module_id, version_id}, read_version);
}

std::vector<model::ActionModuleVersion> list_versions(const Reader& r, std::string_view module_id, const Offset& offset) {
  return r.connection.list(kListVersions, {r.tenant, module_id, offset.per_page, std::int64_t{offset.page} * offset.per_page},
                           read_version);
}

std::int64_t count_versions(const Reader& r, std::string_view module_id) {
  return *r.connection.maybe_one(kCountVersions, {r.tenant, module_id}, [](const sql::Row& row) { return row.integer(0); });
}

}  // namespace segue::store::action_modules
