#include "bench/provider_rows.h"

#include <memory>
#include <stdexcept>

namespace segue::bench {
namespace {

using crypto::SignatureAlgorithm;

struct Rows {
  const Provider& provider;
  const Load& load;

  // What an RS256 row must reach as a share of the sign rate, an ES256 row as a rate.
  static Row row(int number, std::string name, SignatureAlgorithm algorithm, int signatures, double rs256_aim, double es256_aim) {
    const bool rsa = algorithm == SignatureAlgorithm::RS256;
    name += rsa ? ", RS256" : ", ES256";
    return {number, std::move(name), rsa ? Bound::rsa : Bound::commit, rsa ? 0 : signatures, rsa ? rs256_aim : es256_aim, {}};
  }

  std::string authorize(const Application& web, int thread, HttpsClient& client) const {
    const Form query = {{"response_type", "code"},
                        {"client_id", web.client_id},
                        {"redirect_uri", Provider::kRedirectUri},
                        {"scope", "openid"},
                        {provider.audience_parameter, web.audience},
                        {"state", "bench"}};
    return code_of(
        client.get(provider.authorize_path + "?" + encode(query), provider.sessions.at(static_cast<std::size_t>(thread))));
  }

  Row code_exchange(SignatureAlgorithm algorithm) const {
    const auto& web = provider.of(algorithm).web;
    return spending(
        row(4, "code exchange, AT + ID token", algorithm, 2, 0.40, 6'000), load,
        [*this, &web](int thread, HttpsClient& client) { return authorize(web, thread, client); },
        [*this, &web](HttpsClient& client, const std::string& code) {
          const auto answer = client.post(provider.token_path, {{"grant_type", "authorization_code"},
                                                                {"client_id", web.client_id},
                                                                {"client_secret", web.client_secret},
                                                                {"redirect_uri", Provider::kRedirectUri},
                                                                {"code", code}});
          member(expect(200, answer), "id_token");
        });
  }

  Row rotation(SignatureAlgorithm algorithm) const {
    const auto chains = std::make_shared<std::vector<std::string>>();
    Row out = row(5, "refresh + rotation", algorithm, 2, 0.40, 7'000);
    out.prepare = [*this, chains, algorithm] { *chains = provider.rotating_refresh_tokens(algorithm); };
    out.operation = [*this, chains, algorithm](int thread, HttpsClient& client) {
      auto& token = chains->at(static_cast<std::size_t>(thread));
      const auto answer = client.post(
          provider.token_path,
          {{"grant_type", "refresh_token"}, {"client_id", provider.of(algorithm).rotating}, {"refresh_token", token}});
      member(expect(200, answer), "id_token");
      token = member(answer, "refresh_token");
      return true;
    };
    return out;
  }

  Row client_credentials(SignatureAlgorithm algorithm) const {
    const auto& machine = provider.of(algorithm).machine;
    Row out = row(6, "client credentials", algorithm, 1, 0.75, 12'000);
    out.operation = [*this, &machine](int, HttpsClient& client) {
      expect(200, client.post(provider.token_path, {{"grant_type", "client_credentials"},
                                                    {"client_id", machine.client_id},
                                                    {"client_secret", machine.client_secret},
                                                    {provider.audience_parameter, machine.audience}}));
      return true;
    };
    return out;
  }

  Row document(std::string name, std::string path) const {
    Row out{7, std::move(name), Bound::http, 0, 0.90, {}};
    out.operation = [path = std::move(path)](int, HttpsClient& client) {
      expect(200, client.get(path));
      return true;
    };
    return out;
  }

  Row authorize_with_session() const {
    Row out{8, "authorize with a session -> code", Bound::commit, 0, 0, {}};
    out.operation = [*this](int thread, HttpsClient& client) {
      authorize(provider.rs256.web, thread, client);
      return true;
    };
    return out;
  }
};

}  // namespace

std::vector<Row> provider_rows(const Provider& provider, const Load& load) {
  const Rows rows{provider, load};
  return {rows.code_exchange(SignatureAlgorithm::RS256),
          rows.code_exchange(SignatureAlgorithm::ES256),
          rows.rotation(SignatureAlgorithm::RS256),
          rows.rotation(SignatureAlgorithm::ES256),
          rows.client_credentials(SignatureAlgorithm::RS256),
          rows.client_credentials(SignatureAlgorithm::ES256),
          rows.document("discovery", "/.well-known/openid-configuration"),
          rows.document("JWKS", provider.keys_path),
          rows.authorize_with_session()};
}

std::string code_of(const Response& answer) {
  if (answer.status != 302 && answer.status != 303) expect(302, answer);
  const auto begin = answer.location.find("code=");
  if (begin == std::string::npos) throw std::runtime_error("no code in " + answer.location);
  const auto from = begin + 5;
  return answer.location.substr(from, answer.location.find('&', from) - from);
}

}  // namespace segue::bench
