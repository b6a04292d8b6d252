#include "store/settings_documents.h"

#include "store/document.h"
#include "store/tenants.h"

namespace segue::store::settings_documents {
namespace {

constexpr sql::Statement kFind{"settings_documents.find", R"sql(
    select kind, name, document, sealed from settings_documents where tenant_id = $1 and kind = $2 and name = $3)sql"};
constexpr sql::Statement kList{"settings_documents.list", R"sql(
    select kind, name, document, sealed from settings_documents where tenant_id = $1 and kind = $2 order by name)sql"};
constexpr sql::Statement kPut{"settings_documents.put", R"sql(
    insert into settings_documents (tenant_id, kind, name, document, sealed, updated_at) values ($1, $2, $3, $4, $5, $6)
        on conflict (tenant_id, kind, name) do update
       set document = excluded.document, sealed = excluded.sealed, updated_at = excluded.updated_at)sql"};
constexpr sql::Statement kDelete{"settings_documents.delete",
                                 "delete from settings_documents where tenant_id = $1 and kind = $2 and name = $3"};

Document read_document(const sql::Row& row) {
  return {
      .kind = row.string(0), .name = row.string(1), .document = document_of(row.text(2)), .sealed = std::string(row.bytes(3))};
}

}  // namespace

std::optional<Document> find(const Reader& r, std::string_view kind, std::string_view name) {
  return r.connection.maybe_one(kFind, {r.tenant, kind, name}, read_document);
}

std::vector<Document> list(const Reader& r, std::string_view kind) {
  return r.connection.list(kList, {r.tenant, kind}, read_document);
}

std::optional<Document> find_for_change(const Writer& w, std::string_view kind, std::string_view name) {
  tenants::find_for_change(w);
  return find(w, kind, name);
}

void put(const Writer& w, const Document& d, base::Instant now) {
  w.connection.execute(kPut, {w.tenant, d.kind, d.name, json::write(d.document), base::as_bytes(d.sealed), now});
  tenants::bump_config_version(w);
}

bool delete_one(const Writer& w, std::string_view kind, std::string_view name) {
  if (w.connection.execute(kDelete, {w.tenant, kind, name}) == 0) return false;
  tenants::bump_config_version(w);
  return true;
}

}  // namespace segue::store::settings_documents
