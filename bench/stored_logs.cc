#include "bench/stored_logs.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/id_generator.h"
#include "base/system_clock.h"
#include "sql/database.h"

namespace segue::bench {
namespace {

constexpr std::int64_t kRowsAtOnce = 100'000;
constexpr std::int64_t kMillisApart = 34;

// Six digits after a 1, scattered (Knuth's multiplicative hash).
std::string digits(const std::string& seed) {
  return "cast(1000000 + (i * 2654435761 + " + seed + ") % 4294967296 % 1000000 as text)";
}

// The same values for both tables, as a select of `numbers`.
std::string rows(std::int64_t first, std::int64_t last, std::int64_t first_id) {
  return "with recursive numbers(i) as (select cast(" + std::to_string(first) +
         " as bigint) union all select i + 1 from numbers where i < " + std::to_string(last) +
         "), rows as (select (select min(tenant_id) from tenants) as tenant_id, " + std::to_string(first_id) + " + i * " +
         std::to_string(kMillisApart << 22) +
         " as id, i, case when i % 997 = 0 then 'fepft' when i % 10 = 0 then 'f' when i % 3 = 0 "
         "then 'seacft' else 's' end as type, 'client_' || cast(i % 20 as text) as client, 'auth0|' || " +
         digits("0") +
         " as user_id, '10.' || cast(i * 7919 % 256 as text) || '.' || cast(i * 104729 % 256 as text) || '.7' as ip, "
         "case when i % 1000 = 0 then 'urn:rare' else 'https://api-' || cast(i % 10 as text) end as audience, case when i % 10 = "
         "1 "
         "then 'tr_' || " +
         digits("7") + " else '' end as transfer_id from numbers) ";
}

std::string script(std::int64_t first, std::int64_t last, std::int64_t first_id, std::int64_t first_micros) {
  const auto select = rows(first, last, first_id);
  return "insert into logs (tenant_id, log_row_id, type, transfer_id, record) " + select +
         "select tenant_id, id, type, transfer_id, '{\"date\":\"2026-01-01T00:00:00.000Z\",\"type\":\"' || type || "
         "'\",\"client_id\":\"' "
         "|| client || '\",\"user_id\":\"' || user_id || '\",\"ip\":\"' || ip || '\",\"audience\":\"' || audience || "
         "'\",\"description\":\"stored by the bench\",\"user_agent\":\"Other 0.0.0 / Other 0.0.0\",\"hostname\":\"localhost\"}' "
         "from "
         "rows;insert into log_index (tenant_id, log_row_id, date, type, client_id, client_name, user_id, user_name, connection, "
         "connection_id, description, hostname, ip, organization_id, strategy, strategy_type, user_agent, audience, "
         "transfer_id) " +
         select + "select tenant_id, id, " + std::to_string(first_micros) + " + i * " + std::to_string(kMillisApart * 1000) +
         ", type, client, client, user_id, user_id || '@stored.example.com', 'Username-Password-Authentication', 'con_1', "
         "'stored by "
         "the bench', 'localhost', ip, '', 'auth0', 'database', 'Other 0.0.0 / Other 0.0.0', audience, transfer_id from rows";
}

// As the migrations make them. Filled afterwards, in order, instead of row by row all over them: minutes against half an hour.
constexpr std::pair<const char*, const char*> kIndexes[] = {
    {"log_index_by_type", "type"}, {"log_index_by_client", "client_id"},     {"log_index_by_user", "user_id"},
    {"log_index_by_ip", "ip"},     {"log_index_by_transfer", "transfer_id"}, {"log_index_by_audience", "audience"}};

}  // namespace

void store_logs(const std::string& database_url, std::int64_t rows) {
  const auto database = sql::open_database(database_url);
  for (const auto& [index, column] : kIndexes) database->run_script(std::string("drop index ") + index);
  const auto begin = base::SystemClock().now() - std::chrono::minutes(1) - rows * std::chrono::milliseconds(kMillisApart);
  const auto first_id = base::to_integer(base::IdGenerator::first_at(begin));
  for (std::int64_t first = 1; first <= rows; first += kRowsAtOnce)
    database->run_script(script(first, std::min(rows, first + kRowsAtOnce - 1), first_id, base::to_micros(begin)));
  for (const auto& [index, column] : kIndexes)
    database->run_script(std::string("create index ") + index + " on log_index (tenant_id, " + column + ", log_row_id)");
}

}  // namespace segue::bench
