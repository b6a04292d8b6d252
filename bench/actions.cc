#include "bench/actions.h"

#include <cstdio>
#include <thread>

#include "bench/paced.h"
#include "bench/provider_rows.h"

namespace segue::bench {
namespace {

constexpr double kSignInsPerSecond = 50;
constexpr double kShareOfFull = 0.7;
constexpr const char* kWaits = "exports.onExecutePostLogin = async () => { await new Promise((done) => setTimeout(done, 50)); };";
constexpr const char* kEmpty = "exports.onExecutePostLogin = async () => {};";

void refresh(const World& world, int thread, HttpsClient& client) {
  const auto& token = world.plain_refresh_tokens().at(static_cast<std::size_t>(thread));
  expect(200, client.post("/oauth/token",
                          {{"grant_type", "refresh_token"}, {"client_id", world.native_client()}, {"refresh_token", token}}));
}

void authenticate_silently(const World& world, int thread, HttpsClient& client) {
  const auto& web = world.provider().rs256.web;
  const Form query = {{"response_type", "code"}, {"client_id", web.client_id}, {"redirect_uri", Provider::kRedirectUri},
                      {"scope", "openid"},       {"prompt", "none"},           {"audience", web.audience},
                      {"state", "bench"}};
  code_of(client.get("/authorize?" + encode(query), world.provider().sessions.at(static_cast<std::size_t>(thread))));
}

// One refresh after the other.
double median_of_refresh(const World& world, const Load& load) {
  Measurement sum;
  Load{load.server, load.target, 1}.run([&](int thread, HttpsClient& client) { return refresh(world, thread, client), true; }, 3,
                                        sum);
  return sum.percentile(0.5);
}

struct Both {
  Measurement sign_ins, tokens;
};

Both measure_both(const World& world, const Row& tokens, const Load& load, double tokens_per_second, double seconds) {
  Both out;
  {
    const std::jthread beside([&] {
      out.tokens = run_paced(load.target, tokens.operation, {tokens_per_second, load.threads}, seconds);
    });
    std::vector<int> turns(static_cast<std::size_t>(load.threads));
    out.sign_ins = run_paced(
        load.target,
        [&](int thread, HttpsClient& client) {
          if (turns[static_cast<std::size_t>(thread)]++ % 2 == 0) {
            refresh(world, thread, client);
          } else {
            authenticate_silently(world, thread, client);
          }
          return true;
        },
        {kSignInsPerSecond, load.threads}, seconds);
  }
  return out;
}

void print(const char* name, Both& both) {
  std::printf("  %-28s sign-ins %.0f/s, p50/p99 ms %.1f/%.1f; tokens %.0f/s, p50/p99 ms %.1f/%.1f\n", name, both.sign_ins.rate(),
              both.sign_ins.percentile(0.5), both.sign_ins.percentile(0.99), both.tokens.rate(), both.tokens.percentile(0.5),
              both.tokens.percentile(0.99));
  std::fflush(stdout);
}

}  // namespace

void measure_actions(const World& world, const Row& tokens, const Load& load, double seconds) {
  Measurement full;
  load.run(tokens.operation, 5, full);
  const double tokens_per_second = kShareOfFull * full.rate();
  std::printf("\nActions: %.0f sign-ins a second beside %d connections of \"%s\" at %.0f %% of %.0f/s, %.0f s each:\n",
              kSignInsPerSecond, load.threads, tokens.name.c_str(), 100 * kShareOfFull, full.rate(), seconds);
  std::fflush(stdout);
  const double bare = median_of_refresh(world, load);
  auto without = measure_both(world, tokens, load, tokens_per_second, seconds);
  print("without an Action", without);
  world.bind_action("empty", kEmpty);
  const double empty = median_of_refresh(world, load);
  world.bind_action("waits 50 ms", kWaits);
  const double waiting = median_of_refresh(world, load);
  auto with = measure_both(world, tokens, load, tokens_per_second, seconds);
  print("with one that waits 50 ms", with);
  std::printf(
      "  p99 of the tokens %.2f times; a refresh alone, p50 ms: %.2f without, %.2f with an empty Action (%.2f more), %.2f with "
      "the "
      "waiting one\n",
      with.tokens.percentile(0.99) / without.tokens.percentile(0.99), bare, empty, empty - bare, waiting);
  world.bind_nothing();
}

}  // namespace segue::bench
