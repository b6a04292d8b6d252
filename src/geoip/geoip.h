// Where an address is and which autonomous system announces it, from MaxMind DB files.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "json/value.h"

namespace segue::geoip {

struct Files {
  std::string city, asn;  // paths; empty: not loaded
};

// Safe to use from many threads, during reload() too.
class GeoIp {
 public:
  GeoIp();
  ~GeoIp();
  // Opens the files anew. A file that cannot be read leaves the one loaded before; the text says which and why (empty: all done).
  std::string reload(const Files& files);
  bool has_asn() const;
  bool has_city() const;
  // Nothing when no database is loaded or it does not know the address: unknown denies (design §8.8).
  std::optional<std::int64_t> asn(std::string_view address) const;
  // contract §1.15: cityName, continentCode, countryCode, countryName, latitude, longitude, subdivisionCode, subdivisionName,
  // timeZone.
  json::object place(std::string_view address) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace segue::geoip
