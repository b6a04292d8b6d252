#include "bench/rows.h"

#include "bench/provider_rows.h"
#include "bench/saml_row.h"

namespace segue::bench {
namespace {

struct Rows {
  const World& world;
  const Load& load;

  Row exchange(int number, std::string name, Bound bound, double aim, const std::vector<std::string>& refresh_tokens) const {
    Row out{number, std::move(name), bound, 0, aim, {}};
    out.operation = [*this, &refresh_tokens](int thread, HttpsClient& client) {
      world.mint(client, refresh_tokens.at(static_cast<std::size_t>(thread)));
      return true;
    };
    return out;
  }

  Row redemption() const {
    return spending(
        {3, "redemption at /authorize -> code", Bound::commit, 0, 10'000, {}}, load,
        [*this](int thread, HttpsClient& client) {
          return world.mint(client, world.plain_refresh_tokens().at(static_cast<std::size_t>(thread)));
        },
        [*this](HttpsClient& client, const std::string& token) { code_of(world.redeem(client, token)); });
  }
};

}  // namespace

std::vector<Row> make_rows(const World& world, const Load& load) {
  const Rows rows{world, load};
  std::vector<Row> out = {
      rows.exchange(1, "exchange RT -> STT, no ID token", Bound::commit, 12'000, world.plain_refresh_tokens()),
      rows.exchange(2, "exchange RT -> STT + RS256 ID token", Bound::rsa, 0.75, world.openid_refresh_tokens()),
      rows.redemption()};
  for (auto& row : provider_rows(world.provider(), load)) out.push_back(std::move(row));
  out.push_back(saml_row(world));
  return out;
}

}  // namespace segue::bench
