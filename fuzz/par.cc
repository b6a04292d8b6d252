// The body of a pushed authorization request: what is kept of it holds no credential and no token, names its client, survives
// being stored, and means the same when it is read again.
#include "base/text.h"
#include "oauth/authorize/authorization_request.h"
#include "oauth/authorize/pushed_parameters.h"
#include "target.h"
#include "tenant.h"

using namespace segue;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  http::Request request;
  request.headers.add("content-type", std::string(input.line()));
  request.body = std::string(input.rest());
  const auto body = oauth::read_pushed_body(request);
  if (!body.ok()) {
    must(body.error().code == "invalid_request" && base::is_valid_utf8(body.error().description), "refused with a text");
    return 0;
  }
  must(!body->first_duplicate(), "each parameter once");
  const auto kept = oauth::pushed_parameters(*body, "web");
  if (!kept.ok()) return 0;
  must(kept->find("client_id") == "web", "of the client that proved itself");
  for (const auto* name : {"client_secret", "client_assertion", "session_transfer_token", "request_uri", "password"})
    must(!kept->has(name), "no secret is kept");
  must(kept->pairs().size() <= body->pairs().size() + 1, "nothing is added but the client");

  const auto read = http::Parameters::parse(kept->encode());
  must(read.ok() && read->pairs() == kept->pairs(), "stored and read again it is the same");
  const auto first = oauth::validate_authorization_request(fuzz::tenant(), *kept);
  const auto second = oauth::validate_authorization_request(fuzz::tenant(), *read);
  must(first.valid.has_value() == second.valid.has_value(), "and is judged the same");
  if (first.valid)
    must(json::value(oauth::to_json(first.valid->request)) == json::value(oauth::to_json(second.valid->request)),
         "and means the same");
  return 0;
}
