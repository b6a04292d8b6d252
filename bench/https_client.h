// A blocking HTTPS keep-alive connection to this machine: the load generator's side. It uses OpenSSL directly so that it costs
// little.
#pragma once
#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace segue::bench {

struct Response {
  int status = 0;
  std::string location, body;
  std::string cookies;  // those that it set, as a request sends them back
};
// The text of a string member of a JSON body, without parsing it all; throws with the body when it is not there.
std::string member(const Response& response, std::string_view name);
// Throws with status and body when the status is another.
const Response& expect(int status, const Response& response);

using Form = std::vector<std::pair<std::string_view, std::string>>;
std::string encode(const Form& form);

struct FreeTls {
  void operator()(SSL_CTX* p) const { SSL_CTX_free(p); }
  void operator()(SSL* p) const { SSL_free(p); }
};

// Where the server listens, and the authority that its certificate is checked against.
class Target {
 public:
  Target(int port, const std::string& authority_file);
  int port() const { return port_; }
  const std::string& domain() const { return domain_; }  // localhost:PORT
  SSL_CTX* tls() const { return tls_.get(); }

 private:
  int port_;
  std::string domain_;
  std::unique_ptr<SSL_CTX, FreeTls> tls_;
};

class HttpsClient {
 public:
  explicit HttpsClient(const Target& target);  // connects
  ~HttpsClient();
  HttpsClient(const HttpsClient&) = delete;
  HttpsClient& operator=(const HttpsClient&) = delete;

  Response get(std::string_view path, std::string_view cookies = {});
  Response post(std::string_view path, const Form& form);
  Response call(std::string_view method, std::string_view path, std::string_view bearer, std::string_view json);

 private:
  Response send(const std::string& request);
  void read_more(std::string& buffer);

  const Target& target_;
  int socket_ = -1;
  std::unique_ptr<SSL, FreeTls> tls_;
};

}  // namespace segue::bench
