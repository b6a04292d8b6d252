#include "outbound/smtp.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <optional>
#include <stdexcept>

#include "base/text.h"
#include "outbound/checked_socket.h"

namespace segue::outbound {
namespace {

constexpr const char* kSmtpAuthorities = "/etc/ssl/certs";

struct SmtpUrl {
  bool tls = false;
  std::string host;
  bool is_loopback() const { return host == "localhost" || host == "127.0.0.1" || host == "[::1]"; }
};

std::optional<SmtpUrl> parse_smtp_url(std::string_view url) {
  SmtpUrl out;
  if (url.starts_with("smtps://")) {
    out.tls = true;
  } else if (!url.starts_with("smtp://")) {
    return std::nullopt;
  }
  const auto authority = url.substr(url.find("//") + 2);
  const auto colon = authority.starts_with('[') ? authority.find(':', authority.find(']')) : authority.find(':');
  out.host = base::ascii_lower(authority.substr(0, colon));
  const bool plain =
      !out.host.empty() && base::is_free_of_controls(authority) && authority.find_first_of("/?#@ %\\") == std::string_view::npos;
  const auto port =
      colon == std::string_view::npos ? std::optional<std::int64_t>(25) : base::parse_integer(authority.substr(colon + 1));
  if (!plain || !port || *port < 1 || *port > 65535) return std::nullopt;
  return out;
}

struct Upload {
  std::string_view rest;
};

std::size_t give(char* into, std::size_t size, std::size_t count, void* data) {
  auto& upload = *static_cast<Upload*>(data);
  const auto most = std::min(size * count, upload.rest.size());
  std::memcpy(into, upload.rest.data(), most);
  upload.rest.remove_prefix(most);
  return most;
}

std::size_t swallow(char*, std::size_t size, std::size_t count, void*) { return size * count; }

struct FreeSmtpList {
  void operator()(curl_slist* list) const { ::curl_slist_free_all(list); }
};

}  // namespace

bool is_mailbox(std::string_view address) {
  const auto at = address.rfind('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == address.size() || address.size() > 254) return false;
  return std::none_of(address.begin(), address.end(),
                      [](char c) {
                        return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || std::strchr("<>()[],;:\\\"", c) != nullptr;
                      }) &&
         std::count(address.begin(), address.end(), '@') == 1;
}

base::Outcome check_smtp_url(const std::string& url) {
  if (parse_smtp_url(url)) return base::Unit{};
  return base::Error{
      .kind = base::ErrorKind::invalid_input,
      .code = "operator",
      .description = "smtp://HOST:PORT or smtps://HOST:PORT is needed, without a user name; it was \"" + url + "\""};
}

struct SmtpClient::Impl {
  SmtpOptions options;
  std::unique_ptr<curl_slist, FreeSmtpList> names;
  CURL* handle = nullptr;
  std::array<char, CURL_ERROR_SIZE> problem{};

  explicit Impl(const SmtpOptions& wanted) : options(wanted) {
    static const CURLcode initialised = ::curl_global_init(CURL_GLOBAL_DEFAULT);
    if (initialised != CURLE_OK) throw std::runtime_error("libcurl cannot be initialised");
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
      throw std::runtime_error("this libcurl lacks an option that mail needs");
  }

  void set_up() {
    const auto url = parse_smtp_url(options.url);
    if (!url) throw std::runtime_error("this is no URL of a mail server: " + options.url);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    set(CURLOPT_PROXY, "");  // and none from the environment
    set(CURLOPT_NOPROXY, "*");
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.time_limit.count()));
    set(CURLOPT_QUICK_EXIT, 1L);
    // A link that opens an account never crosses a network in clear.
    set(CURLOPT_USE_SSL, static_cast<long>(url->tls || !url->is_loopback() ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_CAPATH, kSmtpAuthorities);
    set(CURLOPT_CAINFO, options.ca_file.empty() ? static_cast<const char*>(nullptr) : options.ca_file.c_str());
    if (!options.username.empty()) {
      set(CURLOPT_USERNAME, options.username.c_str());
      set(CURLOPT_PASSWORD, std::string(options.password.reveal()).c_str());
    }
    set(CURLOPT_OPENSOCKETFUNCTION, open_checked);
    for (const auto& name : options.names) names.reset(::curl_slist_append(names.release(), name.c_str()));
    if (names) set(CURLOPT_RESOLVE, names.get());
    set(CURLOPT_READFUNCTION, give);
    set(CURLOPT_WRITEFUNCTION, swallow);
    set(CURLOPT_ERRORBUFFER, problem.data());
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_FORBID_REUSE, 1L);  // mails are rare; a server may close what idles
  }
};

SmtpClient::SmtpClient(const SmtpOptions& options) : impl_(std::make_unique<Impl>(options)) {}
SmtpClient::~SmtpClient() = default;

SmtpAnswer SmtpClient::send(const std::string& from, const std::string& to, const std::string& text) {
  for (const auto& address : {from, to}) {
    if (!is_mailbox(address)) return {Handover::refused, "this is no single e-mail address"};
  }
  Upload upload{text};
  const std::unique_ptr<curl_slist, FreeSmtpList> recipients(::curl_slist_append(nullptr, ("<" + to + ">").c_str()));
  if (!recipients) throw std::bad_alloc();
  const auto sender = "<" + from + ">";
  // The path is what the client calls itself in EHLO (RFC 5321 §4.1.1.1).
  impl_->set(CURLOPT_URL, (impl_->options.url + "/" + from.substr(from.rfind('@') + 1)).c_str());
  impl_->set(CURLOPT_MAIL_FROM, sender.c_str());
  impl_->set(CURLOPT_MAIL_RCPT, recipients.get());
  impl_->set(CURLOPT_READDATA, &upload);
  SocketCheck check{.allow_private = !impl_->options.public_only};
  impl_->set(CURLOPT_OPENSOCKETDATA, &check);
  impl_->problem.front() = '\0';
  const auto code = ::curl_easy_perform(impl_->handle);
  impl_->set(CURLOPT_MAIL_RCPT, static_cast<curl_slist*>(nullptr));
  if (code == CURLE_OK) return {Handover::taken, {}};
  if (check.refused && code == CURLE_COULDNT_CONNECT)
    return {Handover::failed, "the mail server's name leads to an address that is not public"};
  long reply = 0;
  ::curl_easy_getinfo(impl_->handle, CURLINFO_RESPONSE_CODE, &reply);
  // Wrong credentials and missing TLS are the operator's to mend: the mail waits for that.
  const bool about_the_mail = code == CURLE_SEND_ERROR || code == CURLE_WEIRD_SERVER_REPLY || code == CURLE_RECV_ERROR;
  const bool for_good = about_the_mail && ((reply >= 550 && reply <= 554) || reply == 501);
  std::string reason = impl_->problem.front() != '\0' ? impl_->problem.data() : ::curl_easy_strerror(code);
  if (reply > 0) reason += " (the server said " + std::to_string(reply) + ")";
  return {for_good ? Handover::refused : Handover::failed, std::move(reason)};
}

}  // namespace segue::outbound
