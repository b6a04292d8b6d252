// Beast's parser, writing straight into a Request. Included by session.cc only.
#pragma once
#include <boost/beast/http/basic_parser.hpp>
#include <string>
#include <string_view>

#include "base/text.h"
#include "http/message.h"

namespace segue::http::transport {

namespace beast_http = boost::beast::http;

class RequestParser final : public beast_http::basic_parser<true> {
 public:
  RequestParser(Request& request, std::size_t most_fields) : request_(request), most_fields_(most_fields) {
    header_limit(~std::uint32_t{0});  // the session looks for the head's end and bounds it
    body_limit(boost::none);          // known only after the head
  }

  const std::string& method() const { return method_; }
  const std::string& target() const { return target_; }
  int version() const { return version_; }
  bool has_too_many_fields() const { return fields_ > most_fields_; }

 private:
  using error_code = boost::beast::error_code;
  using string_view = boost::beast::string_view;

  static std::string_view as_std(string_view text) { return {text.data(), text.size()}; }

  static Method method_of(beast_http::verb verb) {
    switch (verb) {
      case beast_http::verb::get: return Method::get;
      case beast_http::verb::head: return Method::head;
      case beast_http::verb::post: return Method::post;
      case beast_http::verb::put: return Method::put;
      case beast_http::verb::patch: return Method::patch;
      case beast_http::verb::delete_: return Method::delete_;
      case beast_http::verb::options: return Method::options;
      default: return Method::other;
    }
  }

  void on_request_impl(beast_http::verb verb, string_view method, string_view target, int version, error_code&) override {
    request_.method = method_of(verb);
    method_ = as_std(method);
    target_ = as_std(target);
    version_ = version;
  }

  void on_response_impl(int, string_view, int, error_code&) override {}

  void on_field_impl(beast_http::field, string_view name, string_view value, error_code& ec) override {
    // Trailers (RFC 9110 §6.5.1) are dropped: merged, they would be headers that no check saw.
    if (is_header_done()) return;
    if (++fields_ > most_fields_) {
      ec = beast_http::error::header_limit;
      return;
    }
    request_.headers.add(base::ascii_lower(as_std(name)), std::string(as_std(value)));
  }

  void on_header_impl(error_code&) override {}

  void on_body_init_impl(const boost::optional<std::uint64_t>& content_length, error_code&) override {
    if (content_length) request_.body.reserve(static_cast<std::size_t>(*content_length));
  }

  std::size_t on_body_impl(string_view body, error_code&) override {
    request_.body.append(body.data(), body.size());
    return body.size();
  }

  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}

  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override {
    request_.body.append(body.data(), body.size());
    return body.size();
  }

  void on_finish_impl(error_code&) override {}

  Request& request_;
  const std::size_t most_fields_;
  std::size_t fields_ = 0;
  std::string method_;
  std::string target_;
  int version_ = 0;
};

}  // namespace segue::http::transport
