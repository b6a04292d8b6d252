#include "store/sealed_values.h"

namespace segue::store::sealed_values {
namespace {

constexpr Column kColumns[] = {
    {"tenant_secret",
     {"sealed_values.list_tenant_secrets", "select purpose, wrapped from tenant_secrets where tenant_id = $1"},
     {"sealed_values.replace_tenant_secret",
      "update tenant_secrets set wrapped = $4 where tenant_id = $1 and purpose = $2 and wrapped = $3"}},
    // Revoked ones too: nothing in the database stays under a key that is given up.
    {"signing_key",
     {"sealed_values.list_signing_keys", "select kid, wrapped_private_key from signing_keys where tenant_id = $1"},
     {"sealed_values.replace_signing_key", R"sql(
        update signing_keys set wrapped_private_key = $4 where tenant_id = $1 and kid = $2 and wrapped_private_key = $3)sql"}},
    {"client_secret",
     {"sealed_values.list_client_secrets", "select client_id, sealed_client_secret from clients where tenant_id = $1"},
     {"sealed_values.replace_client_secret", R"sql(
        update clients set sealed_client_secret = $4 where tenant_id = $1 and client_id = $2 and sealed_client_secret = $3)sql"}},
    {"action_secret",
     {"sealed_values.list_action_secrets", "select secret_id, sealed from action_secrets where tenant_id = $1"},
     {"sealed_values.replace_action_secret",
      "update action_secrets set sealed = $4 where tenant_id = $1 and secret_id = $2 and sealed = $3"}},
    {"log_stream_secrets",
     {"sealed_values.list_log_stream_secrets", "select log_stream_id, sealed_secrets from log_streams where tenant_id = $1"},
     {"sealed_values.replace_log_stream_secrets", R"sql(
        update log_streams set sealed_secrets = $4 where tenant_id = $1 and log_stream_id = $2 and sealed_secrets = $3)sql"}},
    {"mail",
     {"sealed_values.list_mails", "select cast(mail_id as text), sealed from mails where tenant_id = $1"},
     {"sealed_values.replace_mail",
      "update mails set sealed = $4 where tenant_id = $1 and mail_id = cast($2 as bigint) and sealed = $3"}},
    {"email_provider",
     {"sealed_values.list_email_provider",
      "select name, sealed from settings_documents where tenant_id = $1 and kind = 'email_provider'"},
     {"sealed_values.replace_email_provider", R"sql(
        update settings_documents set sealed = $4
         where tenant_id = $1 and kind = 'email_provider' and name = $2 and sealed = $3)sql"}},
};

}  // namespace

std::span<const Column> columns() { return kColumns; }

const Column* find_column(std::string_view purpose) {
  for (const auto& column : kColumns) {
    if (column.purpose == purpose) return &column;
  }
  return nullptr;
}

std::vector<Value> list(const Reader& r, const Column& column) {
  std::vector<Value> out;
  r.connection.run(column.list, std::initializer_list<sql::Param>{r.tenant}, [&](const sql::Row& row) {
    // An empty value is an absent one.
    if (!row.bytes(1).empty()) out.push_back({row.string(0), std::string(row.bytes(1))});
  });
  return out;
}

bool replace(const Writer& w, const Column& column, const Value& from, std::string_view to) {
  return w.connection.execute(column.replace, {w.tenant, from.id, base::as_bytes(from.sealed), base::as_bytes(to)}) == 1;
}

}  // namespace segue::store::sealed_values
