// Moves what the database holds sealed from one key of the key file to another. Safe to stop at any moment and to begin again:
// until the file gives the old key up, both open.
#pragma once
#include "store/store.h"
#include "tenancy/key_file.h"

namespace segue::tenancy {

// Seals every value of every tenant that the key file's sealing key does not open, one transaction for each tenant. Returns how
// many there were. Refuses, and leaves the rest as it is, when a value opens with no key of the file.
base::Result<int> rewrap(store::Store& store, const KeyFile& key_file, base::Random& random);

// Whether the key file opens the keys of every tenant. Reads only what every schema version has.
base::Outcome check_opens(sql::Database& database, const KeyFile& key_file);

}  // namespace segue::tenancy
