#include <fmt/format.h>

#include "app/commands.h"
#include "app/config.h"
#include "app/product.h"
#include "base/system_clock.h"
#include "crypto/system_random.h"
#include "management/routes.h"
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

std::string_view name_of(management::Honour honour) {
  switch (honour) {
    case management::Honour::enforced: return "enforced";
    case management::Honour::kept: return "kept for the tools";
    case management::Honour::refused: return "refused";
    case management::Honour::unstated: break;
  }
  return "";
}

// The fields that say what becomes of them; the members of such a field share its fate.
void describe_fields(const management::Field& field, const std::string& path, std::string& out) {
  if (field.honour != management::Honour::unstated) {
    const auto only = field.honour != management::Honour::refused ? ""
                      : field.only.empty()                        ? ""
                                                                  : ", but for `" + field.only + "`";
    out += fmt::format("| `{}` | {}{} | {} |\n", path.empty() ? "(all)" : path, name_of(field.honour), only, field.reason);
    return;
  }
  for (const auto& member : field.members) describe_fields(member, path.empty() ? member.name : path + "." + member.name, out);
}

std::string describe_settings() {
  std::string out =
      "# Settings\n\nPrinted by `segue describe settings`: what becomes of each field that the Management API takes, for the "
      "resources "
      "that say so. *Enforced*: this server does what it says. *Kept for the tools*: stored and shown, and it changes nothing "
      "here. *Refused*: any other value is answered with 400 and the reason.\n";
  for (const auto* const operation : management::all_operations()) {
    if (operation->body == nullptr) continue;
    std::string fields;
    describe_fields(operation->body->root, "", fields);
    if (fields.empty()) continue;
    out += fmt::format("\n## {} {}\n\n| field | | why |\n|---|---|---|\n{}", http::to_text(operation->method), operation->path,
                       fields);
  }
  return out;
}

}  // namespace

base::Result<std::string> describe(const std::string& what) {
  if (what == "config") return describe_config();
  if (what == "routes") return describe_routes();
  if (what == "settings") return describe_settings();
  return operator_error("`segue describe` knows config, routes and settings");
}

}  // namespace segue::app
