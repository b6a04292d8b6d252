// Small MaxMind DB files, for tests of device binding by autonomous system and of what Actions are told.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace segue::test {

// Writes a GeoLite2-ASN file that knows these IPv4 networks ("192.0.2.0/24") and nothing else. Networks must not overlap.
void write_asn_file(const std::string& path, const std::vector<std::pair<std::string, std::uint32_t>>& networks);
// A GeoLite2-City file that knows the country of these networks ("US") and nothing else.
void write_city_file(const std::string& path, const std::vector<std::pair<std::string, std::string>>& networks);

}  // namespace segue::test
