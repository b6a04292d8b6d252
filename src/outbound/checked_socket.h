// The socket of a call that somebody asked for (design §8.13). The check stands where the socket is made for the very address
// that is then connected to: a name that answers differently the second time gains nothing, and neither does any spelling of an
// address.
#pragma once
#include <curl/curl.h>

namespace segue::outbound {

struct SocketCheck {
  bool allow_private = false;
  bool refused = false;  // an address was, since the call began
};

// CURLOPT_OPENSOCKETFUNCTION with a SocketCheck as its data.
curl_socket_t open_checked(void* check, curlsocktype purpose, curl_sockaddr* address);

}  // namespace segue::outbound
