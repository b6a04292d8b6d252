#include "sql/sqlite_lock_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "sql/connection.h"

namespace segue::sql {

SqliteLockFile::SqliteLockFile(const std::string& database_path) {
  const std::string path = database_path + ".lock";
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor_ < 0) {
    throw Unavailable("cannot create " + path + ": " + std::generic_category().message(errno) +
                      "; the folder must exist and be writable");
  }
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int reason = errno;
    ::close(descriptor_);
    if (reason == EWOULDBLOCK) {
      throw InUse("another process serves " + database_path + " (it holds " + path + "); stop it first, or use another database");
    }
    throw Unavailable("cannot lock " + path + ": " + std::generic_category().message(reason));
  }
}

// The file stays: removing it would let two processes lock two files of the same name.
SqliteLockFile::~SqliteLockFile() { ::close(descriptor_); }

}  // namespace segue::sql
