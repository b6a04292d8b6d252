// A name server on a port of this machine: answers questions for TXT records as the test says.
#pragma once
#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace segue::test {

class DnsServer {
 public:
  struct Answer {
    std::vector<std::vector<std::string>> records = {};  // each a list of strings of at most 255 bytes
    int code = 0;                                        // RCODE (RFC 1035 §4.1.1): 2 server failure, 3 no such name
    bool silent = false;
    std::string instead = {};  // these bytes behind the header's id, whatever they are
  };
  // Asked with the name in lower case.
  explicit DnsServer(std::function<Answer(const std::string& name)> answer);
  ~DnsServer();
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::vector<std::string> asked() const;

 private:
  void serve();

  const std::function<Answer(const std::string&)> answer_;
  int socket_ = -1;
  unsigned short port_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> asked_;
  std::atomic<bool> stops_ = false;
  std::thread thread_;
};

}  // namespace segue::test
