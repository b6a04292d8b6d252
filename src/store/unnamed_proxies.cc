#include "store/unnamed_proxies.h"

namespace segue::store::unnamed_proxies {
namespace {

constexpr sql::Statement kNote{"unnamed_proxies.note", R"sql(
    insert into unnamed_proxies (address, header, seen_at)
    select $1, $2, $3 where (select count(*) from unnamed_proxies where address <> $1) < $4
    on conflict (address) do update set header = excluded.header, seen_at = excluded.seen_at)sql"};
constexpr sql::Statement kForget{"unnamed_proxies.forget_before", "delete from unnamed_proxies where seen_at < $1"};
constexpr sql::Statement kList{"unnamed_proxies.list", "select address, header, seen_at from unnamed_proxies order by address"};

}  // namespace

void note(sql::Connection& connection, const UnnamedProxy& proxy) {
  connection.execute(kNote, {proxy.address, proxy.header, proxy.seen_at, kMost});
}

void forget_before(sql::Connection& connection, base::Instant since) { connection.execute(kForget, {since}); }

std::vector<UnnamedProxy> list(sql::Connection& connection) {
  std::vector<UnnamedProxy> out;
  connection.run(kList, {}, [&](const sql::Row& row) {
    out.push_back({std::string(row.text(0)), std::string(row.text(1)), row.instant(2)});
  });
  return out;
}

}  // namespace segue::store::unnamed_proxies
