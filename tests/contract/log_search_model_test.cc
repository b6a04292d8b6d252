// Random rows and random queries: the search finds what a plain look at every row finds.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

#include "management/log_query.h"
#include "store/logs.h"
#include "store/schema.h"
#include "support/fresh_database.h"
#include "support/manual_clock.h"

namespace segue::store {
namespace {

constexpr base::TenantId kModelTenant{1};

struct ModelRow {
  base::RowId id{};
  std::string type, client_id, user_id, ip, audience, description, date;
  std::string of(const std::string& field) const {
    if (field == "type") return type;
    if (field == "client_id") return client_id;
    if (field == "user_id") return user_id;
    if (field == "ip") return ip;
    if (field == "audience") return audience;
    if (field == "description") return description;
    if (field == "date") return date;
    return logs::log_id_of(id);
  }
};

// A query, as text and as what it means.
struct Asked {
  std::string text;
  std::function<bool(const ModelRow&)> holds;
};

class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}
  int below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  const std::string& one_of(const std::vector<std::string>& values) {
    return values[static_cast<std::size_t>(below(static_cast<int>(values.size())))];
  }

  std::vector<ModelRow> rows(int count, base::IdGenerator& ids, test::ManualClock& clock) {
    std::vector<ModelRow> out;
    for (int i = 0; i < count; ++i) {
      clock.advance(std::chrono::milliseconds(1 + below(5'000)));
      // Some users are rare, so that a page is not filled by a short look at the newest rows.
      const auto user = i % 97 == 5 ? "auth0|rare" + std::to_string(i) : one_of(kUsers);
      out.push_back({ids.next(), one_of(kTypes), one_of(kClients), user, one_of(kIps), one_of(kAudiences), one_of(kDescriptions),
                     base::to_iso8601(clock.now())});
    }
    rows_ = out;
    return out;
  }

  Asked query(int depth) {
    const auto kind = depth == 0 ? 9 : below(10);
    if (kind < 2) {
      auto inner = query(depth - 1);
      return {"NOT (" + inner.text + ")", [f = inner.holds](const ModelRow& r) { return !f(r); }};
    }
    if (kind < 7) {
      auto left = query(depth - 1), right = query(depth - 1);
      const bool is_and = below(2) == 0;
      return {"(" + left.text + ")" + (is_and ? " AND " : " OR ") + "(" + right.text + ")",
              [is_and, l = left.holds, r = right.holds](const ModelRow& row) {
                return is_and ? l(row) && r(row) : l(row) || r(row);
              }};
    }
    return term();
  }

 private:
  static std::string quoted(const std::string& text) { return "\"" + text + "\""; }

  Asked term() {
    static const std::vector<std::string> kFields = {"type",     "client_id",   "user_id", "ip",
                                                     "audience", "description", "log_id",  "date"};
    const auto field = one_of(kFields);
    const auto& pick = rows_[static_cast<std::size_t>(below(static_cast<int>(rows_.size())))];
    const auto value = pick.of(field);
    switch (below(6)) {
      case 0: {  // prefix
        if (value.size() < 2 || field == "description") break;
        const auto start = value.substr(0, value.size() - 1);
        std::string escaped;
        for (const char c : start) escaped += c == ':' ? "\\:" : std::string(1, c);
        return {field + ":" + escaped + "*", [field, start](const ModelRow& r) { return r.of(field).starts_with(start); }};
      }
      case 1: {  // inside
        if (field != "description" || value.size() < 8) break;
        const auto middle = value.substr(2, 4);
        if (middle.find(' ') != std::string::npos) break;
        return {field + ":*" + middle + "*",
                [field, middle](const ModelRow& r) { return r.of(field).find(middle) != std::string::npos; }};
      }
      case 2: return {"_exists_:" + field, [field](const ModelRow& r) { return !r.of(field).empty(); }};
      case 3: {  // range
        const auto other = rows_[static_cast<std::size_t>(below(static_cast<int>(rows_.size())))].of(field);
        const auto low = std::min(value, other), high = std::max(value, other);
        const bool with_low = below(2) == 0, with_high = below(2) == 0, open_low = below(4) == 0, open_high = below(4) == 0;
        if (open_low && open_high) break;
        return {field + ":" + (with_low ? "[" : "{") + (open_low ? "*" : quoted(low)) + " TO " +
                    (open_high ? "*" : quoted(high)) + (with_high ? "]" : "}"),
                [=](const ModelRow& r) {
                  const auto v = r.of(field);
                  return (open_low || (with_low ? v >= low : v > low)) && (open_high || (with_high ? v <= high : v < high));
                }};
      }
      default: break;
    }
    return {field + ":" + quoted(value), [field, value](const ModelRow& r) { return r.of(field) == value; }};
  }

  const std::vector<std::string> kTypes = {"s", "f", "sertft", "seacft", "w"};
  const std::vector<std::string> kClients = {"alpha", "alphabet", "beta", ""};
  const std::vector<std::string> kUsers = {"auth0|ada", "auth0|adam", "auth0|bob", ""};
  const std::vector<std::string> kIps = {"192.0.2.1", "192.0.2.12", "2001:db8::1"};
  const std::vector<std::string> kAudiences = {"urn:shop.example:session_transfer", "urn:shop.example:orders", "orders", ""};
  const std::vector<std::string> kDescriptions = {"Wrong email or password.", "Unknown or invalid refresh token.", "",
                                                  "Ünïcode text"};
  std::mt19937 random_;
  std::vector<ModelRow> rows_;
};

void compare_with_model(const std::string& url) {
  test::ManualClock clock;
  base::IdGenerator ids(clock, 7, base::Instant{});
  const auto database = sql::open_database(url);
  sql::migrate(*database, migrations());
  Store store(*database, ids);
  Maker maker(20'240'131);
  const auto rows = maker.rows(600, ids, clock);
  store.write(kModelTenant, [&](const Writer& w) {
    static constexpr sql::Statement kRow{"test.log", R"sql(
        insert into logs (tenant_id, log_row_id, type, transfer_id, record) values ($1, $2, $3, '', '{}'))sql"};
    std::vector<logs::IndexedFields> fields;
    for (const auto& row : rows) {
      w.connection.execute(kRow, {w.tenant, row.id, row.type});
      fields.push_back({.log_row_id = row.id,
                        .date = *base::from_iso8601(row.date),
                        .type = row.type,
                        .client_id = row.client_id,
                        .user_id = row.user_id,
                        .description = row.description,
                        .ip = row.ip,
                        .audience = row.audience});
    }
    logs::index(w, fields, rows.back().id);
    return true;
  });
  for (int round = 0; round < 600; ++round) {
    const auto asked = maker.query(maker.below(4));
    auto query = management::parse_log_query(asked.text);
    if (!query.ok()) {
      ASSERT_NE(query.error().description.find("too complex"), std::string::npos) << asked.text << "\n"
                                                                                  << query.error().description;
      continue;
    }
    query->order = maker.below(2) == 0 ? logs::Order::newest_first : logs::Order::oldest_first;
    std::vector<std::string> wanted;
    for (const auto& row : rows) {
      if (asked.holds(row)) wanted.push_back(logs::log_id_of(row.id));
    }
    if (query->order == logs::Order::newest_first) std::reverse(wanted.begin(), wanted.end());
    const int per_page = maker.below(2) == 0 ? 37 : 3;
    const int page = maker.below(3);
    std::vector<std::string> expected;
    for (std::size_t i = static_cast<std::size_t>(page * per_page); i < wanted.size() && std::ssize(expected) < per_page; ++i)
      expected.push_back(wanted[i]);
    const auto found = store.read(kModelTenant, [&](const Reader& r) { return logs::search(r, *query, page, per_page); });
    ASSERT_TRUE(found) << asked.text;
    std::vector<std::string> got;
    for (const auto& each : *found) got.push_back(each.log_id);
    ASSERT_EQ(got, expected) << asked.text;
  }
}

TEST(LogSearchModel, finds_what_a_look_at_every_row_finds_on_sqlite) { compare_with_model("sqlite::memory:"); }

TEST(LogSearchModel, finds_what_a_look_at_every_row_finds_on_postgres) {
  if (!test::FreshDatabase::server_url()) GTEST_SKIP() << "no PostgreSQL";
  const test::FreshDatabase fresh(*test::FreshDatabase::server_url());
  compare_with_model(fresh.url());
}

}  // namespace
}  // namespace segue::store
