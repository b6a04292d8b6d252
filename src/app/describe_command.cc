#include <fmt/format.h>

#include "app/commands.h"
#include "app/config.h"
#include "app/describe_settings.h"
#include "app/product.h"
#include "base/system_clock.h"
#include "crypto/system_random.h"
#include "sql/migrator.h"
#include "store/schema.h"

namespace segue::app {
namespace {

std::string_view name_of(http::Lane lane) {
  switch (lane) {
    case http::Lane::quick: return "quick";
    case http::Lane::hashing: return "hashing";
    case http::Lane::outbound: return "outbound";
    case http::Lane::fiber: return "fiber";
    case http::Lane::io: break;
  }
  return "io";
}

std::string_view name_of(http::CrossOrigin origins) {
  return origins == http::CrossOrigin::none ? "" : origins == http::CrossOrigin::any ? "any" : "registered";
}

// The routes of a product without tenants.
std::string describe_routes() {
  const auto database = sql::open_database("sqlite::memory:");
  sql::migrate(*database, store::migrations());
  const base::SystemClock clock;
  crypto::SystemRandom random;
  const auto key_file = tenancy::KeyFile::generate(random);
  const geoip::GeoIp geoip;
  oauth::EmptyPipeline pipeline;
  base::IdGenerator ids(clock, 0, {});
  const Product product({*database, ids, clock, random, key_file, geoip, pipeline}, {});
  std::string out =
      "# Routes\n\nPrinted by `segue describe routes`. A `GET` route also answers `HEAD`. *Lane*: which threads run the handler "
      "first. *Origins*: "
      "which web origins may read the answer (CORS).\n\n| method | path | lane | body limit | origins | "
      "|\n|---|---|---|---|---|---|\n";
  for (const auto& route : product.router().routes()) {
    out += fmt::format("| {} | `{}` | {} | {} | {} | {} |\n", http::to_text(route.method), route.path, name_of(route.lane),
                       route.body_limit, name_of(route.cross_origin), route.summary);
  }
  return out;
}

}  // namespace

base::Result<std::string> describe(const std::string& what) {
  if (what == "config") return describe_config();
  if (what == "routes") return describe_routes();
  if (what == "settings") return describe_settings();
  if (what == "resources") return describe_resources();
  return operator_error("`segue describe` knows config, routes, settings and resources");
}

}  // namespace segue::app
