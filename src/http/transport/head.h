// The checks on a request's head that keep us and every proxy in front of us of one opinion (RFC 9112 §11.2, request smuggling).
// No sockets here.
#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

#include "http/message.h"

namespace segue::http::transport {

struct Refusal {
  int status = 400;
  std::string_view reason;  // a fixed text: nothing of the request is reflected
};

// Where the head that begins at `text` ends.
struct HeadEnd {
  enum class State { incomplete, complete, malformed };
  State state = State::incomplete;
  std::size_t size = 0;  // with the empty line, when complete; else how much need not be looked at again
};
// A bare LF ends nothing here (RFC 9112 §2.2 lets a recipient take it for a line end; proxies differ): malformed.
HeadEnd find_head_end(std::string_view text, std::size_t looked_at);

// Stricter than the parser about the raw bytes: no folded lines, no space before the colon, no control characters in a value.
bool lines_are_strict(std::string_view head);

// How the body is framed, when the head says so in exactly one way.
struct Framing {
  bool has_body = false;
  bool chunked = false;
  bool wants_continue = false;  // Expect: 100-continue
};

// Checks what the fields say together and fills in host, path and query from `target`. `method` is as it was sent.
std::optional<Refusal> finish_head(std::string_view method, std::string_view target, Request& request, Framing& framing);

}  // namespace segue::http::transport
