#include "store/clients.h"

#include "store/document.h"
#include "store/invitations.h"
#include "store/tenants.h"
#include "store/user_consents.h"

namespace segue::store::clients {
namespace {

constexpr sql::Statement kFind{"clients.find", R"sql(
    select client_id, document, sealed_client_secret, created_at, updated_at from clients
     where tenant_id = $1 and client_id = $2)sql"};
// An update that changes nothing locks the row on both engines and returns it as it stands now.
constexpr sql::Statement kFindForChange{"clients.find_for_change", R"sql(
    update clients set updated_at = updated_at where tenant_id = $1 and client_id = $2
 returning client_id, document, sealed_client_secret, created_at, updated_at)sql"};
constexpr sql::Statement kListAfter{"clients.list_after", R"sql(
    select client_id, document, sealed_client_secret, created_at, updated_at from clients
     where tenant_id = $1 and client_id > $2
       and ($3 is null or is_global = $3) and ($4 is null or is_first_party = $4)
       and ($5 = '' or replace($5, $6 || app_type || $6, '') <> $5)
     order by client_id limit $7)sql"};
constexpr sql::Statement kListPage{"clients.list_page", R"sql(
    select client_id, document, sealed_client_secret, created_at, updated_at from clients
     where tenant_id = $1
       and ($2 is null or is_global = $2) and ($3 is null or is_first_party = $3)
       and ($4 = '' or replace($4, $5 || app_type || $5, '') <> $4)
     order by created_at, client_id limit $6 offset $7)sql"};
constexpr sql::Statement kCount{"clients.count", R"sql(
    select count(*) from clients
     where tenant_id = $1
       and ($2 is null or is_global = $2) and ($3 is null or is_first_party = $3)
       and ($4 = '' or replace($4, $5 || app_type || $5, '') <> $4))sql"};
constexpr sql::Statement kDocuments{"clients.documents", "select document from clients where tenant_id = $1 order by client_id"};
constexpr sql::Statement kWithNames{"clients.with_names", R"sql(
    select client_id, document from clients
     where tenant_id = $1 and (document like '%"client_aliases"%' or document like '%"addons"%') order by client_id)sql"};
constexpr sql::Statement kInsert{"clients.insert", R"sql(
    insert into clients (tenant_id, client_id, name, app_type, is_first_party, is_global, sealed_client_secret, document,
                         created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    on conflict (tenant_id, client_id) do nothing)sql"};
constexpr sql::Statement kUpdate{"clients.update", R"sql(
    update clients set name = $3, app_type = $4, is_first_party = $5, is_global = $6, sealed_client_secret = $7, document = $8,
                       updated_at = $9
     where tenant_id = $1 and client_id = $2)sql"};
constexpr sql::Statement kDeleteGrants{"clients.delete_client_grants", R"sql(
    delete from client_grants where tenant_id = $1 and client_id = $2)sql"};
constexpr sql::Statement kDeletePlaces{"clients.delete_connection_clients", R"sql(
    delete from connection_clients where tenant_id = $1 and client_id = $2)sql"};
constexpr sql::Statement kDeleteCredentials{"clients.delete_client_credentials", R"sql(
    delete from client_credentials where tenant_id = $1 and client_id = $2)sql"};
constexpr sql::Statement kDelete{"clients.delete", "delete from clients where tenant_id = $1 and client_id = $2"};

model::Client read_client(const sql::Row& row) {
  auto out = model::client_from_document(row.string(0), document_of(row.text(1)));
  out.sealed_client_secret = std::string(row.bytes(2));
  out.created_at = row.instant(3);
  out.updated_at = row.instant(4);
  return out;
}

std::string app_type_of(const model::Client& client) { return json::find_string(client.document, "app_type").value_or(""); }

}  // namespace

std::optional<model::Client> find(const Reader& r, std::string_view client_id) {
  return r.connection.maybe_one(kFind, {r.tenant, client_id}, read_client);
}

std::optional<model::Client> find_for_change(const Writer& w, std::string_view client_id) {
  return w.connection.maybe_one(kFindForChange, {w.tenant, client_id}, read_client);
}

std::vector<model::Client> list_after(const Reader& r, const Filter& filter, const Keyset& keyset) {
  const auto types = list_parameter(filter.app_types);
  return r.connection.list(kListAfter,
                           {r.tenant, keyset.after, filter.is_global, filter.is_first_party, types, kListSeparator, keyset.take},
                           read_client);
}

std::vector<model::Client> list_page(const Reader& r, const Filter& filter, const Offset& offset) {
  const auto types = list_parameter(filter.app_types);
  return r.connection.list(kListPage,
                           {r.tenant, filter.is_global, filter.is_first_party, types, kListSeparator, offset.per_page,
                            std::int64_t{offset.page} * offset.per_page},
                           read_client);
}

std::int64_t count(const Reader& r, const Filter& filter) {
  const auto types = list_parameter(filter.app_types);
  return *r.connection.maybe_one(kCount, {r.tenant, filter.is_global, filter.is_first_party, types, kListSeparator},
                                 [](const sql::Row& row) { return row.integer(0); });
}

std::vector<std::string> declared_urls(const Reader& r) {
  std::vector<std::string> out;
  r.connection.run(kDocuments, std::initializer_list<sql::Param>{r.tenant}, [&](const sql::Row& row) {
    const auto document = document_of(row.text(0));
    for (const auto* const name : {"callbacks", "allowed_origins", "web_origins"}) {
      for (auto& url : json::find_strings(document, name)) out.push_back(std::move(url));
    }
  });
  return out;
}

Names names(const Reader& r) {
  Names out;
  r.connection.run(kWithNames, std::initializer_list<sql::Param>{r.tenant}, [&](const sql::Row& row) {
    const auto document = document_of(row.text(1));
    for (auto& name : json::find_strings(document, "client_aliases")) out.aliases.push_back({std::move(name), row.string(0)});
    for (const auto& addon : json::object_or_empty(document, "addons")) {
      if (!addon.value().is_object()) continue;
      if (auto audience = json::find_string(addon.value().get_object(), "audience"))
        out.audiences.push_back({std::move(*audience), row.string(0)});
    }
  });
  return out;
}

bool insert(const Writer& w, const model::Client& client) {
  const bool inserted =
      w.connection.execute(kInsert, {w.tenant, client.client_id, client.name, app_type_of(client), client.is_first_party,
                                     client.is_global, base::as_bytes(client.sealed_client_secret), json::write(client.document),
                                     client.created_at, client.updated_at}) == 1;
  if (inserted) tenants::bump_config_version(w);
  return inserted;
}

bool update(const Writer& w, const model::Client& client) {
  const bool updated =
      w.connection.execute(kUpdate,
                           {w.tenant, client.client_id, client.name, app_type_of(client), client.is_first_party, client.is_global,
                            base::as_bytes(client.sealed_client_secret), json::write(client.document), client.updated_at}) == 1;
  if (updated) tenants::bump_config_version(w);
  return updated;
}

bool delete_one(const Writer& w, std::string_view client_id) {
  if (w.connection.execute(kDelete, {w.tenant, client_id}) == 0) return false;
  w.connection.execute(kDeleteGrants, {w.tenant, client_id});
  w.connection.execute(kDeletePlaces, {w.tenant, client_id});
  w.connection.execute(kDeleteCredentials, {w.tenant, client_id});
  user_consents::delete_of_client(w, client_id);
  invitations::delete_of_client(w, client_id);
  tenants::bump_config_version(w);
  return true;
}

}  // namespace segue::store::clients
