#include "support/geo_file.h"

#include <array>
#include <fstream>
#include <stdexcept>

#include "http/caller_address.h"

namespace segue::test {
namespace {

// --- The data section: MaxMind DB File Format Specification 2.0, "Data Field Format". ---

std::string big_endian(std::uint64_t value, int bytes) {
  std::string out;
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xFF);
  return out;
}

// The size of what follows stays below 29, so one byte tells kind and size; kinds above 7 take a second byte.
std::string control(int kind, std::size_t size) {
  if (kind <= 7) return std::string(1, static_cast<char>(kind << 5 | static_cast<int>(size)));
  return {static_cast<char>(size), static_cast<char>(kind - 7)};
}

std::string text(std::string_view value) { return control(2, value.size()) + std::string(value); }
std::string uint16(std::uint64_t value) { return control(5, 2) + big_endian(value, 2); }
std::string uint32(std::uint64_t value) { return control(6, 4) + big_endian(value, 4); }
std::string uint64(std::uint64_t value) { return control(9, 8) + big_endian(value, 8); }
std::string map_of(std::size_t members) { return control(7, members); }
std::string empty_array() { return control(11, 0); }

std::string metadata(std::size_t nodes, std::string_view type) {
  return "\xAB\xCD\xEFMaxMind.com" + map_of(9) + text("node_count") + uint32(nodes) + text("record_size") + uint16(24) +
         text("ip_version") + uint16(4) + text("database_type") + text(type) + text("languages") + empty_array() +
         text("binary_format_major_version") + uint16(2) + text("binary_format_minor_version") + uint16(0) + text("build_epoch") +
         uint64(1'790'000'000) + text("description") + map_of(0);
}

// --- The search tree: one node per bit, two records each. ---

class Tree {
 public:
  void add(const http::Network& network, std::size_t data_offset) {
    std::size_t node = 0;
    for (int bit = 0; bit < network.prefix; ++bit) {
      const auto byte = static_cast<unsigned char>(network.bytes[static_cast<std::size_t>(bit / 8)]);
      const std::size_t side = byte >> (7 - bit % 8) & 1;
      if (bit + 1 == network.prefix) {
        nodes_[node][side] = {.kind = Record::data, .target = data_offset};
      } else if (nodes_[node][side].kind != Record::node) {
        nodes_[node][side] = {.kind = Record::node, .target = nodes_.size()};
        nodes_.push_back({});
        node = nodes_.size() - 1;
      } else {
        node = nodes_[node][side].target;
      }
    }
  }
  std::size_t size() const { return nodes_.size(); }
  std::string bytes() const {
    constexpr std::size_t kSeparator = 16;
    std::string out;
    for (const auto& node : nodes_) {
      for (const auto& record : node) {
        // The number of nodes itself means: not found.
        const auto value = record.kind == Record::data   ? nodes_.size() + kSeparator + record.target
                           : record.kind == Record::node ? record.target
                                                         : nodes_.size();
        out += big_endian(value, 3);
      }
    }
    return out + std::string(kSeparator, '\0');
  }

 private:
  struct Record {
    enum Kind { nothing, node, data } kind = nothing;
    std::size_t target = 0;
  };
  std::vector<std::array<Record, 2>> nodes_{1};
};

// `data_of` is the record of one network's value.
template <class Value, class DataOf>
void write_file(const std::string& path, const std::vector<std::pair<std::string, Value>>& networks, std::string_view type,
                DataOf data_of) {
  Tree tree;
  std::string data;
  for (const auto& [network, value] : networks) {
    const auto parsed = http::Network::parse(network);
    if (!parsed.ok() || parsed->bytes.size() != 4) throw std::runtime_error("not an IPv4 network: " + network);
    tree.add(*parsed, data.size());
    data += data_of(value);
  }
  std::ofstream out(path, std::ios::binary);
  out << tree.bytes() << data << metadata(tree.size(), type);
  if (!out.flush()) throw std::runtime_error("cannot write " + path);
}

}  // namespace

void write_asn_file(const std::string& path, const std::vector<std::pair<std::string, std::uint32_t>>& networks) {
  write_file(path, networks, "GeoLite2-ASN",
             [](std::uint32_t number) { return map_of(1) + text("autonomous_system_number") + uint32(number); });
}

void write_city_file(const std::string& path, const std::vector<std::pair<std::string, std::string>>& networks) {
  write_file(path, networks, "GeoLite2-City", [](const std::string& country) {
    return map_of(1) + text("country") + map_of(1) + text("iso_code") + text(country);
  });
}

}  // namespace segue::test
