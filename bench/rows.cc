#include "bench/rows.h"

#include <memory>
#include <stdexcept>

namespace segue::bench {
namespace {

using crypto::SignatureAlgorithm;
// Per thread. A session transfer token lives 60 seconds, so a batch is made and spent well within them.
constexpr std::size_t kTickets = 400;
using Tickets = std::vector<std::vector<std::string>>;

struct Rows {
  const World& world;
  const Load& load;

  std::string mint(int thread, HttpsClient& client, const std::vector<std::string>& refresh_tokens) const {
    const auto& token = refresh_tokens.at(static_cast<std::size_t>(thread));
    return member(expect(200, client.post("/oauth/token", {{"grant_type", "refresh_token"},
                                                           {"client_id", world.native_client()},
                                                           {"refresh_token", token},
                                                           {"audience", "urn:localhost:session_transfer"}})),
                  "access_token");
  }

  std::string redeem(HttpsClient& client, const WebClient& web, const std::string& transfer_token) const {
    const Form query = {
        {"response_type", "code"},  {"client_id", web.client_id}, {"redirect_uri", World::kRedirectUri},     {"scope", "openid"},
        {"audience", web.audience}, {"state", "bench"},           {"session_transfer_token", transfer_token}};
    const auto answer = client.get("/authorize?" + encode(query));
    const auto begin = expect(302, answer).location.find("code=");
    if (begin == std::string::npos) throw std::runtime_error("no code in " + answer.location);
    const auto from = begin + 5;
    return answer.location.substr(from, answer.location.find('&', from) - from);
  }

  Row exchange(std::string name, int signatures, double aim, const std::vector<std::string>& refresh_tokens) const {
    return {signatures == 0 ? 1 : 2,
            std::move(name),
            signatures,
            0,
            aim,
            [] {},
            false,
            [*this, &refresh_tokens](int thread, HttpsClient& client) {
              mint(thread, client, refresh_tokens);
              return true;
            }};
  }

  // A row that spends one-time tickets: `make` gives one, `spend` uses it up.
  template <class Make, class Spend>
  Row spending(Row row, Make make, Spend spend) const {
    const auto tickets = std::make_shared<Tickets>(static_cast<std::size_t>(load.threads));
    row.in_batches = true;
    row.prepare = [tickets, make, generator = load] {
      for (auto& left : *tickets) left.clear();
      Measurement ignored;
      generator.run(
          [&](int thread, HttpsClient& client) {
            auto& own = tickets->at(static_cast<std::size_t>(thread));
            if (own.size() == kTickets) return false;
            own.push_back(make(thread, client));
            return true;
          },
          20, ignored);
    };
    row.operation = [tickets, spend](int thread, HttpsClient& client) {
      auto& own = tickets->at(static_cast<std::size_t>(thread));
      if (own.empty()) return false;
      spend(client, own.back());
      own.pop_back();
      return true;
    };
    return row;
  }

  Row redemption() const {
    const auto& web = world.web_client(SignatureAlgorithm::RS256);
    return spending(
        {3, "redemption at /authorize -> code", 0, 0, 10'000},
        [*this](int thread, HttpsClient& client) { return mint(thread, client, world.plain_refresh_tokens()); },
        [*this, &web](HttpsClient& client, const std::string& token) { redeem(client, web, token); });
  }

  Row code_exchange(SignatureAlgorithm algorithm, std::string name, double aim) const {
    const bool rsa = algorithm == SignatureAlgorithm::RS256;
    const auto& web = world.web_client(algorithm);
    return spending(
        {4, std::move(name), rsa ? 2 : 0, rsa ? 0 : 2, aim},
        [*this, &web](int thread, HttpsClient& client) {
          return redeem(client, web, mint(thread, client, world.plain_refresh_tokens()));
        },
        [&web](HttpsClient& client, const std::string& code) {
          const auto answer = client.post("/oauth/token", {{"grant_type", "authorization_code"},
                                                           {"client_id", web.client_id},
                                                           {"client_secret", web.client_secret},
                                                           {"redirect_uri", World::kRedirectUri},
                                                           {"code", code}});
          member(expect(200, answer), "id_token");
        });
  }

  Row rotation(SignatureAlgorithm algorithm, std::string name, double aim) const {
    const bool rsa = algorithm == SignatureAlgorithm::RS256;
    const auto chains = std::make_shared<std::vector<std::string>>();
    return {5,
            std::move(name),
            rsa ? 2 : 0,
            rsa ? 0 : 2,
            aim,
            [*this, chains, algorithm] { *chains = world.rotating_refresh_tokens(algorithm); },
            false,
            [*this, chains, algorithm](int thread, HttpsClient& client) {
              auto& token = chains->at(static_cast<std::size_t>(thread));
              const auto answer = client.post(
                  "/oauth/token",
                  {{"grant_type", "refresh_token"}, {"client_id", world.rotating_client(algorithm)}, {"refresh_token", token}});
              member(expect(200, answer), "id_token");
              token = member(answer, "refresh_token");
              return true;
            }};
  }
};

}  // namespace

std::vector<Row> make_rows(const World& world, const Load& load) {
  const Rows rows{world, load};
  return {rows.exchange("exchange RT -> STT, no ID token", 0, 12'000, world.plain_refresh_tokens()),
          rows.exchange("exchange RT -> STT + RS256 ID token", 1, 0.75, world.openid_refresh_tokens()),
          rows.redemption(),
          rows.code_exchange(SignatureAlgorithm::RS256, "code exchange, AT + ID token, RS256", 0.40),
          rows.code_exchange(SignatureAlgorithm::ES256, "code exchange, AT + ID token, ES256", 6'000),
          rows.rotation(SignatureAlgorithm::RS256, "refresh + rotation, RS256", 0.40),
          rows.rotation(SignatureAlgorithm::ES256, "refresh + rotation, ES256", 7'000)};
}

Measurement measure(const Row& row, const Load& load, double seconds) {
  constexpr int kMostBatches = 12;
  Measurement sum;
  for (int batch = 0; batch < (row.in_batches ? kMostBatches : 1) && sum.wall_seconds < seconds; batch++) {
    row.prepare();
    load.run(row.operation, seconds - sum.wall_seconds, sum);
  }
  return sum;
}

}  // namespace segue::bench
