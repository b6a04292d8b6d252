// DIR of `--data`: which file is where, and writing them so that a crash leaves the old file or the new one.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/certificates.h"
#include "tenancy/key_file.h"
#include "tenancy/tenants.h"

namespace segue::app {

class DataFolder {
 public:
  explicit DataFolder(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path key_file() const { return path_ / "segue.key"; }
  std::filesystem::path database() const { return path_ / "segue.db"; }
  std::filesystem::path authority() const { return path_ / "ca.pem"; }
  std::filesystem::path authority_key() const { return path_ / "ca-key.pem"; }
  std::filesystem::path certificate() const { return path_ / "tls-certificate.pem"; }
  std::filesystem::path certificate_key() const { return path_ / "tls-key.pem"; }
  std::filesystem::path management_client() const { return path_ / "management-client.json"; }
  std::filesystem::path actions() const { return path_ / "actions"; }
  std::filesystem::path mail() const { return path_ / "mail"; }  // without a mail server
  // DIR/tenants/HOST, or HOST-PORT when another tenant has that host.
  std::filesystem::path tenant_folder(std::string_view domain) const;

  // `--database`, or the SQLite file in this folder. Refused when there is neither.
  base::Result<std::string> database_url(const std::string& given) const;
  base::Result<tenancy::KeyFile> read_key_file() const;

 private:
  std::filesystem::path path_;
};

enum class Access { owner_only, everybody };  // 0600, 0644
// Writes a file beside it and renames. Throws std::filesystem::filesystem_error.
void write_file(const std::filesystem::path& path, std::string_view text, Access access);
base::Result<std::string> read_file(const std::filesystem::path& path);

// The part of HOST[:PORT] before the port; an IPv6 address keeps its brackets.
std::string host_of(std::string_view domain);
// Issues the server certificate for these domains with the folder's authority.
base::Outcome issue_certificate(const DataFolder& folder, const std::vector<std::string>& domains, base::Instant now);
void write_management_client(const std::filesystem::path& path, const tenancy::ManagementClient& client);

}  // namespace segue::app
