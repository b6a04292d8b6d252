// No Authorization header and no form proves a client whose secret it does not hold; a public client is never taken for a proven
// one.
#include "oauth/client_authentication.h"

#include "base/bytes.h"
#include "base/text.h"
#include "target.h"
#include "tenant.h"

using namespace segue;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const bool raw = input.byte() % 2 == 0;
  const auto first = input.line();
  http::Request request;
  request.headers.add("authorization", raw ? std::string(first) : "Basic " + base::base64(first));
  const auto parameters = http::Parameters::parse(input.rest());
  if (!parameters.ok()) return 0;
  http::Call call{.request = request};
  const auto client = oauth::authenticate_client(fuzz::tenant(), call, *parameters);
  if (!client.ok()) {
    must(!client.error().code.empty() && base::is_valid_utf8(client.error().description), "refused with a text");
    return 0;
  }
  must((*client)->client_id == "native", "only the client that has nothing to prove");
  must(!client->is_confidential(), "and it has proved nothing");
  return 0;
}
