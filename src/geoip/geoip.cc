#include "geoip/geoip.h"

#include <maxminddb.h>

#include <mutex>
#include <shared_mutex>

namespace segue::geoip {
namespace {

class Database {
 public:
  static std::shared_ptr<const Database> open(const std::string& path, std::string& problem) {
    auto made = std::make_shared<Database>();
    if (const int status = MMDB_open(path.c_str(), MMDB_MODE_MMAP, &made->db_); status != MMDB_SUCCESS) {
      problem = path + ": " + MMDB_strerror(status);
      return nullptr;
    }
    made->open_ = true;
    return made;
  }
  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() {
    if (open_) MMDB_close(&db_);
  }

  std::optional<MMDB_lookup_result_s> find(std::string_view address) const {
    int address_problem = 0, problem = 0;
    const auto found = MMDB_lookup_string(&db_, std::string(address).c_str(), &address_problem, &problem);
    if (address_problem != 0 || problem != MMDB_SUCCESS || !found.found_entry) return std::nullopt;
    return found;
  }

 private:
  MMDB_s db_{};
  bool open_ = false;
};

template <class... Path>
std::optional<MMDB_entry_data_s> value_at(MMDB_lookup_result_s& found, Path... path) {
  MMDB_entry_data_s data{};
  if (MMDB_get_value(&found.entry, &data, path..., nullptr) != MMDB_SUCCESS || !data.has_data) return std::nullopt;
  return data;
}

template <class... Path>
void copy_text(MMDB_lookup_result_s& found, json::object& to, const char* name, Path... path) {
  if (const auto data = value_at(found, path...); data && data->type == MMDB_DATA_TYPE_UTF8_STRING) {
    to[name] = std::string_view(data->utf8_string, data->data_size);
  }
}

template <class... Path>
void copy_number(MMDB_lookup_result_s& found, json::object& to, const char* name, Path... path) {
  if (const auto data = value_at(found, path...); data && data->type == MMDB_DATA_TYPE_DOUBLE) to[name] = data->double_value;
}

}  // namespace

struct GeoIp::Impl {
  mutable std::shared_mutex mutex;
  std::shared_ptr<const Database> city, asn;

  std::shared_ptr<const Database> get(std::shared_ptr<const Database> Impl::*which) const {
    const std::shared_lock lock(mutex);
    return this->*which;
  }
};

GeoIp::GeoIp() : impl_(std::make_unique<Impl>()) {}
GeoIp::~GeoIp() = default;

std::string GeoIp::reload(const Files& files) {
  std::string problems;
  const auto load = [&](const std::string& path, std::shared_ptr<const Database> Impl::*which) {
    std::string problem;
    auto opened = path.empty() ? nullptr : Database::open(path, problem);
    if (!problem.empty()) {
      problems += (problems.empty() ? "" : "; ") + problem;
      return;
    }
    const std::unique_lock lock(impl_->mutex);
    impl_.get()->*which = std::move(opened);
  };
  load(files.city, &Impl::city);
  load(files.asn, &Impl::asn);
  return problems;
}

bool GeoIp::has_asn() const { return impl_->get(&Impl::asn) != nullptr; }
bool GeoIp::has_city() const { return impl_->get(&Impl::city) != nullptr; }

std::optional<std::int64_t> GeoIp::asn(std::string_view address) const {
  const auto database = impl_->get(&Impl::asn);
  auto found = database ? database->find(address) : std::nullopt;
  if (!found) return std::nullopt;
  const auto number = value_at(*found, "autonomous_system_number");
  if (!number || number->type != MMDB_DATA_TYPE_UINT32) return std::nullopt;
  return number->uint32;
}

json::object GeoIp::place(std::string_view address) const {
  json::object out;
  const auto database = impl_->get(&Impl::city);
  auto found = database ? database->find(address) : std::nullopt;
  if (!found) return out;
  copy_text(*found, out, "cityName", "city", "names", "en");
  copy_text(*found, out, "continentCode", "continent", "code");
  copy_text(*found, out, "countryCode", "country", "iso_code");
  copy_text(*found, out, "countryName", "country", "names", "en");
  copy_number(*found, out, "latitude", "location", "latitude");
  copy_number(*found, out, "longitude", "location", "longitude");
  copy_text(*found, out, "subdivisionCode", "subdivisions", "0", "iso_code");
  copy_text(*found, out, "subdivisionName", "subdivisions", "0", "names", "en");
  copy_text(*found, out, "timeZone", "location", "time_zone");
  return out;
}

}  // namespace segue::geoip
