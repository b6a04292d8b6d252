// What a client may say in a request object (RFC 9101): claims that pass name their client and this server, and become parameters
// as clean as any that come in a query. A JWT that no key of the client verifies says nothing.
#include "oauth/authorize/request_object.h"

#include "base/text.h"
#include "oauth/client_assertion.h"
#include "target.h"
#include "tenant.h"

using namespace segue;
using fuzz::must;

namespace {

constexpr auto kNow = base::from_seconds(1'790'000'000);

void check_claims(const json::object& claims) {
  const bool is_request = oauth::check_request_object_claims(claims, fuzz::tenant(), "web", kNow).ok();
  const bool is_assertion = oauth::check_assertion_claims(claims, fuzz::tenant(), "web", kNow).ok();
  must(!(is_request && is_assertion), "a request is no assertion");
  if (is_request) must(json::find_string(claims, "client_id") == "web" && !json::find(claims, "request"), "it names its client");
  if (!is_request && !is_assertion) return;
  must(json::find_string(claims, "iss") == "web", "signed for itself");
  const auto exp = json::find_integer(claims, "exp");
  must(exp ? *exp > base::to_seconds(kNow) : is_request, "it has not expired");
}

void check_parameters(const json::object& claims) {
  const auto read = oauth::signed_parameters(claims);
  if (!read.ok()) {
    must(read.error().code == "invalid_request_object" && base::is_valid_utf8(read.error().description), "refused with a text");
    return;
  }
  must(!read->first_duplicate(), "each name once");
  const auto again = http::Parameters::parse(read->encode());
  must(again.ok() && again->pairs() == read->pairs(), "they survive a query");
  for (const auto* const own : {"iss", "sub", "aud", "exp", "nbf", "iat", "jti"})
    must(!read->has(own), "not the token's own claims");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::Input(data, size).rest();
  if (const auto document = json::parse(text); document.ok() && document->is_object()) {
    check_claims(document->get_object());
    check_parameters(document->get_object());
  }
  auto client = *fuzz::tenant().client("web");
  client.signed_request_credentials = {"cred_nothing"};
  http::Parameters sent;
  sent.add("request", std::string(text));
  const http::Request request;
  http::Call call{.request = request, .received = kNow};
  must(!oauth::resolve_request_object(fuzz::tenant(), call, client, sent).ok(), "no key, no request");
  return 0;
}
