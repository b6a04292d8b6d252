#include "outbound/client.h"

#include <curl/curl.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "outbound/checked_socket.h"

namespace segue::outbound {
namespace {

constexpr const char* kSystemAuthorities = "/etc/ssl/certs";  // looked up by hash, never read whole

void initialise_once() {
  static const CURLcode code = ::curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code != CURLE_OK) throw std::runtime_error("libcurl cannot be initialised");
}

struct FreeList {
  void operator()(curl_slist* list) const { ::curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, FreeList>;

void append(List& list, const std::string& text) {
  curl_slist* const longer = ::curl_slist_append(list.get(), text.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(list.release());
  list.reset(longer);
}

// What one call came to so far.
struct Exchange {
  const Options& options;
  Answer answer;
  std::size_t received = 0;
  SocketCheck socket{.allow_private = options.allow_private};
  bool too_large = false;
};

bool takes(Exchange& exchange, std::size_t size) {
  exchange.received += size;
  exchange.too_large = exchange.received > exchange.options.answer_limit;
  return !exchange.too_large;
}

// Returning another number than was given ends the call.
std::size_t take_head(char*, std::size_t, std::size_t size, void* data) {
  return takes(*static_cast<Exchange*>(data), size) ? size : 0;
}

std::size_t take_body(char* bytes, std::size_t, std::size_t size, void* data) {
  auto& exchange = *static_cast<Exchange*>(data);
  if (!takes(exchange, size)) return 0;
  try {
    exchange.answer.body.append(bytes, size);
    return size;
  } catch (const std::exception&) {
    return 0;
  }
}

Failure failure_of(CURLcode code, const Exchange& exchange) {
  if (exchange.too_large) return Failure::too_large;
  switch (code) {
    case CURLE_OK: return Failure::none;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_LOGIN_DENIED: return Failure::bad_url;
    case CURLE_COULDNT_RESOLVE_HOST: return Failure::unresolved;
    case CURLE_COULDNT_CONNECT: return exchange.socket.refused ? Failure::private_address : Failure::unreachable;
    case CURLE_OPERATION_TIMEDOUT: return Failure::too_slow;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CONNECT_ERROR: return Failure::untrusted;
    case CURLE_FILESIZE_EXCEEDED: return Failure::too_large;
    default: return Failure::broken;
  }
}

}  // namespace

std::string_view to_text(Failure failure) {
  switch (failure) {
    case Failure::none: return "";
    case Failure::bad_url: return "the URL cannot be called: https and a host are needed";
    case Failure::unresolved: return "the name could not be resolved";
    case Failure::private_address: return "the name leads to an address that is not public";
    case Failure::unreachable: return "no connection could be made";
    case Failure::untrusted: return "the certificate is not trusted or TLS failed";
    case Failure::too_slow: return "there was no answer in time";
    case Failure::too_large: return "the answer was too large";
    case Failure::broken: return "the connection broke";
  }
  return "";
}

bool is_sendable(const Header& header) {
  constexpr std::string_view kPunctuation = "!#$%&'*+-.^_`|~";
  const auto is_token = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kPunctuation.find(c) != std::string_view::npos;
  };
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  return !header.name.empty() && std::all_of(header.name.begin(), header.name.end(), is_token) &&
         std::none_of(header.value.begin(), header.value.end(), is_control);
}

struct Client::Impl {
  Options options;
  List names;
  CURL* handle = nullptr;

  explicit Impl(const Options& wanted) : options(wanted) {
    initialise_once();
    for (const auto& name : options.names) append(names, name);
    handle = ::curl_easy_init();
    if (handle == nullptr) throw std::bad_alloc();
    set_up();
  }
  ~Impl() { ::curl_easy_cleanup(handle); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  template <class Value>
  void set(CURLoption option, Value value) {
    if (::curl_easy_setopt(handle, option, value) != CURLE_OK)
      throw std::runtime_error("this libcurl lacks an option that outbound calls need");
  }

  void set_up() {
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROTOCOLS_STR, options.allow_private ? "https,http" : "https");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PROXY, "");  // and none from the environment
    set(CURLOPT_NOPROXY, "*");
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_USERAGENT, "Segue");
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.time_limit.count()));
    set(CURLOPT_QUICK_EXIT, 1L);  // a resolver that is stuck does not hold the call beyond its limit
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_CAPATH, kSystemAuthorities);
    set(CURLOPT_CAINFO, options.ca_file.empty() ? static_cast<const char*>(nullptr) : options.ca_file.c_str());
    set(CURLOPT_MAXCONNECTS, 8L);
    set(CURLOPT_OPENSOCKETFUNCTION, open_checked);
    set(CURLOPT_HEADERFUNCTION, take_head);
    set(CURLOPT_WRITEFUNCTION, take_body);
    if (names) set(CURLOPT_RESOLVE, names.get());
  }
};

Client::Client(const Options& options) : impl_(std::make_unique<Impl>(options)) {}
Client::~Client() = default;

Answer Client::post(const Request& request) {
  Exchange exchange{.options = impl_->options};
  List headers;
  append(headers, "Content-Type: " + request.content_type);
  for (const auto& header : request.headers) {
    // libcurl takes "Name:" for a header to be left out, and "Name;" for one without a value.
    if (is_sendable(header)) append(headers, header.name + (header.value.empty() ? ";" : ": " + header.value));
  }
  append(headers, "Expect:");  // no second round trip for small bodies
  impl_->set(CURLOPT_OPENSOCKETDATA, &exchange.socket);
  impl_->set(CURLOPT_HEADERDATA, &exchange);
  impl_->set(CURLOPT_WRITEDATA, &exchange);
  impl_->set(CURLOPT_URL, request.url.c_str());
  impl_->set(CURLOPT_POST, 1L);
  impl_->set(CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
  impl_->set(CURLOPT_POSTFIELDS, request.body.data());
  impl_->set(CURLOPT_HTTPHEADER, headers.get());
  const auto code = ::curl_easy_perform(impl_->handle);
  impl_->set(CURLOPT_HTTPHEADER, static_cast<curl_slist*>(nullptr));
  exchange.answer.failure = failure_of(code, exchange);
  if (code == CURLE_OK) {
    long status = 0;
    ::curl_easy_getinfo(impl_->handle, CURLINFO_RESPONSE_CODE, &status);
    exchange.answer.status = static_cast<int>(status);
  } else {
    exchange.answer.body.clear();
  }
  return std::move(exchange.answer);
}

}  // namespace segue::outbound
