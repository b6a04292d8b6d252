// The cookies of a request: no value holds a separator or has white space around it, and a value that may be set is read back as
// it was set, whatever stands before it.
#include "http/cookies.h"

#include "base/result.h"
#include "target.h"

using namespace segue;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::string name(input.line());
  const std::string value(input.line());
  http::Request request;
  while (!input.empty()) request.headers.add("cookie", std::string(input.line()));
  for (const auto& each : http::cookie_values(request, name)) {
    must(each.find(';') == std::string::npos, "a value ends at the semicolon");
    must(each.empty() || (each.front() != ' ' && each.back() != ' ' && each.front() != '\t' && each.back() != '\t'), "trimmed");
  }

  http::Response response;
  try {
    http::set_cookie(response, {.name = name, .value = value, .expires = base::from_seconds(1'790'000'000)});
  } catch (const base::Bug&) {
    return 0;  // a forbidden character
  }
  const auto header = std::string(response.headers.find("set-cookie").value());
  must(header.starts_with(name + "=" + value + "; Path=/; Expires="), "written as it stands");
  must(header.ends_with("; Secure; HttpOnly; SameSite=Lax"), "with its attributes last");
  must(std::count(header.begin(), header.end(), ';') == 5, "and no attribute of the value's own");
  request.headers.add("cookie", "other=1; " + name + "=" + value);
  const auto values = http::cookie_values(request, name);
  must(!values.empty() && (values.back() == value || name == "other"), "what was set is read back");
  return 0;
}
