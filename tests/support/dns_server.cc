#include "support/dns_server.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

#include "base/text.h"

namespace segue::test {
namespace {

constexpr std::size_t kHeader = 12;

void put16(std::string& out, std::size_t value) {
  out += static_cast<char>(value >> 8 & 0xff);
  out += static_cast<char>(value & 0xff);
}

// The name of the first question, and where its type begins.
std::pair<std::string, std::size_t> question_of(std::string_view query) {
  std::string name;
  auto at = kHeader;
  while (at < query.size() && query[at] != 0) {
    const auto length = static_cast<unsigned char>(query[at]);
    name += (name.empty() ? "" : ".") + std::string(query.substr(at + 1, length));
    at += length + 1u;
  }
  return {base::ascii_lower(name), at + 1};
}

std::string answer_to(std::string_view query, std::size_t type_at, const DnsServer::Answer& answer) {
  std::string out(query.substr(0, 2));
  if (!answer.instead.empty()) return out + answer.instead;
  put16(out, 0x8180u | static_cast<unsigned>(answer.code));
  put16(out, 1);
  put16(out, answer.records.size());
  put16(out, 0);
  put16(out, 0);
  out += query.substr(kHeader, type_at + 4 - kHeader);
  for (const auto& strings : answer.records) {
    std::string data;
    for (const auto& each : strings) data += static_cast<char>(each.size()) + each;
    put16(out, 0xc000u | kHeader);  // the name of the question (RFC 1035 §4.1.4)
    put16(out, 16);
    put16(out, 1);
    put16(out, 0);
    put16(out, 60);
    put16(out, data.size());
    out += data;
  }
  return out;
}

}  // namespace

DnsServer::DnsServer(std::function<Answer(const std::string&)> answer) : answer_(std::move(answer)) {
  socket_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  auto* const generic = reinterpret_cast<sockaddr*>(&at);
  if (socket_ < 0 || ::bind(socket_, generic, size) != 0 || ::getsockname(socket_, generic, &size) != 0)
    throw std::runtime_error("the name server of the test has no socket");
  port_ = ntohs(at.sin_port);
  thread_ = std::thread([this] { serve(); });
}

DnsServer::~DnsServer() {
  stops_ = true;
  thread_.join();
  ::close(socket_);
}

std::vector<std::string> DnsServer::asked() const {
  const std::scoped_lock lock(mutex_);
  return asked_;
}

void DnsServer::serve() {
  while (!stops_) {
    pollfd ready{.fd = socket_, .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, 20) <= 0) continue;
    std::array<char, 4096> buffer{};
    sockaddr_in from{};
    socklen_t size = sizeof from;
    auto* const generic = reinterpret_cast<sockaddr*>(&from);
    const auto count = ::recvfrom(socket_, buffer.data(), buffer.size(), 0, generic, &size);
    if (count < static_cast<ssize_t>(kHeader)) continue;
    const std::string_view query(buffer.data(), static_cast<std::size_t>(count));
    const auto [name, type_at] = question_of(query);
    {
      const std::scoped_lock lock(mutex_);
      asked_.push_back(name);
    }
    const auto answer = answer_(name);
    if (answer.silent) continue;
    const auto reply = answer_to(query, type_at, answer);
    ::sendto(socket_, reply.data(), reply.size(), 0, generic, size);
  }
}

}  // namespace segue::test
