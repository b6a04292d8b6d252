#include "bench/https_client.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include "base/text.h"

namespace segue::bench {

std::string member(const Response& response, std::string_view name) {
  const auto key = "\"" + std::string(name) + "\":\"";
  const auto begin = response.body.find(key);
  if (begin == std::string::npos) throw std::runtime_error("no " + std::string(name) + " in the answer: " + response.body);
  const auto from = begin + key.size();
  return response.body.substr(from, response.body.find('"', from) - from);
}

const Response& expect(int status, const Response& response) {
  if (response.status == status) return response;
  throw std::runtime_error("answered " + std::to_string(response.status) + " instead of " + std::to_string(status) + ": " +
                           response.location + response.body.substr(0, 400));
}

std::string encode(const Form& form) {
  std::string out;
  for (const auto& [name, value] : form) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(base::percent_encode(value));
  }
  return out;
}

Target::Target(int port, const std::string& authority_file)
    : port_(port), domain_("localhost:" + std::to_string(port)), tls_(SSL_CTX_new(TLS_client_method())) {
  if (SSL_CTX_load_verify_locations(tls_.get(), authority_file.c_str(), nullptr) != 1) {
    throw std::runtime_error("cannot read " + authority_file);
  }
  SSL_CTX_set_verify(tls_.get(), SSL_VERIFY_PEER, nullptr);
}

HttpsClient::HttpsClient(const Target& target)
    : target_(target), socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), tls_(SSL_new(target.tls())) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(target.port()));
  // Never another machine: this is a load generator.
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  SSL_set_tlsext_host_name(tls_.get(), "localhost");
  SSL_set1_host(tls_.get(), "localhost");
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      SSL_set_fd(tls_.get(), socket_) != 1 || SSL_connect(tls_.get()) != 1) {
    ::close(socket_);
    throw std::runtime_error("cannot connect to https://" + target.domain());
  }
}

HttpsClient::~HttpsClient() { ::close(socket_); }

Response HttpsClient::get(std::string_view path, std::string_view cookies) {
  std::string request = "GET " + std::string(path) + " HTTP/1.1\r\nHost: " + target_.domain();
  if (!cookies.empty()) request.append("\r\nCookie: ").append(cookies);
  return send(request.append("\r\n\r\n"));
}

Response HttpsClient::post(std::string_view path, const Form& form) {
  const auto body = encode(form);
  return send("POST " + std::string(path) + " HTTP/1.1\r\nHost: " + target_.domain() +
              "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n" + body);
}

Response HttpsClient::call(std::string_view method, std::string_view path, std::string_view bearer, std::string_view json) {
  std::string request = std::string(method) + " /api/v2/" + std::string(path) + " HTTP/1.1\r\nHost: " + target_.domain() +
                        "\r\nAuthorization: Bearer " + std::string(bearer);
  if (!json.empty()) request += "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(json.size());
  return send(request.append("\r\n\r\n").append(json));
}

Response HttpsClient::send(const std::string& request) {
  if (SSL_write(tls_.get(), request.data(), static_cast<int>(request.size())) <= 0)
    throw std::runtime_error("the server closed a connection");
  std::string buffer;
  std::size_t head_end;
  while ((head_end = buffer.find("\r\n\r\n")) == std::string::npos) read_more(buffer);

  Response response;
  response.status = std::stoi(buffer.substr(std::string_view("HTTP/1.1 ").size(), 3));
  std::size_t length = 0;
  for (auto at = buffer.find("\r\n"); at < head_end;) {
    const auto end = buffer.find("\r\n", at + 2);
    const std::string_view line(buffer.data() + at + 2, end - at - 2);
    const auto colon = line.find(':');
    const auto name = line.substr(0, colon);
    const auto value = base::trim(line.substr(colon + 1));
    if (base::iequals(name, "content-length")) length = static_cast<std::size_t>(base::parse_integer(value).value_or(0));
    if (base::iequals(name, "location")) response.location = value;
    if (base::iequals(name, "set-cookie")) {
      response.cookies.append(response.cookies.empty() ? "" : "; ").append(value.substr(0, value.find(';')));
    }
    if (base::iequals(name, "transfer-encoding")) throw std::runtime_error("the bench does not read chunked answers");
    at = end;
  }
  while (buffer.size() < head_end + 4 + length) read_more(buffer);
  response.body = buffer.substr(head_end + 4, length);
  return response;
}

void HttpsClient::read_more(std::string& buffer) {
  char chunk[16 * 1024];
  const int count = SSL_read(tls_.get(), chunk, sizeof chunk);
  if (count <= 0) throw std::runtime_error("the server closed a connection");
  buffer.append(chunk, static_cast<std::size_t>(count));
}

}  // namespace segue::bench
