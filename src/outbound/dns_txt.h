// TXT records (RFC 1035 §3.3.14): what the owner of a domain says in its zone, and so what proves whose it is.
#pragma once
#include <chrono>
#include <string>
#include <vector>

namespace segue::outbound {

class TxtRecords {
 public:
  virtual ~TxtRecords() = default;

  struct Found {
    std::vector<std::string> values;  // of each record, its strings put together; what the zone's owner wrote, byte for byte
    std::string problem;              // why it is not known which there are, for people; empty: these are all
  };
  // Waits for name servers. Safe from many threads.
  virtual Found look_up(const std::string& name) = 0;
};

// Asks the resolvers of the system. No search list, no aliases of the host, one time limit for all of it.
class DnsTxt final : public TxtRecords {
 public:
  struct Options {
    std::string servers = {};  // "ADDRESS:PORT,…" in place of the system's resolvers: for tests
    std::chrono::milliseconds time_limit{5000};
  };
  explicit DnsTxt(Options options) : options_(std::move(options)) {}

  Found look_up(const std::string& name) override;

 private:
  const Options options_;
};

}  // namespace segue::outbound
