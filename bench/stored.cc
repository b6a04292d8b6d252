#include "bench/stored.h"

#include <algorithm>

#include "sql/database.h"

namespace segue::bench {
namespace {

constexpr std::int64_t kSessionsPerUser = 5;
// Rows per transaction: the write-ahead log holds them all.
constexpr std::int64_t kRowsAtOnce = 100'000;

std::string numbers(std::int64_t first, std::int64_t last) {
  return "with recursive numbers(i) as (select cast(" + std::to_string(first) +
         " as bigint) union all select i + 1 from numbers where i < " + std::to_string(last) + ") ";
}

// Scatters names over an index, as random ones do (Knuth's multiplicative hash).
std::string scattered(const std::string& number) { return "cast((" + number + " * 2654435761) % 4294967296 as text)"; }

const std::string kUserColumns =
    "connection_id, username, username_normalized, password_hash, email_verified, blocked, logins_count, last_login, last_ip,"
    " last_password_reset, password_epoch, profile, created_at, updated_at";
const std::string kSessionColumns =
    "secret_hash, connection_id, organization_id, parent_family_id, parent_grant_id, transfer_id, opened_by_transfer, created_at,"
    " authenticated_at, last_interacted_at, idle_expires_at, expires_at, methods, initial_ip, initial_user_agent, last_ip,"
    " last_user_agent, persistent, password_epoch, revoked_at, revocation_cascades, metadata";

std::string users_script(std::int64_t first, std::int64_t last) {
  const std::string name = scattered("i") + " || '-' || cast(i as text)";
  return "insert into users (tenant_id, user_id, email, email_normalized, " + kUserColumns + ") " + numbers(first, last) +
         "select tenant_id, 'auth0|' || " + name + ", " + name + " || '@stored.example.com', " + name +
         " || '@stored.example.com', " + kUserColumns + " from numbers, (select * from users order by user_id limit 1) as one";
}

std::string sessions_script(std::int64_t first, std::int64_t last, std::int64_t users) {
  const std::string user = "(i % " + std::to_string(users) + " + 1)";
  return "insert into sessions (tenant_id, session_id, sid, user_id, " + kSessionColumns + ") " + numbers(first, last) +
         "select tenant_id, i, " + scattered("i") + " || '-' || cast(i as text), 'auth0|' || " + scattered(user) +
         " || '-' || cast(" + user + " as text), " + kSessionColumns +
         " from numbers, (select * from sessions order by session_id desc limit 1) as one";
}

// Ids below those of any session of the product, and times in 1970.
std::string ended_script(std::int64_t first, std::int64_t last) {
  return "insert into sessions (tenant_id, session_id, sid, user_id, secret_hash, connection_id, organization_id, transfer_id, "
         "opened_by_transfer, created_at, authenticated_at, last_interacted_at, idle_expires_at, expires_at, methods, "
         "initial_ip, "
         "initial_user_agent, last_ip, last_user_agent, persistent, password_epoch, revocation_cascades, metadata) " +
         numbers(first, last) + "select tenant_id, i, " + scattered("i") + " || '-' || cast(i as text), 'auth0|' || " +
         scattered("(i / 5)") +
         ", secret_hash, connection_id, organization_id, transfer_id, opened_by_transfer, 1, 1, 1, 2, 3, methods, initial_ip, "
         "initial_user_agent, last_ip, last_user_agent, persistent, password_epoch, revocation_cascades, metadata"
         " from numbers, (select * from sessions order by session_id desc limit 1) as one;"
         "insert into session_clients (tenant_id, session_id, client_id, transfer_id, created_at) " +
         numbers(first, last) + "select tenant_id, i, client_id, '', 1 from numbers, (select * from clients limit 1) as one";
}

constexpr sql::Statement kCountEnded{"bench.count_ended", "select count(*) from sessions where expires_at = 3"};

}  // namespace

void store_ended_sessions(const std::string& database_url, std::int64_t sessions) {
  const auto database = sql::open_database(database_url);
  for (std::int64_t first = 1; first <= sessions; first += kRowsAtOnce)
    database->run_script(ended_script(first, std::min(sessions, first + kRowsAtOnce - 1)));
}

std::int64_t count_ended_sessions(const std::string& database_url) {
  std::int64_t out = 0;
  sql::open_database(database_url)->read([&](sql::Connection& connection) {
    connection.run(kCountEnded, {}, [&](const sql::Row& row) { out = row.integer(0); });
  });
  return out;
}

void store_users(const std::string& database_url, std::int64_t users) {
  const auto database = sql::open_database(database_url);
  for (std::int64_t first = 1; first <= users; first += kRowsAtOnce) {
    database->run_script(users_script(first, std::min(users, first + kRowsAtOnce - 1)));
  }
}

void store_copies(const std::string& database_url, std::int64_t users) {
  store_users(database_url, users);
  const auto database = sql::open_database(database_url);
  const auto sessions = users * kSessionsPerUser;
  for (std::int64_t first = 1; first <= sessions; first += kRowsAtOnce) {
    database->run_script(sessions_script(first, std::min(sessions, first + kRowsAtOnce - 1), users));
  }
}

}  // namespace segue::bench
