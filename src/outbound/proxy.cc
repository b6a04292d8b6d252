#include "outbound/proxy.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include "base/text.h"
#include "http/caller_address.h"
#include "outbound/address_rules.h"
#include "outbound/proxy_head.h"

namespace segue::outbound {
namespace {

constexpr auto kHeadTime = std::chrono::seconds(10);
constexpr auto kPause = std::chrono::milliseconds(200);

class Socket {
 public:
  explicit Socket(int fd = -1) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }

 private:
  int fd_;
};

using Millis = std::chrono::milliseconds;

bool await(int fd, short what, Millis time) {
  pollfd ready{fd, what, 0};
  int count = 0;
  do {
    count = ::poll(&ready, 1, static_cast<int>(time.count()));
  } while (count < 0 && errno == EINTR);
  return count > 0;
}

bool send_all(int fd, std::string_view bytes, Millis time) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if ((errno != EAGAIN && errno != EINTR) || !await(fd, POLLOUT, time)) {
      return false;
    }
  }
  return true;
}

void refuse(int fd, std::string_view status, std::string_view why) {
  send_all(fd,
           "HTTP/1.1 " + std::string(status) +
               "\r\nSegue-Proxy: refused\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: " +
               std::to_string(why.size()) + "\r\n\r\n" + std::string(why),
           kHeadTime);
}

// The head, and in `rest` what came behind it.
bool read_head(int fd, std::string& head, std::string& rest) {
  char buffer[4096];
  while (head.size() < kLongestProxyHead) {
    if (!await(fd, POLLIN, kHeadTime)) return false;
    const auto got = ::recv(fd, buffer, sizeof buffer, 0);
    if (got <= 0) return false;
    head.append(buffer, static_cast<std::size_t>(got));
    const auto end = head.find("\r\n\r\n");
    if (end == std::string::npos) continue;
    rest = head.substr(end + 4);
    head.resize(end + 4);
    return true;
  }
  return false;
}

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

std::string text_of(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
    return http::address_of_bytes({reinterpret_cast<const char*>(&in), sizeof in});
  }
  if (address->sa_family == AF_INET6) {
    const auto& in = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
    return http::address_of_bytes({reinterpret_cast<const char*>(&in), sizeof in});
  }
  return {};
}

// "HOST:PORT:ADDRESS" of `names` in place of the resolver.
std::string resolved_name(const ProxyOptions& options, const ProxyTarget& target) {
  const auto wanted = target.host + ":" + std::to_string(target.port) + ":";
  for (const auto& name : options.names) {
    if (name.starts_with(wanted)) return name.substr(wanted.size());
  }
  return target.host;
}

Socket connect_to(const addrinfo& address, Millis time) {
  Socket out(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!out.open()) return Socket();
  if (::connect(out.get(), address.ai_addr, address.ai_addrlen) != 0) {
    if (errno != EINPROGRESS || !await(out.get(), POLLOUT, time)) return Socket();
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(out.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) return Socket();
  }
  const int on = 1;
  ::setsockopt(out.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return out;
}

// Nothing when the target may not or cannot be reached; the caller has been told then.
Socket reach(int caller, const ProxyTarget& target, const ProxyOptions& options) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(resolved_name(options, target).c_str(), std::to_string(target.port).c_str(), &hints, &found) != 0) {
    refuse(caller, "502 Bad Gateway", "the name could not be resolved");
    return Socket();
  }
  const std::unique_ptr<addrinfo, FreeAddresses> owner(found);
  bool any_public = false;
  for (const auto* each = found; each != nullptr; each = each->ai_next) {
    if (!options.allow_private && !is_public_address(text_of(each->ai_addr))) continue;
    any_public = true;
    if (auto socket = connect_to(*each, options.connect); socket.open()) return socket;
  }
  if (any_public) {
    refuse(caller, "502 Bad Gateway", "no connection could be made");
  } else {
    refuse(caller, "403 Forbidden", "the name leads to an address that is not public");
  }
  return Socket();
}

// One direction of a connection.
struct Stream {
  int from, to;
  bool open = true;
};

// Passes on what there is. False when the connection is over.
bool pass(Stream& stream, char* buffer, std::size_t size, std::int64_t& left, Millis time) {
  const auto got = ::recv(stream.from, buffer, size, MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0) {
    stream.open = false;
    ::shutdown(stream.to, SHUT_WR);
    return true;
  }
  left -= got;
  return left >= 0 && send_all(stream.to, {buffer, static_cast<std::size_t>(got)}, time);
}

