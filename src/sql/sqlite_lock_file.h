// PATH.lock: one process serves a SQLite database, because group commit and the settings snapshots assume a single writer.
#pragma once
#include <string>

namespace segue::sql {

class SqliteLockFile {
 public:
  // Throws Unavailable when another process (or another Database of this one) holds it.
  explicit SqliteLockFile(const std::string& database_path);
  ~SqliteLockFile();
  SqliteLockFile(const SqliteLockFile&) = delete;
  SqliteLockFile& operator=(const SqliteLockFile&) = delete;

 private:
  int descriptor_;
};

}  // namespace segue::sql
