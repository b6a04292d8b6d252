// Responses as bytes: head and body in one string, for one write.
#pragma once
#include <string>
#include <string_view>

#include "http/message.h"

namespace segue::http::transport {

struct WriteOptions {
  bool to_head = false;        // RFC 9110 §9.3.2: the fields of the GET answer, no body
  bool closes = false;         // Connection: close
  std::string_view date = {};  // IMF-fixdate; empty: no Date field
};

// Appends to `out`. False, and nothing appended, when a field or the status cannot be written without harm: a line break in a
// value would let whoever wrote the value write the rest of the answer.
bool append_response(std::string& out, const Response& response, const WriteOptions& options);

// An answer of the transport itself: no request text in it, never cached.
Response plain_refusal(int status, std::string_view reason);

}  // namespace segue::http::transport