void pass_both_ways(int a, int b, const ProxyOptions& options) {
  Stream streams[2] = {{a, b}, {b, a}};
  std::vector<char> buffer(16 * 1024);
  auto left = options.most_bytes;
  while (streams[0].open || streams[1].open) {
    pollfd ready[2] = {{streams[0].open ? a : -1, POLLIN, 0}, {streams[1].open ? b : -1, POLLIN, 0}};
    if (::poll(ready, 2, static_cast<int>(options.idle.count())) <= 0) return;
    for (int i = 0; i < 2; ++i) {
      if (ready[i].revents != 0 && !pass(streams[i], buffer.data(), buffer.size(), left, options.idle)) return;
    }
  }
}

void serve(int caller, const ProxyOptions& options) {
  std::string head, rest;
  if (!read_head(caller, head, rest)) return refuse(caller, "400 Bad Request", "no head of a request");
  const auto target = parse_proxy_head(head);
  if (!target.ok()) return refuse(caller, "403 Forbidden", target.error().description);
  const auto socket = reach(caller, *target, options);
  if (!socket.open()) return;
  if (target->tunnel && !send_all(caller, "HTTP/1.1 200 Connection established\r\n\r\n", options.idle)) return;
  if (!send_all(socket.get(), target->head + rest, options.idle)) return;
  pass_both_ways(caller, socket.get(), options);
}

Socket listen_on(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error("the path of a socket is too long: " + path);
  std::memcpy(address.sun_path, path.data(), path.size());
  ::unlink(path.c_str());
  Socket out(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!out.open() || ::bind(out.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::chmod(path.c_str(), 0666) != 0 || ::listen(out.get(), 64) != 0)
    throw std::runtime_error("cannot listen on " + path + ": " + std::strerror(errno));
  return out;
}

pid_t process_of(int caller) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  return ::getsockopt(caller, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 ? credentials.pid : 0;
}

}  // namespace

struct Proxy::Impl {
  const std::string path;
  const ProxyOptions options;
  const Socket listener;
  std::mutex mutex;
  std::condition_variable ended;
  std::set<int> callers;  // of connections that are served
  std::map<pid_t, int> per_process;
  bool stopping = false;
  std::thread thread;

  Impl(std::string at, const ProxyOptions& wanted) : path(std::move(at)), options(wanted), listener(listen_on(path)) {
    thread = std::thread([this] { accept_all(); });
  }

  ~Impl() {
    std::unique_lock lock(mutex);
    stopping = true;
    ::shutdown(listener.get(), SHUT_RDWR);
    for (const int caller : callers) ::shutdown(caller, SHUT_RDWR);
    ended.wait(lock, [this] { return callers.empty(); });
    lock.unlock();
    thread.join();
    ::unlink(path.c_str());
  }

  void accept_all() {
    while (true) {
      Socket caller(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
      std::unique_lock lock(mutex);
      if (stopping) return;
      if (!caller.open()) {
        // Out of descriptors: one that ends gives its own back.
        ended.wait_for(lock, kPause);
        continue;
      }
      const auto process = process_of(caller.get());
      auto& own = per_process[process];
      if (static_cast<int>(callers.size()) >= options.connections || own >= options.connections_per_process) {
        if (own == 0) per_process.erase(process);
        refuse(caller.get(), "503 Service Unavailable", "too many connections at once");
        continue;
      }
      const int number = caller.get();
      try {
        callers.insert(number);
        ++own;
        std::thread([this, process, socket = std::move(caller)]() mutable {
          serve_and_forget(std::move(socket), process);
        }).detach();
      } catch (const std::exception&) {
        // No thread for it: it was closed with what was to run there.
        callers.erase(number);
        if (--own <= 0) per_process.erase(process);
      }
    }
  }

  void serve_and_forget(Socket socket, pid_t process) {
    try {
      serve(socket.get(), options);
    } catch (const std::exception&) {
      // Out of memory for this connection: it ends.
    }
    forget(socket, process);
  }

  // The socket is closed before the proxy may be destroyed and while no other can have its number.
  void forget(Socket& socket, pid_t process) {
    const std::lock_guard lock(mutex);
    callers.erase(socket.get());
    socket = Socket();
    if (--per_process[process] == 0) per_process.erase(process);
    ended.notify_all();
  }
};

Proxy::Proxy(std::string socket_path, const ProxyOptions& options)
    : impl_(std::make_unique<Impl>(std::move(socket_path), options)) {}
Proxy::~Proxy() = default;

const std::string& Proxy::socket_path() const { return impl_->path; }

}  // namespace segue::outbound
