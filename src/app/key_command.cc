// `segue key rotate`: a new key for the key file. What is sealed with the old key opens throughout, for the file holds both until
// everything is sealed with the new one; a command that was stopped is simply run again.
//
//   prepare   the file gets a new key that opens and does not seal yet
//   switch    the new key seals; everything stored is sealed with it; the old key still opens
//   finish    what was sealed with the old key meanwhile is sealed with the new one; the old key is gone
//
// Nodes that run have the file in memory: between two steps it is copied to every node and each takes it in at SIGHUP, so that
// none meets a value that it cannot open. Without running nodes one command does all three.
#include <algorithm>
#include <cstdio>

#include "app/commands.h"
#include "app/config.h"
#include "app/open_instance.h"
#include "base/system_clock.h"
#include "crypto/system_random.h"
#include "store/tenants.h"
#include "tenancy/rewrap.h"

namespace segue::app {
namespace {

using Stage = tenancy::KeyFile::Stage;

class KeyRotation {
 public:
  explicit KeyRotation(const KeyRotationOptions& options) : folder_(options.data), database_url_(options.database) {}

  base::Outcome run(const std::string& step) {
    auto instance = TRY(open_instance(folder_, database_url_));
    key_file_ = instance.key_file;
    // Before anything is written: this file belongs to this database.
    TRY(tenancy::check_opens(*instance.database, *key_file_));
    if (step.empty()) {
      TRY(require_no_running_node(*instance.database));
      return run_all(*instance.database);
    }
    if (step == "prepare") return run_prepare();
    if (step == "switch") return run_switch(*instance.database);
    if (step == "finish") return run_finish(*instance.database);
    return operator_error("--step is prepare, switch or finish; it was \"" + step + "\"");
  }

 private:
  base::Outcome run_all(sql::Database& database) {
    if (key_file_->stage() == Stage::single) advance();
    if (key_file_->stage() == Stage::prepared) advance();
    TRY(seal_everything(database));
    advance();
    std::printf(
        "%s holds a new key only; copy it to every other node before you start it, and keep the old file with the backups "
        "that were made before\n",
        folder_.key_file().c_str());
    return base::Unit{};
  }
  base::Outcome run_prepare() {
    if (key_file_->stage() != Stage::single) return wrong_step();
    advance();
    return say_next("switch");
  }
  // Again after it was stopped, too.
  base::Outcome run_switch(sql::Database& database) {
    if (key_file_->stage() == Stage::single) return wrong_step();
    if (key_file_->stage() == Stage::prepared) advance();
    TRY(seal_everything(database));
    return say_next("finish");
  }
  base::Outcome run_finish(sql::Database& database) {
    if (key_file_->stage() != Stage::switched) return wrong_step();
    TRY(seal_everything(database));
    advance();
    std::printf("%s holds the new key only; copy it to every node and send each SIGHUP\n", folder_.key_file().c_str());
    return base::Unit{};
  }

  void advance() {
    key_file_ = key_file_->advanced(random_);
    write_file(folder_.key_file(), key_file_->text().reveal(), Access::owner_only);
  }
  base::Outcome seal_everything(sql::Database& database) {
    const base::SystemClock clock;
    base::IdGenerator ids(clock, 0, read_high_water(database));  // makes no id: values are replaced in place
    store::Store store(database, ids);
    std::printf("sealed %d value(s) with the new key\n", TRY(tenancy::rewrap(store, *key_file_, random_)));
    return base::Unit{};
  }
  base::Outcome say_next(const char* step) const {
    std::printf(
        "now copy %s to every node, send each SIGHUP, see \"reloaded\" in its log, and run `segue key rotate --step %s`\n",
        folder_.key_file().c_str(), step);
    return base::Unit{};
  }
  base::Outcome wrong_step() const {
    switch (key_file_->stage()) {
      case Stage::single: return operator_error("no rotation is under way: begin with --step prepare");
      case Stage::prepared: return operator_error("a rotation is under way: go on with --step switch");
      case Stage::switched: break;
    }
    return operator_error("a rotation is under way: go on with --step finish");
  }
  // A node that does not know the new key could not open what is sealed with it. On SQLite this process holds the database alone.
  static base::Outcome require_no_running_node(sql::Database& database) {
    if (database.engine() == sql::Engine::sqlite) return base::Unit{};
    int running = 0;
    database.read([&](sql::Connection& connection) {
      const auto now = std::max(base::SystemClock().now(), store::database_state::high_water(connection));
      running = store::database_state::count_nodes(connection, now);
    });
    if (running == 0) return base::Unit{};
    return operator_error(
        std::to_string(running) +
        " node(s) run on this database, or ended without a goodbye less than a minute ago: stop them, or rotate "
        "in steps with --step prepare, --step switch and --step finish");
  }

  const DataFolder folder_;
  const std::string database_url_;
  crypto::SystemRandom random_;
  std::optional<tenancy::KeyFile> key_file_;
};

}  // namespace

base::Outcome rotate_key(const KeyRotationOptions& options) { return KeyRotation(options).run(options.step); }

}  // namespace segue::app
