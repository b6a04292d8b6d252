#include "app/data_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

#include "app/config.h"
#include "base/text.h"
#include "json/value.h"

namespace segue::app {
namespace fs = std::filesystem;

fs::path DataFolder::tenant_folder(std::string_view domain) const {
  const auto by_host = path_ / "tenants" / host_of(domain);
  if (!fs::exists(by_host)) return by_host;
  std::string name(domain);
  if (const auto colon = name.rfind(':'); colon != std::string::npos) name[colon] = '-';
  return path_ / "tenants" / name;
}

base::Result<std::string> DataFolder::database_url(const std::string& given) const {
  if (!given.empty()) return given;
  if (!fs::exists(database())) {
    return operator_error(path_.string() +
                          " has no segue.db: give the --database URL that `segue init` was given, or run `segue init --data " +
                          path_.string() + " --domain HOST` first");
  }
  return "sqlite:" + database().string();
}

base::Result<tenancy::KeyFile> DataFolder::read_key_file() const {
  if (!fs::exists(key_file())) {
    return operator_error("there is no key file " + key_file().string() +
                          ": run `segue init` first, copy the key file of the node that did, or restore it from your backup");
  }
  struct stat facts {};
  if (::stat(key_file().c_str(), &facts) == 0 && (facts.st_mode & S_IRWXO) != 0) {
    return operator_error(
        fmt::format("the key file {0} can be read by every user of this machine: chmod 600 {0}. If somebody may have read it, "
                    "replace the key with `segue key rotate` afterwards",
                    key_file().string()));
  }
  return tenancy::KeyFile::parse(TRY(read_file(key_file())), key_file().string());
}

namespace {

// The name of a renamed file is durable only then. A file system that cannot do it is left alone.
void sync_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

void write_file(const fs::path& path, std::string_view text, Access access) {
  auto temporary = path;
  temporary += ".new";
  const auto fail = [&](const char* what) {
    const std::error_code reason(errno, std::generic_category());
    ::unlink(temporary.c_str());
    throw fs::filesystem_error(what, path, reason);
  };
  ::unlink(temporary.c_str());
  const int descriptor =
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, access == Access::owner_only ? 0600 : 0644);
  if (descriptor < 0) fail("cannot create");
  for (std::string_view rest = text; !rest.empty();) {
    const auto written = ::write(descriptor, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int reason = errno;
      ::close(descriptor);
      errno = reason;
      fail("cannot write");
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  const bool synced = ::fsync(descriptor) == 0;
  if ((::close(descriptor) != 0) || !synced) fail("cannot write");
  if (::rename(temporary.c_str(), path.c_str()) != 0) fail("cannot rename to");
  sync_folder(path.parent_path());
}

base::Result<std::string> read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in) return operator_error("cannot read " + path.string());
  return std::move(text).str();
}

std::string host_of(std::string_view domain) {
  const auto colon = domain.rfind(':');
  if (domain.ends_with(']') || colon == std::string_view::npos) return std::string(domain);
  return std::string(domain.substr(0, colon));
}

base::Outcome issue_certificate(const DataFolder& folder, const std::vector<std::string>& domains, base::Instant now) {
  const crypto::IssuedCertificate authority{TRY(read_file(folder.authority())),
                                            crypto::Secret(TRY(read_file(folder.authority_key())))};
  std::vector<std::string> hosts;
  for (const auto& domain : domains) {
    if (auto host = host_of(domain); !base::contains(hosts, host)) hosts.push_back(std::move(host));
  }
  const auto issued = crypto::make_server_certificate(authority, hosts, now);
  write_file(folder.certificate_key(), issued.key_pem.reveal(), Access::owner_only);
  write_file(folder.certificate(), issued.certificate_pem, Access::everybody);
  return base::Unit{};
}

void write_management_client(const fs::path& path, const tenancy::ManagementClient& client) {
  const json::object document{{"domain", client.domain},
                              {"client_id", client.client_id},
                              {"client_secret", client.client_secret.reveal()},
                              {"audience", client.audience}};
  write_file(path, json::write(document) + "\n", Access::owner_only);
}

}  // namespace segue::app
