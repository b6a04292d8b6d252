#include "outbound/dns_txt.h"

#include <ares.h>
#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace segue::outbound {
namespace {

constexpr int kInternet = 1, kTxt = 16;  // RFC 1035 §3.2.4, §3.2.2
// Each resolver is asked this often, and longer the second time.
constexpr int kTries = 2, kTryMilliseconds = 1500;

void require(int status, const char* what) {
  if (status != ARES_SUCCESS) throw std::runtime_error(std::string(what) + ": " + ares_strerror(status));
}

// Of one question: nothing is shared between threads.
class Channel {
 public:
  explicit Channel(const std::string& servers) {
    static const int kReady = ares_library_init(ARES_LIB_INIT_ALL);
    require(kReady, "ares_library_init");
    ares_options options{};
    options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
    options.timeout = kTryMilliseconds;
    options.tries = kTries;
    require(ares_init_options(&channel_, &options, ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES), "ares_init_options");
    const int chosen = servers.empty() ? ARES_SUCCESS : ares_set_servers_ports_csv(channel_, servers.c_str());
    if (chosen != ARES_SUCCESS) ares_destroy(channel_);
    require(chosen, "ares_set_servers_ports_csv");
  }
  ~Channel() { ares_destroy(channel_); }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ares_channel get() const { return channel_; }

 private:
  ares_channel channel_ = nullptr;
};

// The end of the time limit, as something to poll.
class Timer {
 public:
  explicit Timer(std::chrono::milliseconds limit) : fd_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)) {
    if (fd_ < 0) throw std::runtime_error("timerfd_create failed");
    itimerspec at{};
    at.it_value.tv_sec = limit.count() / 1000;
    at.it_value.tv_nsec = (limit.count() % 1000) * 1'000'000;
    ::timerfd_settime(fd_, 0, &at, nullptr);
  }
  ~Timer() { ::close(fd_); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

struct Reply {
  bool is_here = false;
  int status = ARES_SUCCESS;
  std::string message;  // as it came
};

void take_reply(void* into, int status, int, unsigned char* message, int size) {
  auto& reply = *static_cast<Reply*>(into);
  reply.is_here = true;
  reply.status = status;
  if (message != nullptr && size > 0)
    reply.message.assign(reinterpret_cast<const char*>(message), static_cast<std::size_t>(size));
}

// Lets the channel read, write and ask again until it has the reply or the time is over.
void wait_for(const Reply& reply, ares_channel channel, const Timer& timer) {
  while (!reply.is_here) {
    std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
    const auto wanted = static_cast<unsigned>(ares_getsock(channel, sockets.data(), ARES_GETSOCK_MAXNUM));
    std::vector<pollfd> polled{{.fd = timer.fd(), .events = POLLIN, .revents = 0}};
    for (unsigned i = 0; i < sockets.size(); ++i) {
      const int reads = ARES_GETSOCK_READABLE(wanted, i) != 0 ? POLLIN : 0,
                writes = ARES_GETSOCK_WRITABLE(wanted, i) != 0 ? POLLOUT : 0;
      if (reads + writes != 0) polled.push_back({.fd = sockets[i], .events = static_cast<short>(reads | writes), .revents = 0});
    }
    timeval most{.tv_sec = 1, .tv_usec = 0}, next{};
    const auto* const until_next = ares_timeout(channel, &most, &next);
    const auto milliseconds = until_next->tv_sec * 1000 + until_next->tv_usec / 1000 + 1;
    const int ready = ::poll(polled.data(), polled.size(), static_cast<int>(milliseconds));
    if (polled.front().revents != 0) {
      ares_cancel(channel);  // gives the reply, with ARES_ECANCELLED
      continue;
    }
    if (ready <= 0) ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    for (std::size_t i = 1; ready > 0 && i < polled.size(); ++i) {
      const auto& each = polled[i];
      const bool broken = (each.revents & (POLLERR | POLLHUP)) != 0;
      const bool reads = broken || (each.revents & POLLIN) != 0, writes = (each.revents & POLLOUT) != 0;
      if (reads || writes) ares_process_fd(channel, reads ? each.fd : ARES_SOCKET_BAD, writes ? each.fd : ARES_SOCKET_BAD);
    }
  }
}

TxtRecords::Found read(const std::string& message) {
  ares_txt_ext* first = nullptr;
  const int status =
      ares_parse_txt_reply_ext(reinterpret_cast<const unsigned char*>(message.data()), static_cast<int>(message.size()), &first);
  const std::unique_ptr<ares_txt_ext, decltype(&ares_free_data)> owner(first, &ares_free_data);
  TxtRecords::Found out;
  if (status == ARES_ENODATA) return out;
  if (status != ARES_SUCCESS) return {.values = {}, .problem = "the name server's answer cannot be read"};
  for (const auto* each = first; each != nullptr; each = each->next) {
    if (each->record_start != 0 || out.values.empty()) out.values.emplace_back();
    out.values.back().append(reinterpret_cast<const char*>(each->txt), each->length);
  }
  return out;
}

}  // namespace

TxtRecords::Found DnsTxt::look_up(const std::string& name) {
  const Timer timer(options_.time_limit);
  Reply reply;  // outlives the channel, whose end may still give one
  const Channel channel(options_.servers);
  ares_query(channel.get(), name.c_str(), kInternet, kTxt, take_reply, &reply);
  wait_for(reply, channel.get(), timer);
  switch (reply.status) {
    case ARES_SUCCESS: return read(reply.message);
    case ARES_ENODATA:
    case ARES_ENOTFOUND: return {};  // the name has none, or is none
    case ARES_ETIMEOUT:
    case ARES_ECANCELLED: return {.values = {}, .problem = "no name server answered in time"};
    case ARES_EBADNAME: return {.values = {}, .problem = "this cannot be the name of a record"};
    default: return {.values = {}, .problem = "no name server could answer"};
  }
}

}  // namespace segue::outbound
