// The head and body of a request as the transport reads them. What is accepted has one framing (never both Content-Length and
// Transfer-Encoding), one host, a path that starts with a slash, and no control character in a header; where a head ends does not
// depend on how it arrived; and a body is exactly what its length said.
#include <boost/asio/buffer.hpp>

#include "http/transport/head.h"
#include "http/transport/request_parser.h"
#include "target.h"

using namespace segue;
using namespace segue::http::transport;
using fuzz::must;

namespace {

constexpr std::size_t kMostFields = 100;
constexpr std::size_t kBodyLimit = 64 * 1024;

void check_head(const http::Request& request, const RequestParser& parser, const Framing& framing) {
  const auto count = [&](std::string_view name) { return request.headers.find_all(name).size(); };
  must(count("host") == 1, "one Host");
  must(count("content-length") + count("transfer-encoding") <= 1, "one framing");
  must(framing.chunked == parser.chunked(), "the parser agrees about chunks");
  must(framing.has_body || parser.is_done(), "the parser agrees that there is no body");
  for (const auto& [name, value] : request.headers.fields()) {
    must(!name.empty() && name == base::ascii_lower(name), "names in lower case");
    for (const char c : value) must((static_cast<unsigned char>(c) >= 0x20 || c == '\t') && c != 0x7F, "no control characters");
    must(base::trim(value) == value, "values are trimmed");
  }
  must(!request.host.empty() && request.host == base::ascii_lower(request.host), "a host in lower case");
  must(request.host.find_first_of("/@?#\\ ,%") == std::string::npos, "a host and nothing else");
  must(!request.host.ends_with(":443"), "without the default port");
  must(request.path.starts_with('/') || (request.path == "*" && request.method == http::Method::options), "a path");
  must(request.path.find("//") == std::string::npos && request.path.find_first_of("?#\\ ") == std::string::npos, "a clean path");
  must(base::is_free_of_controls(request.path + request.query), "no controls in the target");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::size_t split = input.byte();
  const auto text = input.rest();

  const auto whole = find_head_end(text, 0);
  const auto first = find_head_end(text.substr(0, split), 0);
  if (first.state == HeadEnd::State::incomplete) {
    const auto then = find_head_end(text, first.size);
    must(then.state == whole.state && then.size == whole.size, "a head ends where it ends, however it arrived");
  } else {
    must(first.state == whole.state && first.size == whole.size, "more bytes do not change what was found");
  }
  if (whole.state != HeadEnd::State::complete) return 0;

  const auto head = text.substr(0, whole.size);
  if (!lines_are_strict(head)) return 0;
  http::Request request;
  Framing framing;
  RequestParser parser(request, kMostFields);
  boost::system::error_code failure;
  const auto used = parser.put(boost::asio::buffer(head.data(), head.size()), failure);
  if (failure || used != head.size() || !parser.is_header_done() || parser.version() != 11) return 0;
  if (finish_head(parser.method(), parser.target(), request, framing)) return 0;
  must(request.headers.fields().size() <= kMostFields, "a bounded number of headers");
  check_head(request, parser, framing);

  const auto length = parser.content_length();
  if (parser.is_done() || (length && *length > kBodyLimit)) return 0;
  parser.eager(true);
  parser.body_limit(kBodyLimit);
  auto rest = text.substr(head.size());
  std::size_t taken = 0;
  while (!parser.is_done() && taken < rest.size()) {
    const auto bytes = parser.put(boost::asio::buffer(rest.data() + taken, rest.size() - taken), failure);
    taken += bytes;
    if (failure || bytes == 0) break;
  }
  must(request.body.size() <= kBodyLimit, "a bounded body");
  if (length) must(request.body == rest.substr(0, static_cast<std::size_t>(*length)), "a body of the length that was said");
  check_head(request, parser, framing);  // trailers change nothing
  return 0;
}
