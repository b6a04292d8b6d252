#include "management/signing_keys_api.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/text.h"
#include "crypto/certificates.h"
#include "management/answers.h"
#include "management/errors.h"
#include "store/signing_keys.h"
#include "store/tenants.h"

namespace segue::management {
namespace signing_keys_api {
namespace {

using store::signing_keys::Row;
using tenancy::KeyState;

Error inexistent_key() { return not_found("The signing key does not exist", "inexistent_signing_key"); }

// "AB:CD:…" of the certificate, as browsers show it.
std::string with_colons(const std::string& hex) {
  std::string out;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    if (i > 0) out += ':';
    out += hex.substr(i, 2);
  }
  return out;
}

json::object answer_of(const Row& key) {
  const bool usable = !key.revoked_at;
  json::object out{{"kid", key.kid},
                   {"alg", key.alg},
                   {"cert", key.certificate},
                   {"pkcs7", crypto::certificate_pkcs7(key.certificate)},
                   {"current", usable && key.state == "current"},
                   {"next", usable && key.state == "next"},
                   {"previous", usable && key.state == "previous"},
                   {"revoked", !usable}};
  if (key.state != "next") out["current_since"] = base::to_iso8601(key.current_since.value_or(key.created_at));
  if (key.current_until) out["current_until"] = base::to_iso8601(*key.current_until);
  if (key.revoked_at) out["revoked_at"] = base::to_iso8601(*key.revoked_at);
  if (const auto der = crypto::certificate_der(key.certificate)) {
    const auto digest = base::hex(base::as_bytes(crypto::sha1(*der)));
    out["thumbprint"] = digest;
    out["fingerprint"] = with_colons(digest);
  }
  return out;
}

json::object named(const Row& key) { return {{"kid", key.kid}, {"cert", key.certificate}}; }

base::Result<http::Response> list_keys(const Services& services, Invocation& invocation) {
  auto keys = services.tenants.store().read(invocation.call.tenant,
                                            [](const store::Reader& r) { return store::signing_keys::list_all(r); });
  // RS256 first: it is the only algorithm that many readers of this list know.
  std::stable_sort(keys.begin(), keys.end(), [](const Row& a, const Row& b) { return a.alg > b.alg; });
  json::array out;
  for (const auto& key : keys) out.push_back(answer_of(key));
  return json_answer(200, out);
}

base::Result<http::Response> get_key(const Services& services, Invocation& invocation) {
  const auto kid = invocation.call.path_parameter("kid");
  const auto key = services.tenants.store().read(invocation.call.tenant,
                                                 [&](const store::Reader& r) { return store::signing_keys::find(r, kid); });
  if (!key) return inexistent_key();
  return json_answer(200, answer_of(*key));
}

// What one algorithm's rotation needs, made before the transaction.
struct Replacement {
  Row next;
  std::optional<Row> current;  // for a tenant that has no next key yet
};

std::vector<Replacement> make_replacements(const Services& services, const Invocation& invocation) {
  std::vector<Replacement> out;
  const auto& tenant = *invocation.tenant;
  for (const auto algorithm : tenancy::kSigningAlgorithms) {
    const auto make = [&](KeyState state) {
      return tenancy::make_signing_key(services.key_file, services.random, tenant.tenant().id, tenant.tenant().canonical_domain(),
                                       algorithm, state, invocation.now);
    };
    const auto& keys = tenant.keys().signing;
    const bool has_next = std::any_of(keys.begin(), keys.end(), [&](const auto& key) {
      return key.state == KeyState::next && key.key.algorithm() == algorithm;
    });
    auto current = has_next ? std::nullopt : std::optional(make(KeyState::current));
    out.push_back({make(KeyState::next), std::move(current)});
  }
  return out;
}

base::Result<http::Response> rotate_keys(const Services& services, Invocation& invocation) {
  // Making RSA keys costs as much as hashing a password.
  if (invocation.call.lane != http::Lane::hashing) return http::continue_on(http::Lane::hashing);
  const auto replacements = make_replacements(services, invocation);
  services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) {
    // Its row lock keeps two rotations apart.
    store::tenants::bump_config_version(w);
    for (const auto& made : replacements) {
      if (!store::signing_keys::promote(w, made.next.alg, invocation.now)) {
        // Every tenant has a next key from its first rotation on, and no key loses that state but by a rotation.
        if (!made.current) throw base::Bug("a next signing key is gone");
        store::signing_keys::insert(w, *made.current);
      }
      store::signing_keys::insert(w, made.next);
    }
    append_change(w, invocation, 201);
    return base::Unit{};
  });
  return json_answer(201, named(replacements.front().next));
}

base::Result<http::Response> revoke_key(const Services& services, Invocation& invocation) {
  const std::string kid(invocation.call.path_parameter("kid"));
  const auto revoked = services.tenants.change(invocation.call.tenant, [&](const store::Writer& w) -> base::Result<Row> {
    const auto key = store::signing_keys::find(w, kid);
    if (!key) return inexistent_key();
    if (key->revoked_at) return *key;
    const auto algorithm = crypto::signing_algorithm_from(key->alg);
    if (key->state == "current")
      return not_supported("The current signing key cannot be revoked: rotate first, with POST /api/v2/keys/signing/rotate");
    if (key->state == "next") {
      return not_supported(
          "The next signing key cannot be revoked, for it has signed nothing yet: rotate twice and revoke it then");
    }
    if (algorithm && invocation.tenant->keys().current(*algorithm, invocation.now).kid == kid) {
      return not_supported("This key signs for a few seconds more, until every key set lists its successor: try again in " +
                           std::to_string(tenancy::kSigningDelay.count()) + " seconds");
    }
    store::signing_keys::revoke(w, kid, invocation.now);
    append_change(w, invocation, 200);
    return *key;
  });
  if (!revoked.ok()) return revoked.error();
  return json_answer(200, named(*revoked));
}

const Operation kList{.method = http::Method::get,
                      .path = "/api/v2/keys/signing",
                      .id = "get_signing_keys",
                      .scopes = {"read:signing_keys"},
                      .statuses = {200},
                      .summary = "Get all application signing keys",
                      .handler = list_keys};
const Operation kGet{.method = http::Method::get,
                     .path = "/api/v2/keys/signing/{kid}",
                     .id = "get_signing_key",
                     .scopes = {"read:signing_keys"},
                     .statuses = {200, 404},
                     .summary = "Get an application signing key by its key id",
                     .handler = get_key};
const Operation kRotate{.method = http::Method::post,
                        .path = "/api/v2/keys/signing/rotate",
                        .id = "post_signing_keys",
                        .scopes = {"create:signing_keys", "update:signing_keys"},
                        .statuses = {201},
                        .summary = "Rotate the application signing key",
                        .handler = rotate_keys};
const Operation kRevoke{.method = http::Method::put,
                        .path = "/api/v2/keys/signing/{kid}/revoke",
                        .id = "put_signing_keys",
                        .scopes = {"update:signing_keys"},
                        .statuses = {200, 404},
                        .summary = "Revoke an application signing key",
                        .handler = revoke_key};

}  // namespace
}  // namespace signing_keys_api

std::vector<const Operation*> signing_key_operations() {
  using namespace signing_keys_api;
  return {&kList, &kGet, &kRotate, &kRevoke};
}

}  // namespace segue::management
