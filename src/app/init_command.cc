#include <sys/stat.h>

#include <cstdio>

#include "app/commands.h"
#include "app/config.h"
#include "app/open_instance.h"
#include "base/system_clock.h"
#include "crypto/system_random.h"
#include "sql/migrator.h"
#include "store/schema.h"
#include "store/tenants.h"

namespace segue::app {
namespace {
namespace fs = std::filesystem;

// Removes what a failed `init` left, and nothing that was there before it.
class Undo {
 public:
  explicit Undo(const DataFolder& folder) : folder_(folder), made_folder_(!fs::exists(folder.path())) {}
  ~Undo() {
    if (kept_) return;
    std::error_code ignored;
    for (auto path : files()) fs::remove(path, ignored);
    if (made_folder_) fs::remove(folder_.path(), ignored);
  }
  void keep() { kept_ = true; }
  bool made_folder() const { return made_folder_; }

 private:
  std::vector<fs::path> files() const {
    std::vector<fs::path> out{folder_.key_file(),    folder_.authority(),       folder_.authority_key(),
                              folder_.certificate(), folder_.certificate_key(), folder_.management_client()};
    for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
      auto path = folder_.database();
      path += suffix;
      out.push_back(path);
    }
    return out;
  }
  const DataFolder& folder_;
  const bool made_folder_;
  bool kept_ = false;
};

base::Outcome refuse_to_overwrite(const DataFolder& folder) {
  for (const auto& path :
       {folder.key_file(), folder.database(), folder.management_client(), folder.authority(), folder.certificate()}) {
    if (!fs::exists(path)) continue;
    // An empty file holds nothing that could be lost.
    if (fs::is_regular_file(path) && fs::file_size(path) == 0) continue;
    return operator_error("init refuses to overwrite " + path.string() +
                          ": choose another --data folder, or remove this one if nothing in it is needed");
  }
  return base::Unit{};
}

base::Outcome require_no_tenant(sql::Database& database) {
  bool empty = false;
  database.read([&](sql::Connection& connection) { empty = store::tenants::list_all(connection).empty(); });
  if (empty) return base::Unit{};
  return operator_error(
      "this database already has tenants: `segue tenant add` adds one; for a further node, copy the first node's --data folder "
      "instead of running init");
}

}  // namespace

base::Outcome init(const InitOptions& options) {
  const DataFolder folder(options.data);
  TRY(refuse_to_overwrite(folder));
  if (options.management_client_id.empty() != options.management_client_secret.empty()) {
    return operator_error("--management-client-id and --management-client-secret belong together: give both or none");
  }
  const base::SystemClock clock;
  crypto::SystemRandom random;
  const auto now = clock.now();

  Undo undo(folder);
  if (undo.made_folder()) {
    fs::create_directories(folder.path());
    fs::permissions(folder.path(), fs::perms::owner_all);
  }
  const auto key_file = tenancy::KeyFile::generate(random);
  write_file(folder.key_file(), key_file.text().reveal(), Access::owner_only);
  const auto authority = crypto::make_certificate_authority("Segue local authority for " + host_of(options.domain), now);
  write_file(folder.authority_key(), authority.key_pem.reveal(), Access::owner_only);
  write_file(folder.authority(), authority.certificate_pem, Access::everybody);
  TRY(issue_certificate(folder, {options.domain}, now));

  const auto url = options.database.empty() ? "sqlite:" + folder.database().string() : options.database;
  const auto database = sql::open_database(url);
  sql::migrate(*database, store::migrations());
  TRY(require_no_tenant(*database));
  base::IdGenerator ids(clock, 0, read_high_water(*database));
  store::Store store(*database, ids);
  const auto client = TRY(tenancy::create_tenant(store, key_file, random, now,
                                                 {.domain = options.domain,
                                                  .management_client_id = options.management_client_id,
                                                  .management_client_secret = options.management_client_secret}));
  // The tenant is committed; from here on nothing is taken back.
  undo.keep();
  write_management_client(folder.management_client(), client);
  std::printf("created https://%s in %s\nstart it with: segue serve --data %s%s\n", client.domain.c_str(), options.data.c_str(),
              options.data.c_str(), options.database.empty() ? "" : " --database URL");
  return base::Unit{};
}

}  // namespace segue::app
