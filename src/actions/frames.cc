#include "actions/frames.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

namespace segue::actions {
namespace {

// False when the deadline passes first.
bool await(int socket, short what, const Deadline& deadline) {
  while (true) {
    pollfd ready{socket, what, 0};
    const int left = deadline.left_ms();
    const int count = ::poll(&ready, 1, left);
    if (count > 0) return true;
    if (count == 0 && left == 0) return false;
  }
}

bool try_again() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

Arrival read_exactly(int socket, char* out, std::size_t size, const Deadline& deadline) {
  for (std::size_t at = 0; at < size;) {
    const auto got = ::recv(socket, out + at, size - at, MSG_DONTWAIT);
    if (got == 0) return Arrival::closed;
    if (got > 0) {
      at += static_cast<std::size_t>(got);
    } else if (!try_again()) {
      return Arrival::closed;
    } else if (!await(socket, POLLIN, deadline)) {
      return Arrival::too_slow;
    }
  }
  return Arrival::frame;
}

}  // namespace

bool write_frame(int socket, std::string_view text, const Deadline& deadline) {
  const auto size = static_cast<std::uint32_t>(text.size());
  std::string frame;
  frame.reserve(text.size() + 4);
  for (const int shift : {24, 16, 8, 0}) frame.push_back(static_cast<char>((size >> shift) & 0xff));
  frame.append(text);
  for (std::size_t at = 0; at < frame.size();) {
    const auto sent = ::send(socket, frame.data() + at, frame.size() - at, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      at += static_cast<std::size_t>(sent);
    } else if (!try_again() || !await(socket, POLLOUT, deadline)) {
      return false;
    }
  }
  return true;
}

Arrival read_frame(int socket, std::string& text, const Deadline& deadline) {
  unsigned char head[4];
  if (const auto arrival = read_exactly(socket, reinterpret_cast<char*>(head), sizeof head, deadline); arrival != Arrival::frame)
    return arrival;
  const std::size_t size = std::size_t{head[0]} << 24 | std::size_t{head[1]} << 16 | std::size_t{head[2]} << 8 | head[3];
  if (size > kLongestFrame) return Arrival::too_large;
  text.resize(size);
  return read_exactly(socket, text.data(), size, deadline);
}

bool has_input(int socket) {
  pollfd ready{socket, POLLIN, 0};
  return ::poll(&ready, 1, 0) != 0;
}

}  // namespace segue::actions
