// idle_client PORT CONNECTIONS HANDSHAKES: opens CONNECTIONS to 127.0.0.1:PORT, does the TLS handshake and asks one request on
// the first HANDSHAKES of them, prints "ready" and keeps them all until its standard input ends. A process of its own, as clients
// are.
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

bool ask(SSL_CTX* context, int descriptor) {
  SSL* ssl = SSL_new(context);  // lives as long as the process
  SSL_set_fd(ssl, descriptor);
  if (SSL_connect(ssl) != 1) return false;
  const char request[] = "GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n";
  char answer[4096];
  if (SSL_write(ssl, request, sizeof request - 1) <= 0) return false;
  return SSL_read(ssl, answer, sizeof answer) > 12 && std::memcmp(answer, "HTTP/1.1 200", 12) == 0;
}

int fail(const char* what, int connection) {
  std::printf("%s at connection %d\n", what, connection);
  return 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) return 2;
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<unsigned short>(std::atoi(arguments[1])));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int connections = std::atoi(arguments[2]), handshakes = std::atoi(arguments[3]);
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  for (int i = 0; i < connections; ++i) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
    if (descriptor < 0 || ::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      return fail("connect", i);
    if (i < handshakes && !ask(context, descriptor)) return fail("handshake", i);
  }
  std::puts("ready");
  std::fflush(stdout);
  char byte;
  while (::read(0, &byte, 1) > 0) {
  }
  return 0;
}
